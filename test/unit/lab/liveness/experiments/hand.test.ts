import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/core/random.ts";
import { type HandSample, hand, skinBeside } from "../../../../../src/lab/liveness/experiments/hand.ts";
import { spotsOf } from "../../../../../src/lab/liveness/experiments/spots.ts";
import { meshOf } from "../../../../support/head.ts";

const random = seededRandom(5);
const size = { width: 640, height: 480 };
const skin = [205, 155, 130] as const;

type Patch = readonly [left: number, top: number, right: number, bottom: number];

/** A grey room with patches of skin in it. */
function picture(patches: readonly Patch[]) {
  const rgb = new Uint8Array(size.width * size.height * 3).fill(120);
  for (const [left, top, right, bottom] of patches) {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) rgb.set(skin, 3 * (y * size.width + x));
  }
  return { rgb, ...size };
}

/** What is seen while a face goes through the picture, with the patches that there are at each moment. */
function watch(patchesAt: (x: number) => readonly Patch[], frames = 12): HandSample[] {
  return Array.from({ length: frames }, (_, n) => {
    const x = 200 + 10 * n;
    const mesh = meshOf({ centreX: x, centreY: 220, eyeDistancePx: 55, noisePx: 0.2 }, random);
    return skinBeside(picture(patchesAt(x)), mesh);
  });
}

const face = (x: number): Patch => [x - 35, 190, x + 35, 290];
const fingers = (x: number): Patch => [x + 85, 250, x + 110, 290];

describe("a hand beside a face", () => {
  it("that moves with it is seen", () => {
    expect(hand.judge(watch((x) => [face(x), fingers(x)]))).toMatchObject({ verdict: "spoof" });
  });

  it.each([
    ["the face itself", (x: number) => [face(x)]],
    ["its neck", (x: number) => [face(x), [x - 20, 290, x + 20, 330] as const]],
    ["something of that colour that stays where it is", (x: number) => [face(x), fingers(240)]],
    ["what is too small", (x: number) => [face(x), [x + 85, 250, x + 89, 254] as const]],
    ["a wall of that colour", () => [[0, 0, 640, 480] as const]],
  ] as const)("is not taken for one: %s", (_, patchesAt) => {
    expect(hand.judge(watch(patchesAt)).verdict).toBe("no-verdict");
  });

  it("is not judged by few frames", () => {
    const few = watch((x) => [face(x), fingers(x)], 7);
    expect(hand.judge(few)).toMatchObject({ verdict: "no-verdict", score: 0.5 });
  });
});

describe("pixels that hang together", () => {
  const mask = (rows: readonly string[]) => Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));

  it("are one spot each, with its middle, its area and what of it is one's own", () => {
    const rows = ["##...", "##...", ".....", "...##", "....#"];
    const spots = spotsOf(mask(rows), { side: 5, perUnit: 1, isOwn: (x) => x > 2 });
    expect(spots).toHaveLength(2);
    expect(spots[0]).toMatchObject({ x: -2, y: -2, area: 4, own: 0 });
    expect(spots[1]?.area).toBe(3);
  });

  it("do not hang together over a corner nor over the rim", () => {
    expect(spotsOf(mask([".#", "#."]), { side: 2, perUnit: 1, isOwn: () => false })).toHaveLength(2);
    expect(spotsOf(mask([".#.", ".#.", "..."]), { side: 3, perUnit: 1, isOwn: () => false })).toHaveLength(1);
    expect(spotsOf(mask(["..#", "#..", "..."]), { side: 3, perUnit: 1, isOwn: () => false })).toHaveLength(2);
  });
});
