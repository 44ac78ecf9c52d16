import { describe, expect, it } from "vitest";
import {
  apply,
  boxOfMesh,
  extentOfMesh,
  fitSimilarity,
  intersectionOverUnion,
  mapOfSquare,
  mirrored,
} from "../../../src/pipeline/geometry.ts";

describe("mapOfSquare", () => {
  it("puts the middle of the crop on the centre of the square, whatever the roll", () => {
    for (const rollRad of [0, 0.7, -2, Math.PI]) {
      const map = mapOfSquare({ centre: { x: 30, y: -12 }, size: 90, rollRad }, 192);
      const middle = apply(map, 96, 96);
      expect(middle.x).toBeCloseTo(30, 9);
      expect(middle.y).toBeCloseTo(-12, 9);
    }
  });

  it("lets the crop's right side follow a clockwise roll downwards", () => {
    const map = mapOfSquare({ centre: { x: 0, y: 0 }, size: 100, rollRad: Math.PI / 2 }, 100);
    expect(apply(map, 100, 50).x).toBeCloseTo(0, 9);
    expect(apply(map, 100, 50).y).toBeCloseTo(50, 9);
  });
});

describe("mirrored", () => {
  it("gives the first column what the last one had and leaves rows alone", () => {
    const map = mapOfSquare({ centre: { x: 7, y: 9 }, size: 40, rollRad: 0.3 }, 20);
    const other = mirrored(map, 20);
    for (const y of [0, 11]) {
      const expected = apply(map, 19, y);
      const seen = apply(other, 0, y);
      expect(seen.x).toBeCloseTo(expected.x, 9);
      expect(seen.y).toBeCloseTo(expected.y, 9);
    }
  });
});

describe("fitSimilarity", () => {
  const from = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 3, y: 8 },
  ];

  it("recovers a rotation, a scale and a shift exactly", () => {
    const truth = { a: 1.2, b: -0.5, c: 30, d: 0.5, e: 1.2, f: -4 };
    const found = fitSimilarity(
      from,
      from.map(({ x, y }) => apply(truth, x, y)),
    );
    for (const key of ["a", "b", "c", "d", "e", "f"] as const) expect(found[key]).toBeCloseTo(truth[key], 9);
  });

  it("never mirrors, even when that would fit better", () => {
    const found = fitSimilarity(
      from,
      from.map(({ x, y }) => ({ x: -x, y })),
    );
    expect(found.a * found.e - found.b * found.d).toBeGreaterThan(0);
  });

  it("refuses points that all coincide", () => {
    const same = [from[0], from[0]].flatMap((point) => (point ? [point] : []));
    expect(() => fitSimilarity(same, same)).toThrow(RangeError);
  });
});

describe("intersectionOverUnion", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  it.each([
    ["itself", box, 1],
    ["half beside it", { ...box, x: 5 }, 1 / 3],
    ["touching", { ...box, x: 10 }, 0],
    ["far away", { ...box, y: 99 }, 0],
    ["inside", { x: 2, y: 2, width: 5, height: 5 }, 0.25],
  ])("of a box and one %s", (_, other, expected) => {
    expect(intersectionOverUnion(box, other)).toBeCloseTo(expected, 9);
  });
});

describe("extent of a mesh", () => {
  const mesh = { points: Float32Array.of(10, 20, 5, 30, 20, 0, 20, 60, -9), confidence: 1 };

  it("is the upright box without a roll", () => {
    expect(boxOfMesh(mesh)).toEqual({ x: 10, y: 20, width: 20, height: 40 });
  });

  it("swaps width and height at a quarter turn and keeps its centre in the picture", () => {
    const extent = extentOfMesh(mesh, Math.PI / 2);
    expect(extent.width).toBeCloseTo(40, 4);
    expect(extent.height).toBeCloseTo(20, 4);
    expect(extent.centre.x).toBeCloseTo(20, 4);
    expect(extent.centre.y).toBeCloseTo(40, 4);
  });
});
