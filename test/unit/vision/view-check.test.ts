import { describe, expect, it } from "vitest";
import { Sensor } from "../../../src/simulation/sensor.ts";
import { ViewCheck, viewProblem } from "../../../src/vision/view-check.ts";

const [width, height] = [160, 120];

interface Look {
  readonly exposure?: number;
  readonly noise?: number;
}

/** A picture of `level(x, y)`, 0 to 1 across and down, through a sensor. */
function picture(level: (x: number, y: number) => number, { exposure = 1, noise = 1.6 }: Look = {}) {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      rgb.fill(level(x / width, y / height), (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  new Sensor({ seed: 9, exposure, noise }).expose(rgb, 0);
  return { rgb, width, height };
}

const room = (x: number, y: number) => (y > 0.7 ? 70 : 150 + 60 * Math.sin(9 * x) - (x > 0.4 && x < 0.6 ? 90 : 0));

describe("what one picture shows", () => {
  it.each([
    ["a cap on the lens", picture(() => 0), "dark"],
    ["a cap on the lens of a noisy sensor", picture(() => 2, { noise: 6 }), "dark"],
    ["a door without light", picture(room, { exposure: 0.04 }), "dark"],
    ["a hand on the lens", picture((x) => 24 + 8 * x), "covered"],
    ["white tape", picture((x, y) => 200 + 6 * x + 4 * y), "covered"],
    ["the sun in the lens", picture(() => 255), "covered"],
    ["a room", picture(room), null],
    ["a dim room with a noisy sensor", picture(room, { exposure: 0.25, noise: 6 }), null],
    ["a room in haze", picture((x, y) => 150 + room(x, y) / 6), null],
    ["the dark with a lit window", picture((x, y) => (x > 0.7 && y < 0.3 ? 160 : 3)), null],
  ])("%s", (_name, shown, expected) => {
    expect(viewProblem(shown)).toBe(expected);
  });
});

describe("a view", () => {
  const black = picture(() => 0);
  const frameAt = (seconds: number, shown = black) => ({
    ...shown,
    capturedAtMs: seconds * 1000,
    sequence: 0,
  });

  it("is called dark when it has been so for five looks, a second apart, and not for a hand that passes", () => {
    const check = new ViewCheck();
    const said = [0, 1, 2, 3, 4, 5].map((seconds) => check.look(frameAt(seconds)));
    expect(said).toEqual([null, null, null, null, "dark", "dark"]);
  });

  it("looks at one picture a second, however many come", () => {
    const check = new ViewCheck();
    for (let i = 0; i < 40; i++) expect(check.look(frameAt(i / 15))).toBeNull();
  });

  it("is well again with one good look, and starts to count anew", () => {
    const check = new ViewCheck();
    for (let i = 0; i < 5; i++) check.look(frameAt(i));
    expect(check.look(frameAt(6, picture(room)))).toBeNull();
    expect([7, 8, 9, 10].map((seconds) => check.look(frameAt(seconds)))).toEqual([null, null, null, null]);
    expect(check.look(frameAt(11))).toBe("dark");
  });

  it("says nothing of a camera that was opened anew until it is sure again", () => {
    const check = new ViewCheck();
    for (let i = 0; i < 5; i++) check.look(frameAt(i));
    check.reset();
    expect(check.look(frameAt(5))).toBeNull();
  });
});
