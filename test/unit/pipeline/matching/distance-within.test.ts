import { expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { distanceWithin } from "../../../../src/pipeline/matching/distance-within.ts";
import { fusedComparer } from "../../../../src/pipeline/matching/face-comparer.ts";
import type { FaceVectors } from "../../../../src/pipeline/matching/fusion.ts";

const random = seededRandom(7);
const unit = (length: number): Float32Array => {
  const vector = Float32Array.from({ length }, () => Math.abs(gaussian(random)));
  const norm = Math.hypot(...vector);
  return vector.map((x) => x / norm);
};
const face = (): FaceVectors => ({
  dlib: Float32Array.from({ length: 128 }, () => gaussian(random) * 0.04),
  faceres: random() < 0.8 ? unit(1024) : null,
});

test("within the limit it is the comparer's distance, beyond it is above the limit", () => {
  const faces = Array.from({ length: 40 }, face);
  let within = 0;
  for (const a of faces) {
    for (const b of faces) {
      const exact = fusedComparer.distance(a, b);
      for (const limit of [0.3, 0.45, 0.6, exact]) {
        const found = distanceWithin(fusedComparer, [a, b], limit);
        if (exact <= limit) expect(found).toBe(exact);
        else expect(found).toBeGreaterThan(limit);
        if (exact <= limit) within++;
      }
    }
  }
  expect(within).toBeGreaterThan(1600);
});

test("what cannot be compared stays no number", () => {
  const broken = { dlib: new Float32Array(128).fill(Number.NaN), faceres: null };
  expect(distanceWithin(fusedComparer, [broken, face()], 0.5)).toBeNaN();
});
