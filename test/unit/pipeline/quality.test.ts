import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import {
  assessQuality,
  comparisonLimits,
  doorLimits,
  enrolmentLimits,
  evaluationLimits,
  laplacianVariance,
  type QualityLimits,
} from "../../../src/pipeline/quality.ts";
import type { QualityReason, RgbImage } from "../../../src/pipeline/types.ts";
import { meshOf, type View } from "../../support/head.ts";

const frame = { width: 640, height: 480 };

/** Stripes of a period in pixels around a mean: many fine edges when it is small. */
function stripes(period: number, { mean = 120, contrast = 60, size = frame } = {}): RgbImage {
  const rgb = new Uint8Array(size.width * size.height * 3);
  for (let i = 0; i < size.width * size.height; i++) {
    const value = mean + contrast * Math.sin((2 * Math.PI * (i % size.width)) / period);
    rgb.fill(Math.round(Math.min(255, Math.max(0, value))), i * 3, i * 3 + 3);
  }
  return { rgb, ...size };
}

const good: View = { distance: 1000, noisePx: 0, eyeDistancePx: 90, centreX: 320, centreY: 240 };
const assess = (image: RgbImage, view: View = {}, limits: QualityLimits = doorLimits) =>
  assessQuality(image, meshOf({ ...good, ...view }, seededRandom(1)), limits);

const sharp = stripes(12);

describe("assessQuality at the door", () => {
  it("finds nothing wrong with a sharp, well lit, frontal face", () => {
    expect(assess(sharp).reasons).toEqual([]);
  });

  const cases: readonly (readonly [string, RgbImage, View, QualityReason])[] = [
    ["is far away", sharp, { eyeDistancePx: 40 }, "too-small"],
    ["fills the frame", sharp, { eyeDistancePx: 320 }, "too-close"],
    ["is half outside", sharp, { centreX: 15 }, "cut-off"],
    ["has no fine edges", stripes(150), {}, "blurred"],
    ["is of one grey", stripes(12, { contrast: 0 }), {}, "blurred"],
    ["is in the dark", stripes(12, { mean: 15, contrast: 12 }), {}, "too-dark"],
    ["is in glaring light", stripes(12, { mean: 240, contrast: 15 }), {}, "too-bright"],
    ["looks to the left", sharp, { yawDeg: 40 }, "turned-away"],
    ["looks to the right", sharp, { yawDeg: -40 }, "turned-away"],
    ["looks at the ceiling", sharp, { pitchDeg: 40 }, "turned-away"],
    ["lies on its side", sharp, { rollDeg: 90 }, "turned-away"],
    ["stands on its head", sharp, { rollDeg: 180 }, "turned-away"],
    ["is none", sharp, { confidence: 0.2 }, "not-a-face"],
  ];
  it.each(cases)("gives its reason when a face %s", (_, image, view, reason) => {
    expect(assess(image, view).reasons).toContain(reason);
  });

  it("gives every reason that applies", () => {
    expect(assess(stripes(150, { mean: 10, contrast: 5 }), { confidence: 0 }).reasons).toEqual([
      "not-a-face",
      "blurred",
      "too-dark",
    ]);
  });

  it("refuses a mesh that holds no numbers", () => {
    const { reasons } = assessQuality(
      sharp,
      { points: new Float32Array(1404).fill(Number.NaN), confidence: Number.NaN },
      doorLimits,
    );
    for (const reason of ["not-a-face", "too-small", "cut-off", "blurred", "turned-away"])
      expect(reasons).toContain(reason);
  });
});

describe("sharpness", () => {
  it("is the same for the same face in a picture of half the size", () => {
    const half = { width: 320, height: 240 };
    const large = assess(stripes(24)).sharpness;
    const small = assess(stripes(12, { size: half }), { eyeDistancePx: 45, centreX: 160, centreY: 120 }).sharpness;
    expect(small / large).toBeGreaterThan(0.8);
    expect(small / large).toBeLessThan(1.25);
  });

  it("does not fall with the light", () => {
    const dim = assess(stripes(12, { mean: 60, contrast: 30 })).sharpness;
    expect(dim / assess(sharp).sharpness).toBeCloseTo(1, 1);
  });

  it("is zero without edges and on a slope", () => {
    expect(laplacianVariance(new Float32Array(64).fill(9), 8)).toBe(0);
    expect(
      laplacianVariance(
        Float32Array.from({ length: 64 }, (_, i) => i % 8),
        8,
      ),
    ).toBeCloseTo(0, 9);
  });
});

describe("limits", () => {
  it("grow stricter from measuring over comparing and enrolling to the door", () => {
    const order = [evaluationLimits, comparisonLimits, enrolmentLimits, doorLimits];
    for (const key of ["minFaceWidthPx", "minSharpness"] as const) {
      const values = order.map((limits) => limits[key]);
      expect([...values].sort((p, q) => p - q)).toEqual(values);
    }
    for (const key of ["maxYawDeg", "maxRollDeg", "maxOutside"] as const) {
      const values = order.map((limits) => limits[key]);
      expect([...values].sort((p, q) => q - p)).toEqual(values);
    }
  });
});
