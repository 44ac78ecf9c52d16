import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadMobilenet } from "../../../src/art/networks/mobilenet.ts";
import type { PaintInputs } from "../../../src/art/paint.ts";
import { openStudio, quick } from "../../support/art-studio.ts";

const studio = openStudio();
let inputs: PaintInputs & { content: { file: string } };
beforeAll(async () => {
  inputs = await studio.drawInputs();
});
afterAll(() => studio.close());

describe("with masks", () => {
  let left: string;
  beforeAll(async () => {
    left = studio.file("left.png");
    const half = { create: { width: 48, height: 64, channels: 3 as const, background: "#ffffff" } };
    await sharp(half).extend({ right: 48, background: "#000000" }).png().toFile(left);
  });

  test("a style has its effect where its mask is white, and the mask stands in the record", async () => {
    const flat = studio.file("red.png");
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#ff0000" } })
      .png()
      .toFile(flat);
    const blue = studio.file("blue.png");
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#0000ff" } })
      .png()
      .toFile(blue);
    const styles = [
      { file: flat, weight: 1, mask: left },
      { file: blue, weight: 1 },
    ];
    const settings = quick({ contentWeight: 0.001, steps: 60, coarsestSize: 48 });
    const { picture, provenance } = await studio.painter.paint(settings, { ...inputs, styles });
    const redder = (from: number, until: number) => {
      let sum = 0;
      for (let i = 0; i < 96 * 64; i++) {
        if (i % 96 >= from && i % 96 < until) sum += picture.rgb[3 * i]! - picture.rgb[3 * i + 2]!;
      }
      return sum / (64 * (until - from));
    };
    expect(redder(0, 40)).toBeGreaterThan(redder(56, 96) + 60);
    expect(provenance.inputs.map(({ role, name }) => `${role} ${name}`)).toEqual([
      "content content.png",
      "style red.png",
      "mask left.png",
      "style blue.png",
    ]);
    expect(provenance.fidelity.styleDistance).toBeLessThan(0.6);
  });

  test.each([
    ["a mask that is black", "#000000", 1, /black.png: there is no place/],
    [
      "one that leaves nothing to the other style",
      "#ffffff",
      2,
      /what the masks leave to style.png: there is no place/,
    ],
  ])("%s is refused before anything is painted", async (_, background, count, reason) => {
    const mask = studio.file("black.png");
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(mask);
    const [style] = inputs.styles;
    if (style === undefined) throw new Error("no style");
    const styles = [{ ...style, mask }, ...(count === 2 ? [style] : [])];
    await expect(studio.painter.paint(quick(), { ...inputs, styles })).rejects.toThrow(reason);
  });

  test("a mask that is no picture is refused", async () => {
    const styles = inputs.styles.map((style) => ({ ...style, mask: studio.file("nowhere.png") }));
    await expect(studio.painter.paint(quick(), { ...inputs, styles })).rejects.toMatchObject({
      code: "LINTEL_E_UNREADABLE",
    });
  });
});

test("a picture that is painted window by window is the one that is painted whole", async () => {
  const mobilenet = await loadMobilenet();
  // 512 x 341, and so windows of a third of what is said here.
  const small = openStudio({ networks: { load: async () => ({ ...mobilenet, pixelsAtOnce: 150_000 }) } });
  const settings = quick({ size: 512, coarsestSize: 512, steps: 2, styleScale: 0.5 });
  const [whole, tiled] = [await studio.painter.paint(settings, inputs), await small.painter.paint(settings, inputs)];
  small.close();
  const gap = whole.picture.rgb.reduce((sum, value, i) => sum + Math.abs(value - tiled.picture.rgb[i]!), 0);
  expect(gap / whole.picture.rgb.length).toBeLessThan(0.05);
  expect(tiled.provenance.fidelity.styleDistance).toBeCloseTo(whole.provenance.fidelity.styleDistance ?? 0, 4);
  expect(tiled.provenance.fidelity.contentCorrelation).toBeCloseTo(
    whole.provenance.fidelity.contentCorrelation ?? 0,
    3,
  );
});
