import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { CodedRows, type ScanJob } from "../../../../src/pipeline/matching/coded/coded-rows.ts";
import { kernelOf } from "../../../../src/pipeline/matching/coded/kernel.ts";
import { capturedLog } from "../../../support/captured-log.ts";
import { FakeTime } from "../../../support/fake-time.ts";

const built = fileURLToPath(new URL("../../../../dist/daemon/people/matching/scan-thread.js", import.meta.url));
const random = seededRandom(3);
const vector = () => Float32Array.from({ length: 128 }, () => gaussian(random) * 0.1);

/** From `dist/`: a thread cannot load TypeScript. Time stands still unless the test moves it. */
async function openThread() {
  if (!existsSync(built)) throw new Error("dist/ is missing: run node scripts/build.mjs");
  const { ScanThread }: typeof import("../../../../src/daemon/people/matching/scan-thread.ts") = await import(built);
  const time = new FakeTime();
  const { logger, lines } = capturedLog();
  const thread = new ScanThread({ clock: time, timers: time, logger });
  onTestFinished(() => thread.stop());
  const said = () => lines.map(({ fields }) => String(fields.reason)).join();
  return { thread, time, said };
}

function rowsOf(count: number): CodedRows {
  const rows = new CodedRows(128);
  rows.restart(new Float32Array(128).fill(1));
  for (let row = 0; row < count; row++) rows.set(row, vector());
  return rows;
}

/** A search that writes outside of its memory, which WebAssembly answers with an error. */
function brokenJob(): ScanJob {
  const module = new WebAssembly.Module(kernelOf(128));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  return { module, memory, codes: 0, rows: 1, probe: 0, out: 65_536 };
}

test("finds what this thread finds, also after the gallery has outgrown its memory", async () => {
  const { thread } = await openThread();
  const rows = rowsOf(500);
  for (const count of [500, 3000]) {
    for (let row = 0; row < count; row++) rows.set(row, vector());
    const probe = vector();
    const beside = await rows.measureBeside(probe, count, thread);
    expect(beside?.within(1.5)).toEqual(rows.measure(probe, count).within(1.5));
    expect(beside?.within(1.5).length).toBeGreaterThan(10);
  }
});

test("a search that breaks the thread gives nothing, and after a pause there is another thread", async () => {
  const { thread, time, said } = await openThread();
  expect(await thread.scan(brokenJob())).toBe(false);
  expect(said()).toMatch(/memory access out of bounds/);
  const rows = rowsOf(100);
  expect(await rows.measureBeside(vector(), 100, thread)).toBeNull();
  await expect
    .poll(async () => {
      await time.advance(1000);
      return (await rows.measureBeside(vector(), 100, thread)) !== null;
    })
    .toBe(true);
});

test("a thread that is late is ended, and its search gives nothing", async () => {
  const { thread, time, said } = await openThread();
  // The thread has not even started by then.
  const search = thread.scan(brokenJob());
  await time.advance(250);
  expect(await search).toBe(false);
  expect(said()).toContain("late");
});

test("a second search at the same time is not begun", async () => {
  const { thread } = await openThread();
  const rows = rowsOf(100);
  const first = rows.measureBeside(vector(), 100, thread);
  expect(await thread.scan(brokenJob())).toBe(false);
  expect(await first).not.toBeNull();
});

test("stopping ends a search under way, and can be done twice", async () => {
  const { thread } = await openThread();
  const search = thread.scan(brokenJob());
  await thread.stop();
  expect(await search).toBe(false);
  await thread.stop();
});
