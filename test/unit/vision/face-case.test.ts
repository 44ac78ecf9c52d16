import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { perform } from "../../../src/pipeline/liveness/challenge/judge.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import type { QualityReason } from "../../../src/pipeline/types.ts";
import {
  embeddingUse,
  isChallenged,
  isEvidence,
  type MeasuredFace,
  newFaceCase,
  viewOf,
} from "../../../src/vision/face-case.ts";
import { Vitals } from "../../../src/vision/vitals.ts";
import { meshOf } from "../../support/head.ts";

function face(reasons: readonly QualityReason[], yawDeg = 0, pitchDeg = 0): MeasuredFace {
  return {
    mesh: meshOf({ yawDeg, noisePx: 0 }, seededRandom(1)),
    pose: { yawDeg, pitchDeg, rollDeg: 0 },
    quality: { faceWidthPx: 150, sharpness: 200, brightness: 120, reasons },
  };
}

describe("what a frame's vector is for", () => {
  it("a fit face goes up for a decision", () => expect(embeddingUse(face([]), doorLimits)).toBe("decide"));
  it("a face in the midst of a turn is only compared with itself", () =>
    expect(embeddingUse(face(["turned-away"], 20), doorLimits)).toBe("verify"));
  it("a profile is not embedded at all", () =>
    expect(embeddingUse(face(["turned-away"], 50), doorLimits)).toBe("none"));
  it("nor a face that looks at the ceiling", () =>
    expect(embeddingUse(face(["turned-away"], 0, 40), doorLimits)).toBe("none"));
  for (const reason of ["blurred", "too-small", "too-dark", "cut-off", "not-a-face"] as const) {
    it(`a ${reason} face is neither embedded nor evidence of life`, () => {
      expect(embeddingUse(face([reason]), doorLimits)).toBe("none");
      expect(isEvidence(face([reason, "turned-away"]).quality)).toBe(false);
    });
  }
});

describe("the side of the face that is seen", () => {
  it.each([
    [0, 0, "front"],
    [10, 0, "front"],
    [30, 0, "left"],
    [-30, 0, "right"],
    [0, 18, "raised"],
    [0, -18, "front"],
  ] as const)("of a head turned by %d and raised by %d degrees is its %s", (yawDeg, pitchDeg, view) => {
    expect(viewOf(face([], yawDeg, pitchDeg))).toBe(view);
  });
});

it("a track is challenged from the first step it is told of until the last one's time is over", () => {
  const performance = perform(null, { id: "c", step: 1, action: "look-up", fromMs: 1000, untilMs: 5000 });
  expect(isChallenged(newFaceCase, 1000)).toBe(false);
  expect(isChallenged({ ...newFaceCase, performance }, 5000)).toBe(true);
  expect(isChallenged({ ...newFaceCase, performance }, 5001)).toBe(false);
});

describe("vitals", () => {
  it("say nothing before the first frame and after the camera was lost", () => {
    const vitals = new Vitals();
    expect(vitals.report(0)).toEqual({ fps: 0, frameAgeMs: null, latencyMs: null });
    vitals.frameDone(0, 30);
    vitals.cameraLost();
    expect(vitals.report(100)).toEqual({ fps: 0, frameAgeMs: null, latencyMs: null });
  });
  it("show a loop that hangs: the age of the last frame that was finished grows", () => {
    const vitals = new Vitals();
    for (let i = 0; i < 20; i++) vitals.frameDone(i * 100, i * 100 + 20 + i);
    expect(vitals.report(2000)).toMatchObject({ fps: 10, frameAgeMs: 100, latencyMs: { p50: 30, p95: 39 } });
    expect(vitals.report(9000)).toMatchObject({ fps: 0, frameAgeMs: 7100 });
  });
});
