import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  comparedBy,
  faceDistance,
  faceVectors,
  fusedDistance,
  maxFusionGain,
} from "../../../../src/pipeline/matching/fusion.ts";
import { fusionParameters } from "../../../../src/pipeline/matching/fusion-parameters.ts";
import { monotoneMap } from "../../../../src/pipeline/matching/monotone-map.ts";
import { faceresVector, movedBy, personVector } from "../../../support/face-vectors.ts";

const dlib = (vector: Float32Array) => ({ embedder: "dlib" as const, vector });
const faceres = (vector: Float32Array) => ({ embedder: "faceres" as const, vector });

describe("monotoneMap", () => {
  test("goes through its knots, straight between them and on beyond them", () => {
    const map = monotoneMap([
      [0, 0],
      [1, 2],
      [3, 3],
    ]);
    expect([-1, 0, 0.5, 1, 2, 3, 5].map(map)).toEqual([-2, 0, 1, 2, 2.5, 3, 4]);
  });

  test.each([
    ["one knot", [[0, 0]]],
    [
      "a fall",
      [
        [0, 0],
        [1, -1],
      ],
    ],
    [
      "a step on the spot",
      [
        [0, 0],
        [0, 1],
      ],
    ],
    [
      "two values that become one",
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      "no number",
      [
        [0, 0],
        [1, Number.NaN],
      ],
    ],
  ] as const)("%s is refused: it would change an order", (_, knots) => {
    expect(() => monotoneMap(knots)).toThrow(RangeError);
  });
});

describe("fusedDistance", () => {
  test("grows with either distance", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 1000; i++) {
      const [a, b, more] = [random(), random() * 1.4, random() * 0.3];
      expect(fusedDistance(a + more, b)).toBeGreaterThanOrEqual(fusedDistance(a, b));
      expect(fusedDistance(a, b + more)).toBeGreaterThanOrEqual(fusedDistance(a, b));
    }
  });

  test("two faces that the second descriptor takes for one are not one when the first says two people", () => {
    for (const first of [0.55, 0.6, 0.8, 1.2]) {
      expect(fusedDistance(first, 0)).toBeGreaterThanOrEqual(first - maxFusionGain);
      expect(fusedDistance(first, 0)).toBeGreaterThan(0.43);
    }
  });

  test("a second opinion that two faces differ refuses what the first alone would let in", () => {
    expect(fusedDistance(0.38, 1.15)).toBeGreaterThan(0.43);
    expect(fusedDistance(0.45, 0.45)).toBeLessThan(0.38);
  });

  test("what is no number stays none, so that no comparison with a threshold lets it pass", () => {
    expect(fusedDistance(Number.NaN, 0.5)).toBeNaN();
    expect(fusedDistance(0.3, Number.NaN)).toBeNaN();
  });

  test("at each knot the sum means the false match rate that the first embedder has there", () => {
    const { weight, knots } = fusionParameters;
    for (const [sum, distance] of knots) {
      const first = Math.min(distance, sum);
      expect(fusedDistance(first, (sum - first) / weight)).toBeCloseTo(distance, 6);
    }
  });
});

describe("faceDistance", () => {
  const [ann, bob] = [personVector(1), personVector(2)];
  const near = movedBy(ann, 0.3, seededRandom(2));
  const vectors = (...embeddings: ReturnType<typeof dlib | typeof faceres>[]) => {
    const found = faceVectors(embeddings);
    if (!found) throw new Error("no vectors");
    return found;
  };

  test("uses both embedders where both faces have both", () => {
    const a = vectors(dlib(ann), faceres(faceresVector(1)));
    const b = vectors(faceres(faceresVector(2)), dlib(near));
    const apart = Math.hypot(...faceresVector(1).map((x, i) => x - (faceresVector(2)[i] ?? 0)));
    expect(comparedBy(a, b)).toBe("dlib+faceres");
    expect(faceDistance(a, b)).toBeCloseTo(fusedDistance(0.3, apart), 4);
    expect(faceDistance(b, a)).toBe(faceDistance(a, b));
  });

  test("falls back to the first embedder where one face has no second vector, whichever it is", () => {
    const a = vectors(dlib(ann), faceres(faceresVector(1)));
    const b = vectors(dlib(near));
    expect(comparedBy(a, b)).toBe("dlib");
    expect(faceDistance(a, b)).toBeCloseTo(0.3, 5);
    expect(faceDistance(b, a)).toBeCloseTo(0.3, 5);
  });

  test.each([
    ["no vector at all", []],
    ["the second embedder's alone", [faceres(faceresVector(1))]],
    ["a first vector of the wrong length", [dlib(ann.subarray(0, 64)), faceres(faceresVector(1))]],
    ["a first vector with a number that is none", [dlib(new Float32Array(128).fill(Number.NaN))]],
    ["the first embedder's vector under the second's name", [faceres(bob)]],
  ])("a face with %s cannot be compared", (_, embeddings) => {
    expect(faceVectors(embeddings)).toBeNull();
  });

  test.each([
    ["the wrong length", faceres(ann)],
    ["a number that is none", faceres(new Float32Array(1024).fill(Number.NaN))],
  ])("a second vector of %s is left out", (_, second) => {
    expect(faceVectors([dlib(ann), second])?.faceres).toBeNull();
  });
});
