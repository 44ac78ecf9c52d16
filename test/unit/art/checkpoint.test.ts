import { describe, expect, test } from "vitest";
import { decodeCheckpoint, encodeCheckpoint, type PaintingState } from "../../../src/art/checkpoint.ts";
import { randomPlanes } from "../../support/art-networks.ts";

const state: PaintingState = {
  paintingHash: "ab".repeat(32),
  level: 2,
  levelStep: 7,
  step: 57,
  momentStep: 7,
  width: 5,
  height: 4,
  rate: 0.5,
  loss: [0.3, 0.1],
  pixels: randomPlanes(5, 4, 1).data,
  firstMoment: randomPlanes(5, 4, 2).data,
  secondMoment: randomPlanes(5, 4, 3).data,
  average: randomPlanes(5, 4, 4).data,
  history: [],
};

describe("checkpoint", () => {
  test("what is read is what was written, to the last bit", () => {
    expect(decodeCheckpoint(encodeCheckpoint(state))).toEqual(state);
  });

  test("moves of L-BFGS are read as they were written, and so are arrays that it does not have", () => {
    const none = new Float32Array(0);
    const moves = [5, 6, 7, 8].map((seed) => randomPlanes(5, 4, seed).data);
    const other = { ...state, firstMoment: none, secondMoment: none, average: none, history: moves };
    expect(decodeCheckpoint(encodeCheckpoint(other))).toEqual(other);
  });

  test("arrays that are views into larger ones are written right", () => {
    const large = new Float32Array(100).fill(9);
    large.set(state.pixels, 11);
    const view = { ...state, pixels: large.subarray(11, 71) };
    expect(decodeCheckpoint(encodeCheckpoint(view)).pixels).toEqual(state.pixels);
  });

  const whole = encodeCheckpoint(state);
  test.each([
    ["nothing", new Uint8Array(0)],
    ["another file", new TextEncoder().encode("GIF89a and then some more bytes than the mark and digest take")],
    ["one cut short", whole.subarray(0, whole.length - 1)],
    ["one cut in its header", whole.subarray(0, 20)],
    ["one with a changed bit", whole.map((byte, i) => (i === whole.length - 5 ? byte ^ 1 : byte))],
    ["one of an older version", whole.map((byte, i) => (i === 9 ? 49 : byte))],
    ["one with a changed mark", whole.map((byte, i) => (i === 9 ? byte + 1 : byte))],
  ])("%s is refused and said to be damaged", (_, bytes) => {
    expect(() => decodeCheckpoint(bytes)).toThrow(/damaged or of another version/);
  });
});
