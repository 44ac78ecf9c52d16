import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { homographyResidual, rmsDistance } from "../../../../src/pipeline/liveness/homography.ts";

const random = seededRandom(11);
const points = Float32Array.from({ length: 200 }, () => random() * 2 - 1);

function mapped(map: readonly number[]): Float32Array {
  const [a, b, c, d, e, f, g, h] = map as [number, number, number, number, number, number, number, number];
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    const w = g * x + h * y + 1;
    out[i] = (a * x + b * y + c) / w;
    out[i + 1] = (d * x + e * y + f) / w;
  }
  return out;
}

describe("whatever a plane does leaves no residual", () => {
  const maps: Record<string, number[]> = {
    nothing: [1, 0, 0, 0, 1, 0, 0, 0],
    shift: [1, 0, 0.3, 0, 1, -0.2, 0, 0],
    "rotation and size": [0.6, -0.5, 0, 0.5, 0.6, 0, 0, 0],
    shear: [1, 0.4, 0, 0, 0.7, 0, 0, 0],
    perspective: [0.9, 0.1, 0.05, -0.1, 1.1, 0, 0.2, -0.15],
  };
  for (const [name, map] of Object.entries(maps)) {
    it(name, () => expect(homographyResidual(points, mapped(map))).toBeLessThan(1e-4));
  }
});

it("what is no plane leaves one", () => {
  const bumped = points.map((value, i) => (i % 2 === 0 ? value + 0.3 * Math.exp(-8 * value * value) : value));
  expect(homographyResidual(points, bumped)).toBeGreaterThan(0.02);
});

it("the residual is of the size of the noise", () => {
  const noisy = mapped([0.9, 0.1, 0.05, -0.1, 1.1, 0, 0.2, -0.15]).map((v) => v + (random() - 0.5) * 0.02);
  const residual = homographyResidual(points, noisy);
  expect(residual).toBeGreaterThan(0.004);
  expect(residual).toBeLessThan(0.012);
});

it("points on one line determine no map", () => {
  const line = Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i : 0));
  expect(homographyResidual(line, line)).toBe(Number.POSITIVE_INFINITY);
});

it("rms distance", () => {
  expect(rmsDistance(Float32Array.of(0, 0, 0, 0), Float32Array.of(3, 4, 0, 0))).toBeCloseTo(Math.sqrt(12.5), 6);
});
