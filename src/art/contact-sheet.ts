import sharp from "sharp";
import { asSharp, type Picture } from "./picture.ts";

export interface Tile {
  readonly picture: Picture;
  /** One short line below it. */
  readonly caption: string;
}

const gapPx = 12;
const captionPx = 24;

/** Pictures in rows on white, each with its caption. All tiles get the size of the largest. */
export async function contactSheet(tiles: readonly Tile[], columns: number): Promise<Picture> {
  const width = Math.max(...tiles.map(({ picture }) => picture.width));
  const height = Math.max(...tiles.map(({ picture }) => picture.height));
  const across = Math.min(columns, tiles.length);
  const down = Math.ceil(tiles.length / across);
  const cell = { width: width + gapPx, height: height + captionPx + gapPx };
  const layers = await Promise.all(
    tiles.map(async ({ picture }, index) => ({
      input: await asSharp(picture).png().toBuffer(),
      left: gapPx + (index % across) * cell.width,
      top: gapPx + Math.floor(index / across) * cell.height,
    })),
  );
  const size = { width: gapPx + across * cell.width, height: gapPx + down * cell.height };
  const captions = layers.map(({ left, top }, index) => {
    const text = escapeXml(tiles[index]?.caption ?? "");
    return `<text x="${left}" y="${top + height + captionPx - 7}">${text}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="14" fill="#333333">${captions.join("")}</svg>`;
  const { data } = await sharp({ create: { ...size, channels: 3, background: "#ffffff" } })
    .composite([...layers, { input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), ...size };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
