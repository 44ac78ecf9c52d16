import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import type { RgbImage } from "../../../src/pipeline/types.ts";
import { decodePhoto, photoLimits } from "../../../src/vision/decode-photo.ts";

/** Left half red, right half blue. */
function twoColours(width = 64, height = 32): Sharp {
  const raw = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) raw.set(i % width < width / 2 ? [255, 0, 0] : [0, 0, 255], i * 3);
  return sharp(raw, { raw: { width, height, channels: 3 } });
}

/** A picture that does not compress: noise. */
async function noiseJpeg(): Promise<Buffer> {
  const raw = Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, i) => (i * 2654435761) >>> 24));
  return sharp(raw, { raw: { width: 300, height: 300, channels: 3 } })
    .jpeg()
    .toBuffer();
}

async function animatedGif(): Promise<Buffer> {
  const frames = await Promise.all(
    ["#f00", "#00f"].map((background) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  return sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
}

/** The chunk that makes a PNG an animation, put right behind its header. */
async function animatedPng(): Promise<Buffer> {
  const png = await twoColours().png().toBuffer();
  const chunk = Buffer.alloc(20);
  chunk.writeUInt32BE(8, 0);
  chunk.write("acTL", 4, "latin1");
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

function pixel({ rgb, width }: RgbImage, x: number, y: number): number[] {
  return [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

async function decoded(bytes: Uint8Array): Promise<RgbImage> {
  const result = await decodePhoto(bytes);
  if ("problem" in result) throw new Error(`${result.problem}: ${result.detail}`);
  expect(result.image.rgb).toHaveLength(result.image.width * result.image.height * 3);
  return result.image;
}

describe("decodePhoto refuses", () => {
  const cases: readonly (readonly [string, () => Promise<Uint8Array>, string])[] = [
    ["nothing at all", async () => new Uint8Array(0), "empty"],
    ["text", async () => Buffer.from("I am no picture"), "not-an-image"],
    ["a JPEG's first bytes alone", async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "not-an-image"],
    ["noise", async () => Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 73) % 256)), "not-an-image"],
    [
      "a drawing that is a program",
      async () =>
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'),
      "not-an-image",
    ],
    ["a JPEG cut in the middle", async () => (await noiseJpeg()).subarray(0, 9000), "corrupt"],
    [
      "a PNG cut in the middle",
      async () => (await twoColours(600, 600).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 5000),
      "corrupt",
    ],
    ["an animated GIF", animatedGif, "animated"],
    ["an animated PNG", animatedPng, "animated"],
    ["more bytes than allowed", async () => Buffer.alloc(photoLimits.maxBytes + 1), "too-large"],
    [
      "a small file that unfolds into 100 megapixels",
      () =>
        sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: "#777" } })
          .png()
          .toBuffer(),
      "too-many-pixels",
    ],
  ];

  it.each(cases)(
    "%s, with one line that says why",
    async (_, make, problem) => {
      const result = await decodePhoto(await make());
      expect(result).toMatchObject({ problem });
      if (!("problem" in result)) throw new Error("it was decoded");
      expect(result.detail).toMatch(/^[^\n]{5,300}$/);
    },
    20_000,
  );
});

describe("decodePhoto turns into 8-bit sRGB", () => {
  const cases: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ["JPEG", () => twoColours().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer()],
    ["PNG", () => twoColours().png().toBuffer()],
    ["WebP", () => twoColours().webp({ lossless: true }).toBuffer()],
    ["AVIF", () => twoColours().avif({ quality: 90, chromaSubsampling: "4:4:4" }).toBuffer()],
    ["16-bit PNG", () => twoColours().toColourspace("rgb16").png().toBuffer()],
    ["opaque RGBA", () => twoColours().ensureAlpha().png().toBuffer()],
    ["palette PNG", () => twoColours().png({ palette: true }).toBuffer()],
  ];

  it.each(cases)("%s", async (_, make) => {
    const image = await decoded(await make());
    expect([image.width, image.height]).toEqual([64, 32]);
    const [left, right] = [pixel(image, 5, 16), pixel(image, 60, 16)];
    expect(left[0]).toBeGreaterThan(230);
    expect(left[2]).toBeLessThan(30);
    expect(right[2]).toBeGreaterThan(230);
    expect(right[0]).toBeLessThan(30);
  });

  it("CMYK", async () => {
    const image = await decoded(await twoColours().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer());
    const [red = 0, , blue = 0] = pixel(image, 5, 16);
    expect(red).toBeGreaterThan(blue + 100);
  });

  it.each([
    ["grey", () => twoColours().greyscale().png().toBuffer()],
    ["grey with 16 bits", () => twoColours().greyscale().toColourspace("grey16").png().toBuffer()],
  ])("%s, as three equal channels", async (_, make) => {
    const [red, green, blue] = pixel(await decoded(await make()), 5, 16);
    expect(green).toBe(red);
    expect(blue).toBe(red);
  });

  it("transparency over grey, not over whatever colour lies hidden under it", async () => {
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } });
    expect(pixel(await decoded(await clear.png().toBuffer()), 4, 4)).toEqual([128, 128, 128]);
  });

  it("all eight EXIF orientations, upright", async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const image = await decoded(await twoColours().withMetadata({ orientation }).png().toBuffer());
      expect([image.width, image.height], `orientation ${orientation}`).toEqual(orientation < 5 ? [64, 32] : [32, 64]);
      const redCorner = { 1: [2, 2], 2: [60, 2], 3: [60, 2], 4: [2, 2], 5: [2, 2], 6: [2, 2], 7: [2, 60], 8: [2, 60] }[
        orientation
      ];
      const [x = 0, y = 0] = redCorner ?? [];
      expect(pixel(image, x, y)[0], `orientation ${orientation}`).toBeGreaterThan(200);
    }
  });

  it("a large picture, shrunk to 1600 pixels", async () => {
    const image = await decoded(await twoColours(4000, 1000).jpeg().toBuffer());
    expect([image.width, image.height]).toEqual([1600, 400]);
  });

  it("a picture of one pixel, without enlarging it", async () => {
    const image = await decoded(await twoColours(1, 1).png().toBuffer());
    expect([image.width, image.height]).toEqual([1, 1]);
  });
});
