import { describe, expect, test } from "vitest";
import { FaceDetector } from "../../../src/pipeline/detect.ts";
import { Embedder } from "../../../src/pipeline/embed.ts";
import type { Network } from "../../../src/pipeline/engine.ts";
import { LandmarkFinder } from "../../../src/pipeline/landmarks.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import { visionConfig } from "../../../src/vision/config.ts";
import type { VisionMessage } from "../../../src/vision/protocol.ts";
import { Watcher } from "../../../src/vision/watcher.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A network that counts its runs and always answers the same. */
function network(size: number, outputs: Record<string, Float32Array>) {
  const counted = { runs: 0 };
  const answering: Network = {
    ...{ inputLayout: "nchw", inputWidth: size, inputHeight: size },
    run: async () => {
      counted.runs++;
      return outputs;
    },
  };
  return { counted, answering };
}

/** A mesh around the middle of the crop, so many times as large as usual. */
function meshPoints(scale = 1): Float32Array {
  const points = new Float32Array(1404);
  for (let i = 0; i < 468; i++) {
    points[i * 3] = 96 + 60 * scale * Math.cos(i);
    points[i * 3 + 1] = 96 + 60 * scale * Math.sin(i);
  }
  return points;
}

/** One face in the middle, whatever the picture shows, or none; its landmarks are unsure (or as said), so that nobody is embedded. */
function setUp({ hasFace = true, confidence = 0 } = {}) {
  const scores = new Float32Array(896).fill(-20);
  const boxes = new Float32Array(896 * 16);
  const middle = 2 * (8 * 16 + 8);
  if (hasFace) scores[middle] = 5;
  boxes.set([0, 0, 60, 60, -12, -10, 12, -10, 0, 0, 0, 15, -25, 0, 25, 0], middle * 16);
  const faces = network(256, { scores, boxes });
  const mesh = { points: meshPoints(), confidence: Float32Array.of(confidence) };
  const points = network(192, mesh);
  const vectors = network(150, { embedding: new Float32Array(128) });
  const sent: VisionMessage[] = [];
  const clock = new ManualClock();
  const watcher = new Watcher({
    networks: {
      detector: new FaceDetector(faces.answering),
      landmarks: new LandmarkFinder(points.answering),
      embedder: new Embedder("dlib", vectors.answering),
    },
    limits: doorLimits,
    scheduling: visionConfig.parse({ modelCacheDirectory: "/nowhere" }).scheduling,
    clock,
    send: (message) => {
      sent.push(message);
    },
  });
  const picture = { rgb: new Uint8Array(640 * 480 * 3).fill(90), width: 640, height: 480 };
  let sequence = 0;
  /** So many frames of the same picture at a rate; gives how often the detector ran. */
  const frames = async (count: number, perSecond: number) => {
    const before = faces.counted.runs;
    for (let n = 0; n < count; n++) {
      clock.advance(1000 / perSecond);
      await watcher.look({ ...picture, capturedAtMs: clock.nowMs(), sequence: ++sequence });
    }
    return faces.counted.runs - before;
  };
  return { watcher, frames, points, sent, mesh, picture };
}

