import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaintingState } from "../../../src/art/checkpoint.ts";
import type { Painter } from "../../../src/art/paint.ts";
import { PaintJob } from "../../../src/art/process/paint-job.ts";
import type { ArtMessage, ArtOrder } from "../../../src/art/process/protocol.ts";
import { paintSettings } from "../../../src/art/settings.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "lintel-job-"));
const content = join(folder, "content.png");
beforeAll(async () => {
  await sharp({ create: { width: 16, height: 16, channels: 3, background: "#246" } }).toFile(content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const steps = 23;
const secondsPerStep = 3;

/** A painter that only counts: each step takes three seconds and says what there is to keep. */
function countingPainter(clock: ManualClock): Painter {
  const none = new Float32Array(3);
  const arrays = { pixels: none, firstMoment: none, secondMoment: none, average: none, history: [] };
  const fixed = { paintingHash: "", level: 0, width: 1, height: 1, rate: 1, loss: [], momentStep: 0, ...arrays };
  return {
    async paint(_settings, _inputs, { onCheckpoint, signal } = {}) {
      for (let step = 1; step <= steps && !signal?.aborted; step++) {
        clock.advance(1000 * secondsPerStep);
        await onCheckpoint?.({ ...fixed, step, levelStep: step } satisfies PaintingState);
      }
      throw new Error("enough");
    },
  };
}

async function checkpointsWith(rules: Pick<ArtOrder, "checkpointEverySteps" | "checkpointPauseMs">): Promise<number[]> {
  const clock = new ManualClock();
  const heard: ArtMessage[] = [];
  const order: ArtOrder = {
    settings: paintSettings.parse({ mode: "inversion" }),
    content: { path: content, mustLook: false },
    ...{ styles: [], title: "", jobDirectory: mkdtempSync(join(folder, "job-")), pictureBase: join(folder, "picture") },
    ...{ modelCacheDirectory: folder, threads: 1, previewEveryMs: 1e9, logLevel: "silent" },
    ...rules,
  };
  const job = new PaintJob({
    order,
    openPainter: () => countingPainter(clock),
    send: (message) => heard.push(message),
    mayBegin: Promise.resolve(),
    rest: new AbortController().signal,
    clock,
    logger: silentLogger,
  });
  await job.run();
  return heard.flatMap((message) => (message.type === "checkpoint" ? [message.step] : []));
}

test.each([
  { checkpointEverySteps: 1, checkpointPauseMs: 0, kept: Array.from({ length: steps }, (_, i) => i + 1) },
  { checkpointEverySteps: 5, checkpointPauseMs: 0, kept: [5, 10, 15, 20] },
  // 15 s lie between every fifth step
  { checkpointEverySteps: 5, checkpointPauseMs: 16_000, kept: [10, 20] },
  { checkpointEverySteps: 5, checkpointPauseMs: 1e6, kept: [] },
])("every $checkpointEverySteps steps with $checkpointPauseMs ms between keeps $kept", async ({ kept, ...rules }) => {
  expect(await checkpointsWith(rules)).toEqual(kept);
});
