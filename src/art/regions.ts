import { LintelError } from "../core/errors.ts";
import { lumaOf } from "./colour.ts";
import type { CanvasSize } from "./graph/forward.ts";
import type { OpenedStyle } from "./inputs.ts";
import type { Level } from "./optimise/pyramid.ts";
import { decodePicture, type PictureSource } from "./picture.ts";
import type { RegionMask } from "./tiles/layer-masks.ts";

/** A part of the picture that has a style, or a blend of some, of its own. */
export interface StyleRegion {
  readonly mask: RegionMask;
  readonly styles: readonly OpenedStyle[];
  /** Its part in the style loss: its part of the picture times what its styles weigh beside those of others. */
  readonly weight: number;
}

/**
 * The regions of the styles (guided style transfer, Gatys et al. 2017, arXiv:1611.07865): one for each mask, and what no mask covers for the
 * styles without one. Without masks there is one region, the whole picture. Throws `LINTEL_E_USAGE` for a region without a place.
 */
export async function styleRegions(styles: readonly OpenedStyle[], level: Level): Promise<StyleRegion[]> {
  const free = styles.filter(({ mask }) => mask === undefined);
  const masked: { mask: Float32Array; styles: readonly OpenedStyle[]; name: string }[] = [];
  for (const style of styles) {
    if (style.mask === undefined) continue;
    masked.push({ mask: await readMask(style.mask, level), styles: [style], name: style.mask.name });
  }
  if (masked.length === 0) return [{ mask: undefined, styles: free, weight: 1 }];
  if (free.length > 0) {
    const rest = restOf(masked.map(({ mask }) => mask));
    masked.push({ mask: rest, styles: free, name: `what the masks leave to ${free[0]?.source.name}` });
  }
  return weighted(masked);
}

// --- internal ---

/** Less of a picture than this is no region. */
const leastPart = 1e-4;

async function readMask(source: PictureSource, { visible, canvas }: Level): Promise<Float32Array> {
  const luma = lumaOf(await decodePicture(source, visible));
  return continued(luma, visible, canvas).map((value) => value / 255);
}

/** What lies beyond the picture continues its edge. */
function continued(values: Float32Array, from: CanvasSize, to: CanvasSize): Float32Array {
  const all = new Float32Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const row = Math.min(y, from.height - 1) * from.width;
    for (let x = 0; x < to.width; x++) all[y * to.width + x] = values[row + Math.min(x, from.width - 1)]!;
  }
  return all;
}

function restOf(masks: readonly Float32Array[]): Float32Array {
  const rest = new Float32Array(masks[0]?.length ?? 0).fill(1);
  for (const mask of masks) {
    for (let i = 0; i < rest.length; i++) rest[i] = Math.max(0, rest[i]! - mask[i]!);
  }
  return rest;
}

function weighted(
  regions: readonly { mask: Float32Array; styles: readonly OpenedStyle[]; name: string }[],
): StyleRegion[] {
  const all = regions.map(({ mask, styles, name }) => {
    const part = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    if (part < leastPart) {
      throw new LintelError("LINTEL_E_USAGE", `${name}: there is no place for this style`, {
        hint: "A mask is white where its style is wanted, and of the content's shape.",
      });
    }
    return { mask, styles, part, weight: styles.reduce((sum, { weight }) => sum + weight, 0) / styles.length };
  });
  const parts = all.reduce((sum, { part }) => sum + part, 0);
  const weights = all.reduce((sum, { part, weight }) => sum + part * weight, 0);
  return all.map(({ mask, styles, part, weight }) => ({ mask, styles, weight: (part * weight * parts) / weights }));
}
