import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawing, openStudio, quick } from "../../support/art-studio.ts";

const studio = openStudio();
let style: { file: string; weight: number };
beforeAll(async () => {
  style = { file: await studio.draw("style.png", { seed: 4 }), weight: 1 };
});
afterAll(() => studio.close());

const settings = quick({ size: 64, steps: 2 });
const paint = (file: string) => studio.painter.paint(settings, { content: { file }, styles: [style] });

/** Pictures that are out of the ordinary but mean something. */
const unusual: [string, (file: string) => Promise<unknown>][] = [
  ["grey.png", (file) => drawing(90, 60, 1).greyscale().toColourspace("b-w").toFile(file)],
  ["alpha.png", (file) => drawing(90, 60, 1).ensureAlpha(0.3).toFile(file)],
  ["cmyk.jpg", (file) => drawing(90, 60, 1).toColourspace("cmyk").jpeg().toFile(file)],
  ["sixteen-bits.png", (file) => drawing(90, 60, 1).toColourspace("rgb16").png().toFile(file)],
  ["narrow.png", (file) => drawing(8, 900, 1).toFile(file)],
  [
    "hundred-megapixels.jpg",
    (file) => drawing(40, 30, 1).resize(11_600, 8_700, { kernel: "nearest" }).jpeg({ quality: 40 }).toFile(file),
  ],
  ["rotated.jpg", (file) => drawing(90, 60, 1).withMetadata({ orientation: 6 }).jpeg().toFile(file)],
];

test.each(unusual)("%s is painted", async (name, make) => {
  await make(studio.file(name));
  const { picture } = await paint(studio.file(name));
  expect(Math.max(picture.width, picture.height)).toBe(64);
});

test.each(unusual)("%s is a style", async (name, make) => {
  await make(studio.file(`style-${name}`));
  const styles = [{ file: studio.file(`style-${name}`), weight: 1 }];
  const { provenance } = await studio.painter.paint(settings, { content: { file: style.file }, styles });
  expect(provenance.loss.every(Number.isFinite)).toBe(true);
});

test.each(unusual.filter(([name]) => !name.startsWith("hundred")))("%s is a mask", async (name, make) => {
  await make(studio.file(`mask-${name}`));
  const styles = [{ ...style, mask: studio.file(`mask-${name}`) }];
  const { provenance } = await studio.painter.paint(settings, { content: { file: style.file }, styles });
  expect(provenance.loss.every(Number.isFinite)).toBe(true);
});

test.each([
  ["content", 0],
  ["style", 1],
])("a %s of one colour alone is painted", async (_, place) => {
  const flat = studio.file("flat.png");
  await sharp({ create: { width: 64, height: 64, channels: 3, background: "#808080" } })
    .png()
    .toFile(flat);
  const [content = "", other = ""] = place === 0 ? [flat, style.file] : [style.file, flat];
  const inputs = { content: { file: content }, styles: [{ file: other, weight: 1 }] };
  for (const preserveColour of ["none", "luminance", "affine"] as const) {
    const { provenance } = await studio.painter.paint(quick({ size: 64, steps: 2, preserveColour }), inputs);
    expect(provenance.loss.every(Number.isFinite)).toBe(true);
  }
});

test("a picture is painted upright", async () => {
  await drawing(90, 60, 1).withMetadata({ orientation: 6 }).jpeg().toFile(studio.file("upright.jpg"));
  const { picture } = await paint(studio.file("upright.jpg"));
  expect(picture.height).toBeGreaterThan(picture.width);
});

test("what is transparent is white", async () => {
  await sharp({ create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toFile(studio.file("clear.png"));
  const settings = quick({ size: 64, steps: 1, learningRate: 0.01 });
  const inputs = { content: { file: studio.file("clear.png") }, styles: [style] };
  const { picture } = await studio.painter.paint(settings, inputs);
  expect(picture.rgb.every((value) => value >= 254)).toBe(true);
});

const unusable: [string, (file: string) => unknown, RegExp][] = [
  ["absent.jpg", () => undefined, /cannot be read: ENOENT/],
  ["folder.jpg", (file) => mkdirSync(file), /is not a file/],
  ["empty.jpg", (file) => writeFileSync(file, ""), /is empty/],
  ["text.jpg", (file) => writeFileSync(file, "this is no picture"), /is no picture that can be read/],
  [
    "drawing.svg",
    (file) => writeFileSync(file, "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='90'/>"),
    /is svg/,
  ],
  ["one-pixel.png", (file) => drawing(1, 1, 1).toFile(file), /is 1 x 1 pixels, too small/],
  ["thin.png", (file) => drawing(900, 2, 1).toFile(file), /too small/],
  ["cut.jpg", (file) => cut(file), /cannot be decoded/],
];

async function cut(file: string): Promise<void> {
  await drawing(400, 300, 1).jpeg().toFile(file);
  writeFileSync(file, readFileSync(file).subarray(0, 2500));
}

describe.each(unusable)("%s", (name, make, reason) => {
  test("is refused as content in one line that says why", async () => {
    await make(studio.file(name));
    const refusal = await paint(studio.file(name)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "LINTEL_E_UNREADABLE", message: expect.stringMatching(reason) });
    expect(refusal).toHaveProperty("hint", expect.stringMatching(/\w/));
  });

  test("is refused as style and as mask too", async () => {
    await make(studio.file(`again-${name}`));
    const file = studio.file(`again-${name}`);
    for (const styles of [[{ file, weight: 1 }], [{ ...style, mask: file }]]) {
      const painting = studio.painter.paint(settings, { content: { file: style.file }, styles });
      await expect(painting).rejects.toMatchObject({
        code: "LINTEL_E_UNREADABLE",
        message: expect.stringMatching(reason),
      });
    }
  });
});

test.each([
  ["no content", quick(), { styles: [{ weight: 1 }] }, /needs a content picture/],
  ["no style", quick(), { content: true, styles: [] }, /needs a style picture/],
  ["no start", quick({ start: "picture" }), { content: true, styles: [{ weight: 1 }] }, /a picture to start from/],
  ["all styles of weight zero", quick(), { content: true, styles: [{ weight: 0 }] }, /all styles have the weight 0/],
  ["a negative weight", quick(), { content: true, styles: [{ weight: -1 }] }, /cannot have the weight -1/],
  ["a weight that is no number", quick(), { content: true, styles: [{ weight: Number.NaN }] }, /weight NaN/],
  [
    "an unknown layer",
    quick({ styleLayers: [{ layer: "pw99", weight: 1 }] }),
    { content: true, styles: [{ weight: 1 }] },
    /no layer pw99/,
  ],
  [
    "colours without a content",
    quick({ mode: "texture", preserveColour: "affine" }),
    { styles: [{ weight: 1 }] },
    /content picture/,
  ],
  [
    "a network that is not installed",
    quick({ network: "vgg19" }),
    { content: true, styles: [{ weight: 1 }] },
    /vgg19 is not installed/,
  ],
] as const)("%s is refused before anything is painted", async (_, settings, given, reason) => {
  const content = "content" in given ? { content: { file: style.file } } : {};
  const styles = given.styles.map(({ weight }) => ({ file: style.file, weight }));
  const painting = studio.painter.paint(settings, { ...content, styles });
  await expect(painting).rejects.toThrow(reason);
});
