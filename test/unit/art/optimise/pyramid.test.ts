import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pyramid } from "../../../../src/art/optimise/pyramid.ts";

describe("pyramid", () => {
  test("1920 x 1080 from 256 grows by the square root of 2 to the full size", () => {
    const levels = pyramid({ width: 1920, height: 1080, coarsestSize: 256, steps: 400, canvasStep: 16 });
    expect(levels.map(({ visible }) => visible.width)).toEqual([240, 339, 480, 679, 960, 1358, 1920]);
    expect(levels.at(-1)).toMatchObject({ visible: { height: 1080 }, canvas: { width: 1920, height: 1088 } });
  });

  test("half of the steps are at the full size", () => {
    const levels = pyramid({ width: 512, height: 512, coarsestSize: 256, steps: 200, canvasStep: 16 });
    expect(levels.map(({ steps }) => steps)).toEqual([50, 50, 100]);
  });

  test("a picture no larger than the coarsest size has one level", () => {
    const levels = pyramid({ width: 200, height: 100, coarsestSize: 256, steps: 7, canvasStep: 8 });
    expect(levels).toEqual([{ visible: { width: 200, height: 100 }, canvas: { width: 200, height: 104 }, steps: 7 }]);
  });

  test("whatever is asked for: every level has a step, they add up, canvases hold the picture in whole steps", () => {
    const side = fc.integer({ min: 1, max: 2048 });
    const options = fc.record({
      width: side,
      height: side,
      coarsestSize: fc.integer({ min: 16, max: 2048 }),
      steps: fc.integer({ min: 1, max: 500 }),
      canvasStep: fc.constantFrom(1, 4, 8, 16),
    });
    fc.assert(
      fc.property(options, (wanted) => {
        const levels = pyramid(wanted);
        expect(levels.reduce((sum, { steps }) => sum + steps, 0)).toBe(wanted.steps);
        expect(levels.at(-1)?.visible).toEqual({ width: wanted.width, height: wanted.height });
        for (const { steps, visible, canvas } of levels) {
          expect(steps).toBeGreaterThan(0);
          expect(canvas.width % wanted.canvasStep).toBe(0);
          expect(canvas.width).toBeGreaterThanOrEqual(visible.width);
          expect(canvas.height - visible.height).toBeLessThan(wanted.canvasStep);
        }
      }),
    );
  });
});
