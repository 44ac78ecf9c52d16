import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GpioLines, LineEdge } from "../../../src/hal/api.ts";
import { cdevGpioConfig, openCdevGpio } from "../../../src/hal/gpio/cdev.ts";
import { ByteKernel } from "../../support/byte-kernel.ts";
import { temporaryFolder } from "../../support/processes.ts";

describe("the character device", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let kernel: ByteKernel;
  const edges: LineEdge[] = [];
  const lost: string[] = [];
  const opened: GpioLines[] = [];

  const open = async (gpio: object) => {
    const config = cdevGpioConfig.parse({ driver: "cdev", ...gpio });
    const events = { onEdge: (edge: LineEdge) => edges.push(edge), onLost: (reason: string) => lost.push(reason) };
    const lines = await openCdevGpio(config, events, { linux: await kernel.linux(), deviceFolder: folder.path });
    opened.push(lines);
    return lines;
  };
  const strike = { outputs: { strike: { line: "relay" } } };

  beforeEach(() => {
    folder = temporaryFolder();
    kernel = new ByteKernel(folder.path);
    kernel.addChip("gpiochip0", "soc", ["relay", "reed", "", ""]);
    kernel.addChip("gpiochip1", "expander", ["other", "twice", "button"]);
    edges.length = 0;
    lost.length = 0;
  });
  afterEach(async () => {
    for (const lines of opened.splice(0)) await lines.close().catch(() => {});
    kernel.stop();
    folder.remove();
  });

  it("finds lines by their names on whatever chip they are", async () => {
    await open({ ...strike, inputs: { requestToExit: { line: "button" } } });
    expect([kernel.isOwned("relay"), kernel.isOwned("button"), kernel.isOwned("other")]).toEqual([true, true, false]);
  });

  it.each(["expander", "gpiochip1"])("takes an offset on the chip %s alone", async (chip) => {
    await open({ chip, outputs: { strike: { line: 0 } } });
    expect([kernel.isOwned("relay"), kernel.isOwned("other")]).toEqual([false, true]);
  });

  it("takes an offset on a chip by its path", async () => {
    await open({ chip: join(folder.path, "gpiochip1"), outputs: { strike: { line: 0 } } });
    expect(kernel.isOwned("other")).toBe(true);
  });

  it.each([
    ["a chip that is not there", { chip: "nothing", ...strike }, "no GPIO chip is called nothing"],
    ["a line that is not there", { outputs: { strike: { line: "gate" } } }, "no line gate on soc (4 lines), expander"],
    ["an offset beyond the chip", { chip: "soc", outputs: { strike: { line: 4 } } }, "no line 4 on soc"],
    ["an offset that two chips have", { outputs: { strike: { line: 0 } } }, "line 0 is there more than once"],
  ])("refuses %s, and says what is there", async (_name, gpio, message) => {
    await expect(open(gpio)).rejects.toMatchObject({
      code: "LINTEL_E_GPIO",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
    expect(kernel.isOwned("relay")).toBe(false);
  });

  it("refuses a name that two chips have", async () => {
    kernel.addChip("gpiochip2", "third", ["twice"]);
    await expect(open({ outputs: { strike: { line: "twice" } } })).rejects.toThrow("more than once");
  });

  it("names the owner of a line that is taken, and gives back what it took before", async () => {
    const first = await open({ outputs: { strike: { line: "relay" } } });
    const both = { outputs: { strike: { line: "other" }, alarm: { line: "relay" } } };
    await expect(open(both)).rejects.toThrow("held by lintel-strike, is owned by somebody else");
    expect(kernel.isOwned("other")).toBe(false);
    await first.close();
    await open(both);
  });

  it("never lets an active-low relay click while it is opened and closed", async () => {
    const lines = await open({ outputs: { strike: { line: "relay", activeLow: true } } });
    await lines.close();
    // The chip was low before anybody owned the line; from the request on it rests high.
    expect(kernel.history).toEqual([{ line: "relay", level: 1 }]);
  });

  it("leaves the bounce to the kernel, and says of which inputs", async () => {
    const inputs = { contact: { line: "reed", debounceMs: 30 }, requestToExit: { line: "button", debounceMs: 0 } };
    const lines = await open({ ...strike, inputs });
    expect(kernel.debounceUs).toEqual(new Map([["reed", 30_000]]));
    expect([...(lines.debouncedInputs ?? [])]).toEqual(["contact"]);
  });

  it("passes a burst on whole, with the kernel's stamps, and ends with the level as it is", async () => {
    await open({ ...strike, inputs: { contact: { line: "reed", debounceMs: 0 } } });
    for (let index = 0; index < 11; index++)
      kernel.drive("reed", index % 2 === 0 ? 1 : 0, BigInt(index + 1) * 1_000_000n);
    await expect.poll(() => edges).toHaveLength(11);
    expect(edges.map(({ atMs }) => atMs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(edges.at(-1)).toEqual({ line: "contact", isActive: true, atMs: 11 });
  });

  it("adds the level as it is when the last edge of a burst says something else", async () => {
    await open({ ...strike, inputs: { contact: { line: "reed", debounceMs: 0 } } });
    kernel.tell("reed", true, 5_000_000n);
    await expect
      .poll(() => edges)
      .toEqual([
        { line: "contact", isActive: true, atMs: 5 },
        { line: "contact", isActive: false, atMs: 5 },
      ]);
  });

  it("says once that the chip is gone, and believes nothing any more", async () => {
    const inputs = { contact: { line: "reed" }, requestToExit: { line: "button" } };
    const lines = await open({ ...strike, inputs });
    kernel.unplug();
    await expect.poll(() => lost).toHaveLength(1);
    await expect(lines.readOutput("strike")).rejects.toMatchObject({
      code: "LINTEL_E_GPIO",
      message: "the lines are lost",
    });
    await lines.close();
    expect(lost).toHaveLength(1);
  });

  it("explains a device that may not be used", async () => {
    kernel.failNext = 13;
    await expect(open(strike)).rejects.toMatchObject({ hint: expect.stringContaining("group gpio") });
  });

  it("says that a machine without chips has none", async () => {
    const empty = temporaryFolder();
    const config = cdevGpioConfig.parse({ driver: "cdev", ...strike });
    const opening = openCdevGpio(config, { onEdge: () => {}, onLost: () => {} }, { deviceFolder: empty.path });
    await expect(opening).rejects.toThrow("this machine has no GPIO chip");
    empty.remove();
  });

  it("refuses, through the real system call, a device that is no GPIO chip", async () => {
    const config = cdevGpioConfig.parse({ driver: "cdev", ...strike });
    const opening = openCdevGpio(config, { onEdge: () => {}, onLost: () => {} }, { deviceFolder: folder.path });
    await expect(opening).rejects.toThrow("does not speak the GPIO interface");
  });
});
