import { crc32 } from "node:zlib";
import sharp from "sharp";
import { readSample } from "./sample-photos.ts";

/** Pictures that should not be taken, and pictures that look odd but are good, made from one good portrait. */

/** A PNG whose header promises 3.6 gigapixels. */
async function bomb(): Promise<Buffer> {
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: "#888" } })
    .png()
    .toBuffer();
  png.writeUInt32BE(60_000, 16);
  png.writeUInt32BE(60_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

async function animated(portrait: Uint8Array): Promise<Buffer> {
  const frame = await sharp(portrait).resize(200).png().toBuffer();
  return sharp([frame, await sharp(frame).flop().toBuffer()], { join: { animated: true } })
    .gif()
    .toBuffer();
}

function wall(): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 128, sigma: 20 } as const;
  return sharp({ create: { width: 640, height: 480, channels: 3, background: "#000", noise } })
    .jpeg()
    .toBuffer();
}

export interface OddPhoto {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** With the one reason each must be given. `exit` 2: it could not be read as a picture; 1: a clean no. */
export async function refusedPhotos(portrait: Uint8Array): Promise<(OddPhoto & { reason: string; exit: 1 | 2 })[]> {
  const half = portrait.subarray(0, portrait.length / 2);
  return [
    { name: "zero-bytes.jpg", bytes: new Uint8Array(0), reason: "empty", exit: 2 },
    { name: "text.jpg", bytes: Buffer.from("Dear door, please let me in."), reason: "not-an-image", exit: 2 },
    {
      name: "drawing.svg",
      bytes: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"),
      reason: "not-an-image",
      exit: 2,
    },
    { name: "cut-off.jpg", bytes: half, reason: "corrupt", exit: 2 },
    { name: "bomb.png", bytes: await bomb(), reason: "too-many-pixels", exit: 2 },
    { name: "nine-megabytes.jpg", bytes: Buffer.alloc(9 * 1024 * 1024, 1), reason: "too-large", exit: 2 },
    { name: "animated.gif", bytes: await animated(portrait), reason: "animated", exit: 2 },
    { name: "wall.jpg", bytes: await wall(), reason: "no-face", exit: 1 },
    { name: "group.jpg", bytes: readSample("sample1.jpg"), reason: "several-faces", exit: 1 },
  ];
}

/** The same portrait in the forms in which cameras and programs write pictures. */
export async function oddButGoodPhotos(portrait: Uint8Array): Promise<OddPhoto[]> {
  const upright = sharp(portrait).autoOrient();
  return [
    { name: "cmyk.jpg", bytes: await upright.clone().toColourspace("cmyk").jpeg().toBuffer() },
    { name: "sixteen-bit.png", bytes: await upright.clone().toColourspace("rgb16").png().toBuffer() },
    // Stored lying on its side, with the note that says so.
    { name: "exif.jpg", bytes: await upright.clone().rotate(-90).withMetadata({ orientation: 6 }).jpeg().toBuffer() },
    { name: "webp.webp", bytes: await upright.clone().webp().toBuffer() },
  ];
}
