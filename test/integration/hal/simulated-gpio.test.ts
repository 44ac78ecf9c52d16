import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { readJsonLines } from "../../../src/core/json-lines.ts";
import { systemTimers } from "../../../src/core/timers.ts";
import type { GpioLines, LineEdge } from "../../../src/hal/api.ts";
import { type ChipObserver, observeChip } from "../../../src/hal/gpio/simulated-observer.ts";
import { gpioConfig, openGpio } from "../../../src/hal/gpio/table.ts";
import { type GpioChipServer, serveGpioChip } from "../../../src/simulation/gpio-chip-server.ts";
import { temporaryFolder } from "../../support/processes.ts";

describe("the simulated driver on a simulated chip", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let socketPath: string;
  let server: GpioChipServer;
  let observer: ChipObserver;
  const open: GpioLines[] = [];

  const config = (activeLow = false) =>
    gpioConfig.parse({
      driver: "simulated",
      socketPath,
      outputs: { strike: { line: 0, activeLow }, alarm: { line: 4 } },
      inputs: { contact: { line: 1, activeLow } },
    });
  const openLines = async (activeLow = false) => {
    const edges: LineEdge[] = [];
    const lost: string[] = [];
    const events = { onEdge: (edge: LineEdge) => edges.push(edge), onLost: (reason: string) => lost.push(reason) };
    const lines = await openGpio(config(activeLow), events, { timers: systemTimers });
    open.push(lines);
    return { lines, edges, lost };
  };

  beforeEach(async () => {
    folder = temporaryFolder();
    socketPath = join(folder.path, "chip.sock");
    server = await serveGpioChip({ socketPath, lines: 8, clock: systemClock });
    observer = await observeChip(socketPath);
  });
  afterEach(async () => {
    for (const lines of open.splice(0)) await lines.close().catch(() => {});
    await observer.close();
    await server.stop();
    folder.remove();
  });

  it("opens with every output inactive and an active-low relay at rest", async () => {
    const { lines } = await openLines(true);
    expect(await lines.readOutput("strike")).toBe(false);
    expect((await observer.record()).filter(({ line }) => line === 0)).toMatchObject([{ level: 1, isActive: false }]);
  });

  it("sets, reads back, and gives the lines back inactive when closed, once", async () => {
    const { lines, lost } = await openLines();
    await lines.setOutput("strike", true);
    expect(await lines.readOutput("strike")).toBe(true);
    await lines.close();
    await lines.close();
    expect((await observer.record()).map(({ isActive, cause }) => [isActive, cause])).toEqual([
      [true, "set"],
      [false, "set"],
    ]);
    expect(lost).toEqual([]);
    await expect(lines.setOutput("strike", true)).rejects.toThrow("closed");
  });

  it("keeps the order of calls that do not wait for each other", async () => {
    const { lines } = await openLines();
    const sets = [true, false, true, false].map((isActive) => lines.setOutput("strike", isActive));
    await Promise.all(sets);
    expect((await observer.record()).map(({ isActive }) => isActive)).toEqual([true, false, true, false]);
  });

  it("reports edges of inputs with polarity and the chip's stamp", async () => {
    const { lines, edges } = await openLines(true);
    const beforeMs = systemClock.nowMs();
    expect(await lines.readInput("contact")).toBe(true);
    await observer.drive(1, 1);
    await observer.drive(1, 0);
    await expect.poll(() => edges.map(({ isActive }) => isActive)).toEqual([false, true]);
    expect(edges[0]?.atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(edges[0]?.atMs).toBeLessThanOrEqual(systemClock.nowMs());
  });

  it("refuses lines that somebody owns, and leaves none taken behind", async () => {
    const first = await openLines();
    await first.lines.setOutput("strike", true);
    await expect(openLines()).rejects.toMatchObject({ code: "LINTEL_E_GPIO" });
    expect(await first.lines.readOutput("strike")).toBe(true);
    await first.lines.close();
    await openLines();
  });

  it("does not know lines that are not configured", async () => {
    const { lines } = await openLines();
    await expect(lines.readInput("tamper")).rejects.toThrow("not configured");
  });

  it("says once that the chip is lost, and rejects what waits and what comes", async () => {
    const { lines, lost } = await openLines();
    await server.stop();
    await expect.poll(() => lost).toHaveLength(1);
    await expect(lines.setOutput("strike", true)).rejects.toMatchObject({ code: "LINTEL_E_GPIO" });
    server = await serveGpioChip({ socketPath: join(folder.path, "b.sock"), lines: 1, clock: systemClock });
  });

  it("takes a chip that does not answer for lost", async () => {
    const path = join(folder.path, "mute.sock");
    const mute = createServer(() => {}).listen(path);
    const mutedConfig = gpioConfig.parse({ driver: "simulated", socketPath: path, outputs: { strike: { line: 0 } } });
    const opening = openGpio(mutedConfig, { onEdge: () => {}, onLost: () => {} }, { timers: systemTimers });
    await expect(opening).rejects.toThrow("does not answer");
    mute.close();
  });

  it("names the socket when nobody listens there", async () => {
    const path = join(folder.path, "nobody.sock");
    const absent = gpioConfig.parse({ driver: "simulated", socketPath: path, outputs: { strike: { line: 0 } } });
    await expect(
      openGpio(absent, { onEdge: () => {}, onLost: () => {} }, { timers: systemTimers }),
    ).rejects.toMatchObject({ code: "LINTEL_E_GPIO", message: expect.stringContaining(path) });
  });

  it("releases the strike when the connection breaks without a word", async () => {
    const socket = connect(socketPath);
    const answers: unknown[] = [];
    readJsonLines(socket, 1e6, { onMessage: (said) => answers.push(said), onBadLine: () => {}, onClose: () => {} });
    const ask = (message: object) => socket.write(`${JSON.stringify(message)}\n`);
    ask({ type: "request", id: 1, line: 0, direction: "output", activeLow: false, consumer: "raw" });
    ask({ type: "set", id: 2, line: 0, isActive: true });
    await observer.waitFor(({ isActive }) => isActive, 2000);
    socket.destroy();
    expect(await observer.waitFor(({ isActive }) => !isActive, 2000)).toMatchObject({ cause: "released" });
  });

  it.each([
    "not json",
    "{}",
    '{"type":"set","id":5,"line":0,"isActive":"yes"}',
    '{"type":"request","id":-1,"line":0}',
    "[]",
    "null",
  ])("answers %s with an error and goes on", async (line) => {
    const socket = connect(socketPath);
    const answers: unknown[] = [];
    readJsonLines(socket, 1e6, { onMessage: (said) => answers.push(said), onBadLine: () => {}, onClose: () => {} });
    socket.write(`${line}\n{"type":"watch","id":9}\n`);
    await expect
      .poll(() => answers)
      .toMatchObject([
        { type: "error", reason: "malformed" },
        { type: "ok", id: 9 },
      ]);
    socket.destroy();
  });

  it("replaces a socket file that a dead chip left, but not a living chip", async () => {
    const path = join(folder.path, "stale.sock");
    writeFileSync(path, "");
    const again = await serveGpioChip({ socketPath: path, lines: 1, clock: systemClock });
    await expect(serveGpioChip({ socketPath: path, lines: 1, clock: systemClock })).rejects.toMatchObject({
      code: "LINTEL_E_GPIO",
    });
    await again.stop();
  });
});
