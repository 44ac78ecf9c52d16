import { describe, expect, it } from "vitest";
import { placeWindow } from "../../../../src/models/tfjs/window.ts";

describe("placeWindow", () => {
  it.each([
    ["an odd rest of padding goes to the end", { size: 256, kernel: 5, stride: 2, dilation: 1 }, "SAME", [1, 2, 128]],
    ["stride one keeps the size", { size: 9, kernel: 3, stride: 1, dilation: 1 }, "SAME", [1, 1, 9]],
    ["a window that fits needs no padding", { size: 128, kernel: 2, stride: 2, dilation: 1 }, "SAME", [0, 0, 64]],
    ["a window smaller than its stride needs none", { size: 7, kernel: 1, stride: 2, dilation: 1 }, "SAME", [0, 0, 4]],
    ["dilation widens the reach", { size: 10, kernel: 3, stride: 1, dilation: 2 }, "SAME", [2, 2, 10]],
    ["nothing is padded if valid", { size: 150, kernel: 7, stride: 2, dilation: 1 }, "VALID", [0, 0, 72]],
    ["a valid window drops the rest", { size: 8, kernel: 3, stride: 2, dilation: 1 }, "VALID", [0, 0, 3]],
  ] as const)("%s", (_, axis, padding, [begin, end, places]) => {
    expect(placeWindow(axis, padding)).toEqual({ begin, end, places });
  });
});
