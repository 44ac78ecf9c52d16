import { describe, expect, it } from "vitest";
import { AntiSpoof } from "../../../src/pipeline/anti-spoof.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";
import { NumberNetwork } from "../../support/number-network.ts";

const logits = (...values: number[]) => ({ output: Float32Array.from(values) });
const saying = (live: number) => new NumberNetwork(80, () => logits(0, Math.log((2 * live) / (1 - live)), 0));

function pair(v2: NumberNetwork, v1se: NumberNetwork) {
  return { v2, v1se, judge: new AntiSpoof({ v2, v1se }) };
}

/** Left half of one colour, right half of another. */
function picture(left: number[], right: number[], width = 640, height = 480): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(i % width < width / 2 ? left : right, i * 3);
  return { rgb, width, height };
}

const colourful = picture([200, 100, 50], [40, 60, 220]);
const face = { x: 270, y: 190, width: 100, height: 100 };

describe("both networks on one face", () => {
  it("the mean of both is what counts", async () => {
    const { judge, v2, v1se } = pair(saying(0.9), saying(0.2));
    const look = await judge.look(colourful, face);
    expect(look).toMatchObject({ kind: "judged" });
    expect(look.kind === "judged" && look.live).toBeCloseTo(0.55, 5);
    expect([v2.inputs.length, v1se.inputs.length]).toEqual([1, 1]);
  });

  it("they are given raw values, blue first", async () => {
    const { judge, v2 } = pair(saying(0.5), saying(0.5));
    await judge.look(colourful, face);
    const [input] = v2.inputs;
    const plane = 80 * 80;
    expect([input?.[0], input?.[plane], input?.[2 * plane]]).toEqual([50, 100, 200]);
    expect([input?.[79], input?.[plane + 79], input?.[2 * plane + 79]]).toEqual([220, 60, 40]);
  });

  it("the second network sees more of the surroundings", async () => {
    const image = picture([200, 100, 50], [40, 60, 220]);
    const { judge, v2, v1se } = pair(saying(0.5), saying(0.5));
    await judge.look(image, { ...face, x: 300 });
    const blueWidth = (input: Float32Array | undefined) =>
      input?.subarray(0, 80).filter((value) => value === 220).length;
    // Centre at 350: the colour changes 30 px left of it, of a crop 270 or 400 px wide.
    expect(blueWidth(v2.inputs[0])).toBe(Math.round(80 * ((135 + 30) / 270)));
    expect(blueWidth(v1se.inputs[0])).toBe(Math.round(80 * ((200 + 30) / 400)));
  });

  const unfit: [string, RgbImage, typeof face, string][] = [
    ["greyscale", picture([200, 200, 200], [90, 90, 90]), face, "grey"],
    ["evenly tinted, as infrared is", picture([200, 170, 200], [100, 85, 100]), face, "grey"],
    ["dark", picture([20, 10, 5], [4, 6, 22]), face, "dark"],
    ["filled by the face", colourful, { x: 100, y: 50, width: 320, height: 400 }, "tight"],
    ["of a face the size of a stamp", colourful, { ...face, width: 30, height: 30 }, "small"],
    ["beside which the box lies without area", colourful, { ...face, width: 0 }, "small"],
  ];
  for (const [name, image, box, why] of unfit) {
    it(`a picture ${name} is not put to them`, async () => {
      const { judge, v2, v1se } = pair(saying(0), saying(0));
      expect(await judge.look(image, box)).toEqual({ kind: "unfit", why });
      expect(v2.inputs.length + v1se.inputs.length).toBe(0);
    });
  }

  it("an answer of the wrong length is an error, not a verdict", async () => {
    const { judge } = pair(new NumberNetwork(80, () => logits(0, 1)), saying(0.5));
    await expect(judge.look(colourful, face)).rejects.toThrow("2 numbers");
  });
});

describe("the test at the start", () => {
  /** Answers by the mean of its input, as a network does that works. */
  const working = () =>
    new NumberNetwork(80, (input) => logits(input.reduce((sum, value) => sum + value, 0) / 100_000, 0, 0));
  /** As the real ones do with values from 0 to 1: all pictures look the same. */
  const blind = () => new NumberNetwork(80, () => logits(0.1, 0.2, 4.5));

  it("networks that tell pictures apart pass", async () => {
    expect(await pair(working(), working()).judge.selfTest()).toBeNull();
  });
  it("a network that answers the same whatever it sees is named", async () => {
    expect(await pair(blind(), working()).judge.selfTest()).toMatch(/^minifasnet-v2 answers the same/);
    expect(await pair(working(), blind()).judge.selfTest()).toMatch(/^minifasnet-v1se answers the same/);
  });
  it("a network that computes no numbers is named", async () => {
    const broken = new NumberNetwork(80, () => logits(Number.NaN, 0, 0));
    expect(await pair(working(), broken).judge.selfTest()).toBe("minifasnet-v1se computes what is no number");
  });
});
