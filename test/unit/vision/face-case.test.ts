import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { doorLimits } from "../../../src/pipeline/quality.ts";
import type { QualityReason } from "../../../src/pipeline/types.ts";
import { embeddingUse, isEvidence, type MeasuredFace } from "../../../src/vision/face-case.ts";
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