describe("the detector runs", () => {
  test("on every frame while somebody is still to be decided on whose landmarks are unsure", async () => {
    expect(await setUp().frames(30, 15)).toBe(30);
  });

  test.each([
    [30, 10, 30],
    [15, 15, 30],
    [10, 20, 20],
    [3, 6, 6],
  ])("at %d frames a second %d times in %d frames while landmarks follow an undecided face", async (...row) => {
    const [perSecond, looks, count] = row;
    expect(await setUp({ confidence: 1 }).frames(count, perSecond)).toBe(looks);
  });

  test("at once when landmarks lose the face between two looks", async () => {
    const { frames, mesh, points } = setUp({ confidence: 1 });
    expect(await frames(2, 30)).toBe(1);
    const before = points.counted.runs;
    mesh.confidence[0] = 0.7;
    // The frame that finds out was not given to the detector; the next one is.
    expect(await frames(1, 60)).toBe(0);
    expect(points.counted.runs).toBe(before + 1);
    expect(await frames(1, 60)).toBe(1);
  });

  test("at once when landmarks say that the face has gone further than a head goes", async () => {
    const { frames, mesh } = setUp({ confidence: 1 });
    await frames(1, 60);
    for (let i = 0; i < mesh.points.length; i += 3) mesh.points[i] = mesh.points[i]! + 50;
    expect(await frames(2, 60)).toBe(1);
  });

  test.each([
    [30, 10],
    [15, 15],
    [10, 10],
  ])("once in a tenth of a second of %d frames when everybody has been decided on", async (perSecond, looks) => {
    const { watcher, frames } = setUp();
    await frames(1, perSecond);
    watcher.setDecided(1, true);
    const found = await frames(perSecond * 2, perSecond);
    expect(found).toBeGreaterThanOrEqual(looks - 1);
    expect(found).toBeLessThanOrEqual(20);
  });

  test("on every frame again when a decided face is to be judged anew, or the camera is being aimed", async () => {
    const { watcher, frames, sent } = setUp();
    await frames(1, 30);
    watcher.setDecided(1, true);
    await frames(10, 30);
    watcher.setDecided(1, false);
    expect(await frames(10, 30)).toBe(10);
    watcher.setDecided(1, true);
    watcher.aim(Number.POSITIVE_INFINITY);
    expect(await frames(10, 30)).toBe(10);
    expect(sent.filter(({ type }) => type === "track-ended")).toEqual([]);
  });

  test("once a second before an empty, still scene", async () => {
    const { frames } = setUp({ hasFace: false });
    await frames(1, 10);
    expect(await frames(50, 10)).toBe(5);
  });
});

describe("a scene is still", () => {
  test("two seconds after the last that moved, and not before the first frame", async () => {
    const { watcher, frames } = setUp({ hasFace: false });
    expect(watcher.isStill).toBe(false);
    // The first frame says nothing of what moves.
    await frames(20, 10);
    expect(watcher.isStill).toBe(false);
    await frames(1, 10);
    expect(watcher.isStill).toBe(true);
  });

  test("no longer with the first frame in which something moves", async () => {
    const { watcher, frames, picture } = setUp({ hasFace: false });
    await frames(30, 10);
    picture.rgb.fill(200, 0, picture.rgb.length / 3);
    await frames(1, 10);
    expect(watcher.isStill).toBe(false);
    picture.rgb.fill(90);
    await frames(19, 10);
    expect(watcher.isStill).toBe(false);
    await frames(1, 10);
    expect(watcher.isStill).toBe(true);
  });

  test("not while somebody is in it who does not move, nor while the camera is being aimed", async () => {
    const seen = setUp();
    await seen.frames(60, 10);
    expect(seen.watcher.isStill).toBe(false);
    const { watcher, frames } = setUp({ hasFace: false });
    watcher.aim(Number.POSITIVE_INFINITY);
    await frames(60, 10);
    expect(watcher.isStill).toBe(false);
  });

  test("not before the first frame of a camera that was away", async () => {
    const { watcher, frames } = setUp({ hasFace: false });
    await frames(30, 10);
    watcher.forgetAll();
    await frames(1, 10);
    expect(watcher.isStill).toBe(false);
  });
});

test("a decided face is still said to be there, without its landmarks", async () => {
  const { watcher, frames, points, sent } = setUp();
  await frames(1, 15);
  watcher.setDecided(1, true);
  const before = points.counted.runs;
  sent.length = 0;
  await frames(30, 15);
  expect(points.counted.runs).toBe(before);
  expect(sent.length).toBeGreaterThanOrEqual(14);
  expect(sent.every((message) => message.type === "sighting" && message.trackId === 1 && !message.face)).toBe(true);
});
