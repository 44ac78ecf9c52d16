import { describe, expect, test } from "vitest";
import { planLosses } from "../../../src/art/losses.ts";
import { paintingHash, paintSettings } from "../../../src/art/settings.ts";
import { variantsOf } from "../../../src/art/variants.ts";
import { mixedNetwork } from "../../support/art-networks.ts";

describe("paintSettings", () => {
  test.each([
    ["size", 15],
    ["size", 3841],
    ["optimiser", "newton"],
    ["size", 100.5],
    ["steps", 0],
    ["seed", -1],
    ["styleScale", 0.1],
    ["contentWeight", -1],
    ["aspect", 9],
    ["learningRate", 0],
    ["mode", "portrait"],
    ["network", "vgg16"],
    ["styleLayers", []],
    ["styleLayers", [{ layer: "a", weight: -1 }]],
    ["unknown", 1],
  ])("%s of %j is refused", (name, value) => {
    expect(paintSettings.safeParse({ [name]: value }).success).toBe(false);
  });
});

describe("paintingHash", () => {
  const settings = paintSettings.parse({});
  const identity = { settings, inputs: [{ role: "style", sha256: "a", weight: 1 }], networkSha256: "n" };

  test("the order in which keys were written does not count", () => {
    const turned = { ...identity, settings: Object.fromEntries(Object.entries(settings).reverse()) as typeof settings };
    expect(paintingHash(turned)).toBe(paintingHash(identity));
  });

  test.each([
    ["a setting", { ...identity, settings: { ...settings, seed: 2 } }],
    ["an input", { ...identity, inputs: [{ role: "style", sha256: "b", weight: 1 }] }],
    ["a weight", { ...identity, inputs: [{ role: "style", sha256: "a", weight: 2 }] }],
    ["the network", { ...identity, networkSha256: "m" }],
  ])("%s that differs gives another hash", (_, other) => {
    expect(paintingHash(other)).not.toBe(paintingHash(identity));
  });
});

describe("planLosses", () => {
  const plan = (input: object) => planLosses(paintSettings.parse(input), mixedNetwork);
  const sum = (layers: readonly { weight: number }[]) => layers.reduce((all, { weight }) => all + weight, 0);

  test("shares of layers add up to alpha and beta", () => {
    const { content, style } = plan({ contentWeight: 0.3, styleWeight: 2 });
    expect(sum(content)).toBeCloseTo(0.3, 9);
    expect(sum(style)).toBeCloseTo(2, 9);
  });

  test("texture has no content and inversion no style", () => {
    expect(plan({ mode: "texture" }).content).toEqual([]);
    expect(plan({ mode: "inversion" }).style).toEqual([]);
  });

  test("a dream has no style, and its features are to be excited", () => {
    expect(plan({ mode: "dream" })).toMatchObject({
      contentAim: "excite",
      style: [],
      content: [{ layer: "f", weight: 1 }],
    });
    expect(plan({ mode: "inversion" }).contentAim).toBe("match");
  });

  test("layers of weight zero are left out, and one named twice counts once", () => {
    const styleLayers = [
      { layer: "a", weight: 1 },
      { layer: "b", weight: 0 },
      { layer: "a", weight: 3 },
    ];
    expect(plan({ styleLayers }).style).toEqual([{ layer: "a", weight: 1 }]);
  });

  test("the style weight zero leaves the content alone", () => {
    expect(plan({ styleWeight: 0 })).toMatchObject({ style: [], content: [{ layer: "f" }] });
  });

  test.each([
    { styleWeight: 0, contentWeight: 0 },
    { mode: "texture", styleWeight: 0 },
    { mode: "inversion", contentWeight: 0 },
  ])("with nothing to minimise it says so: %j", (input) => {
    expect(() => plan(input)).toThrow(/nothing to paint/);
  });
});

test("the variant in the middle is the one that was asked for, and all nine differ", () => {
  const settings = paintSettings.parse({ contentWeight: 0.1, styleScale: 1 });
  const all = variantsOf(settings);
  expect(all[4]?.settings).toEqual(settings);
  expect(new Set(all.map(({ caption }) => caption)).size).toBe(9);
});
