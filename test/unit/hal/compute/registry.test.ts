import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { ComputeDriver, Presence } from "../../../../src/hal/compute/driver.ts";
import type { EngineChoice } from "../../../../src/hal/compute/drivers.ts";
import { openEngine } from "../../../../src/hal/compute/registry.ts";
import type { Engine } from "../../../../src/pipeline/engine.ts";
import { capturedLog } from "../../../support/captured-log.ts";

const source = { load: () => Promise.reject(new Error("no network is wanted here")) };

function engineOf(name: string, device: string): Engine & { closed: number } {
  return {
    name,
    device,
    closed: 0,
    open: () => Promise.reject(new LintelError("LINTEL_E_MODEL", "no network is wanted here")),
    async close() {
      this.closed += 1;
    },
  };
}

/** A driver whose device is as `presence` says. */
function driver(id: `${"onnx" | "tfjs"}/${string}`, presence: Presence, open?: ComputeDriver["open"]): ComputeDriver {
  const [engine, device = ""] = id.split("/");
  return {
    engine: engine === "tfjs" ? "tfjs" : "onnx",
    device,
    look: async () => presence,
    open: open ?? (async () => engineOf(engine ?? "", device)),
  };
}

const here: Presence = { isPresent: true };
const missing: Presence = {
  isPresent: false,
  problem: new LintelError("LINTEL_E_HARDWARE", "no such device", { hint: "Plug one in." }),
};
const software: Presence = { isPresent: true, adapter: "llvmpipe", isSoftware: true };

