import fc from "fast-check";
import { expect, test } from "vitest";
import { canvasStep } from "../../../../src/art/graph/forward.ts";
import { reachOf, type Window, windowsOf } from "../../../../src/art/tiles/windows.ts";
import { convolution, mixedNetwork, pooling } from "../../../support/art-networks.ts";

const { layers } = mixedNetwork;
const step = canvasStep(layers);

test.each([
  ["nothing", [], 0],
  ["one place of itself", [convolution("a", [3, 4], { kernelSize: 1 })], 0],
  ["a 3 x 3 convolution", [convolution("a", [3, 4])], 1],
  ["two of them", [convolution("a", [3, 4]), convolution("b", [4, 4])], 2],
  ["a mean of 2 x 2 alone", [pooling("p")], 0],
  ["one after a mean of 2 x 2", [pooling("p"), convolution("a", [3, 4])], 2],
  ["one with stride 2, which is padded at its end alone", [convolution("a", [3, 4], { stride: 2 })], 1],
] as const)("%s looks as far beyond its own as it does", (_, chain, reach) => {
  expect(reachOf(chain)).toBe(reach);
});

test("windows answer for each pixel once, are of one size, and see their reach or the edge", () => {
  const side = fc.integer({ min: 1, max: 120 }).map((count) => step * count);
  fc.assert(
    fc.property(side, side, fc.integer({ min: 160 ** 2, max: 400 ** 2 }), (width, height, maxPixels) => {
      const windows = windowsOf({ width, height }, { layers, maxPixels });
      const covered = windows.reduce((sum, { own }) => sum + own.width * own.height, 0);
      expect(covered).toBe(width * height);
      for (const window of windows) {
        expect(window.width * window.height).toBeLessThanOrEqual(maxPixels);
        expect([window.width, window.height]).toEqual([windows[0]?.width, windows[0]?.height]);
        for (const value of Object.values(window.own)) expect(value % step).toBe(0);
        expect(window.left % step).toBe(0);
        seesEnough(window, { width, height });
      }
      // Parts that add up to the canvas and begin at places of their own do not overlap.
      const corners = new Set(windows.map(({ own }) => `${own.left} ${own.top}`));
      expect(corners.size).toBe(windows.length);
    }),
    { numRuns: 60 },
  );
});

function seesEnough({ own, ...window }: Window, canvas: { width: number; height: number }): void {
  const reach = reachOf(layers);
  const sides = [
    [own.left - window.left, window.left],
    [own.top - window.top, window.top],
    [window.left + window.width - own.left - own.width, canvas.width - window.left - window.width],
    [window.top + window.height - own.top - own.height, canvas.height - window.top - window.height],
  ];
  for (const [beyond = 0, toEdge = 0] of sides) {
    expect(beyond).toBeGreaterThanOrEqual(0);
    expect(toEdge).toBeGreaterThanOrEqual(0);
    if (toEdge > 0) expect(beyond).toBeGreaterThanOrEqual(reach);
  }
}

test("what fits is one window, and what cannot be is said", () => {
  expect(windowsOf({ width: 64, height: 32 }, { layers, maxPixels: 64 * 32 })).toEqual([
    { left: 0, top: 0, width: 64, height: 32, own: { left: 0, top: 0, width: 64, height: 32 } },
  ]);
  expect(() => windowsOf({ width: 640, height: 640 }, { layers, maxPixels: 20 ** 2 })).toThrow(/no window/);
});
