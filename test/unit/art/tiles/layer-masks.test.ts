import { describe, expect, test } from "vitest";
import { LayerMask, maskAtStride, strideOf } from "../../../../src/art/tiles/layer-masks.ts";
import { addPart, cropPlanes } from "../../../../src/art/tiles/planes-part.ts";
import { mixedNetwork, randomPlanes } from "../../../support/art-networks.ts";

const canvas = { width: 8, height: 4 };
const checks = Float32Array.from({ length: 32 }, (_, i) => (i % 8) / 8);
const window = { left: 2, top: 0, width: 6, height: 4, own: { left: 4, top: 2, width: 4, height: 2 } };

describe("a mask at a layer", () => {
  test("has at each place the mean of its pixels", () => {
    expect(Array.from(maskAtStride(checks, canvas, 2))).toEqual([1, 5, 9, 13, 1, 5, 9, 13].map((part) => part / 16));
  });

  test("counts only in the window's own part", () => {
    const whole = new LayerMask(undefined, { canvas, stride: 2 });
    expect(Array.from(whole.in(window))).toEqual([0, 0, 0, 0, 1, 1]);
    const graded = new LayerMask(checks, { canvas, stride: 2 });
    expect(Array.from(graded.in(window))).toEqual([0, 0, 0, 0, 9 / 16, 13 / 16]);
  });

  test("is divided by the sum of its squares, of the whole canvas", () => {
    expect(new LayerMask(undefined, { canvas, stride: 2 }).squares).toBe(8);
    expect(new LayerMask(checks, { canvas, stride: 2 }).squares).toBeCloseTo((2 * (1 + 25 + 81 + 169)) / 256, 6);
  });

  test.each([
    ["a", 2],
    ["c", 2],
    ["d", 4],
    ["p", 8],
  ])("stands at %s on every %d pixels", (layer, stride) => {
    expect(strideOf(mixedNetwork, layer)).toBe(stride);
  });
});

test("parts that are cut out and added up again are the whole", () => {
  const { data } = randomPlanes(7, 5, 3);
  const sum = new Float32Array(data.length);
  for (const [left, top, width, height] of [
    [0, 0, 4, 5],
    [4, 0, 3, 2],
    [4, 2, 3, 3],
  ] as const) {
    const part = { left, top, width, height };
    addPart(sum, { width: 7, height: 5 }, { ...part, data: cropPlanes(data, { width: 7, height: 5 }, part) });
  }
  expect(sum).toEqual(data);
});