async function open(
  device: string,
  drivers: readonly ComputeDriver[],
  { engine = "auto", notesPrefix }: { engine?: EngineChoice; notesPrefix?: string } = {},
): Promise<{ engine: string; lines: string[] }> {
  const { logger, lines } = capturedLog();
  const opened = await openEngine({
    ...{ engine, device, drivers, threads: 1, source, logger },
    ...(notesPrefix === undefined ? {} : { notesPrefix }),
  });
  await opened.close();
  const told = lines.filter(({ level }) => level === "warn" || level === "info");
  return {
    engine: `${opened.name}/${opened.device}`,
    lines: told.map(({ level, message, fields }) =>
      `${level} ${message} ${fields.device} ${fields.reason ?? ""}`.trim(),
    ),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("openEngine", () => {
  it.each([
    ["auto", "auto", "onnx/cpu"],
    ["auto", "cpu", "onnx/cpu"],
    ["onnx", "auto", "onnx/cpu"],
    ["onnx", "cpu", "onnx/cpu"],
  ] as const)("engine %s on device %s is %s where there is no graphics processor", async (engine, device, id) => {
    const drivers = ["onnx/cuda", "onnx/webgpu", "tfjs/node-gpu"] as const;
    const opened = await open(device, [...drivers.map((each) => driver(each, missing)), driver("onnx/cpu", here)], {
      engine,
    });
    expect(opened).toEqual({ engine: id, lines: ["info compute engine cpu"] });
  });

  it("loads nothing before a network is wanted", async () => {
    const opened = await openEngine({ engine: "onnx", device: "cpu", threads: 1, source, logger: silentLogger });
    await expect(opened.open("dlib")).rejects.toThrow("no network is wanted here");
    await opened.close();
  });

  it("auto never takes a software Vulkan, and does not complain of it", async () => {
    const drivers = [driver("onnx/webgpu", software), driver("onnx/cpu", here)];
    expect(await open("auto", drivers)).toEqual({ engine: "onnx/cpu", lines: ["info compute engine cpu"] });
  });

  it("a software Vulkan that is named is taken, and said to be slow", async () => {
    const opened = await open("webgpu", [driver("onnx/webgpu", software), driver("onnx/cpu", here)]);
    expect(opened.engine).toBe("onnx/webgpu");
    expect(opened.lines[0]).toBe("warn compute device is software, far slower than the processor itself onnx/webgpu");
  });

  it("a device that is named and missing in one engine is used in the other", async () => {
    const drivers = [driver("onnx/webgpu", missing), driver("tfjs/webgpu", here), driver("onnx/cpu", here)];
    expect((await open("webgpu", drivers)).engine).toBe("tfjs/webgpu");
  });

  it("what somebody installed and does not start is told of in one line, what nobody installed is not", async () => {
    const broken = () => Promise.reject(new LintelError("LINTEL_E_HARDWARE", "it is installed and does not start"));
    const drivers = [driver("tfjs/node-gpu", here, broken), driver("onnx/webgpu", missing), driver("onnx/cpu", here)];
    expect((await open("auto", drivers)).lines).toEqual([
      "warn compute device left out tfjs/node-gpu it is installed and does not start",
      "info compute engine cpu",
    ]);
    await expect(open("node-gpu", drivers)).rejects.toMatchObject({
      code: "LINTEL_E_HARDWARE",
      message: "compute.device: node-gpu: it is installed and does not start",
    });
  });

  it("a device that is named and missing is an error with what to do, whatever else there is", async () => {
    const drivers = [driver("onnx/cuda", missing), driver("onnx/cpu", here)];
    await expect(open("cuda", drivers)).rejects.toMatchObject({
      code: "LINTEL_E_HARDWARE",
      exit: 69,
      message: "compute.device: cuda: no such device",
      hint: "Plug one in.",
    });
  });

  it("a device that cannot open its networks is left out and closed", async () => {
    const engine = engineOf("onnx", "webgpu");
    const drivers = [driver("onnx/webgpu", here, async () => engine), driver("onnx/cpu", here)];
    expect(await open("auto", drivers)).toEqual({
      engine: "onnx/cpu",
      lines: ["warn compute device left out onnx/webgpu no network is wanted here", "info compute engine cpu"],
    });
    expect(engine.closed).toBe(1);
  });

  it("a device that does not answer is left out after half a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stuck = driver("onnx/webgpu", here, () => new Promise(() => {}));
    const opening = open("auto", [stuck, driver("onnx/cpu", here)]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await opening).lines[0]).toBe("warn compute device left out onnx/webgpu no answer within 30 s");
  });

  describe("a driver that takes the process down with it", () => {
    let notesDirectory: string;
    beforeEach(async () => {
      notesDirectory = await mkdtemp(join(tmpdir(), "lintel-trials-"));
    });
    afterEach(() => rm(notesDirectory, { recursive: true }));
    const notesPrefix = () => join(notesDirectory, "door");

    /** What the death of the process leaves: the notes as they were in the midst of the trial. */
    const dying = (): ComputeDriver =>
      driver("onnx/webgpu", here, async () => {
        const notes = await readdir(notesDirectory);
        const left = await Promise.all(notes.map((name) => readFile(join(notesDirectory, name), "utf8")));
        afterDeath = () => Promise.all(notes.map((name, n) => writeFile(join(notesDirectory, name), left[n] ?? "")));
        return engineOf("onnx", "webgpu");
      });
    let afterDeath: () => Promise<unknown>;

    it("is tried once more, for it may have been a power cut, and then left alone until its note is deleted", async () => {
      for (let start = 0; start < 2; start++) {
        const { lines } = await open("auto", [dying(), driver("onnx/cpu", here)], { notesPrefix: notesPrefix() });
        expect(lines[0]).toContain("no network is wanted here");
        await afterDeath();
      }
      const note = join(notesDirectory, "door-onnx-webgpu.trial");
      for (let start = 0; start < 3; start++) {
        const never = driver("onnx/webgpu", here, () => Promise.reject(new Error("was opened")));
        const { engine, lines } = await open("auto", [never, driver("onnx/cpu", here)], { notesPrefix: notesPrefix() });
        expect(engine).toBe("onnx/cpu");
        expect(lines[0]).toContain(`the process died 2 times while it was tried; delete ${note} to try again`);
      }
      await rm(note);
      const { lines } = await open("auto", [dying(), driver("onnx/cpu", here)], { notesPrefix: notesPrefix() });
      expect(lines[0]).toContain("no network is wanted here");
    });

    it("leaves no note where the process lives on", async () => {
      await open("auto", [driver("onnx/webgpu", here), driver("onnx/cpu", here)], { notesPrefix: notesPrefix() });
      expect(await readdir(notesDirectory)).toEqual([]);
    });

    it("is tried all the same where nothing can be written", async () => {
      const drivers = [driver("onnx/webgpu", here), driver("onnx/cpu", here)];
      const { engine } = await open("auto", drivers, { notesPrefix: "/proc/nowhere/door" });
      expect(engine).toBe("onnx/cpu");
    });
  });
});
