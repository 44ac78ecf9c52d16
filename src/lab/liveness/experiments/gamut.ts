import { extentOfMesh } from "../../../pipeline/geometry.ts";
import type { CueResult, FaceMesh, RgbImage } from "../../../pipeline/types.ts";
import { type Experiment, type Look, median } from "./experiment.ts";

/** Part of the face's width that is looked at: skin, eyes and mouth, neither hair nor wall. */
const reach = 0.8;
/** Pixels that are counted along each side at most. */
const maxSide = 96;
/** Width of a cell of the histogram, in units of Cb and Cr. */
const cell = 2;
const minFrames = 8;
/** Bits of chroma below which a gamut counts as limited. */
const maxBits = 4;

const name = "screen-gamut";

/**
 * A screen or a print has fewer colours than what it shows: the entropy of the face's chroma histogram (colour diversity, Wen, Han and Jain
 * 2015), over pixels as the camera gave them.
 */
export const screenGamut: Experiment<number> = {
  name,
  measure: ({ image, mesh }: Look) => chromaBits(image, mesh),
  judge: judgeGamut,
};

function judgeGamut(samples: readonly number[]): CueResult {
  if (samples.length < minFrames) return { name, score: 0.5, verdict: "no-verdict", says: "too few frames to tell" };
  const bits = median(samples);
  const says = `the colours of the face take ${bits.toFixed(1)} bits`;
  const score = Math.max(0, Math.min(1, bits / (2 * maxBits)));
  return { name, score, verdict: bits <= maxBits ? "spoof" : "no-verdict", says };
}

/** Entropy of the chroma (Cb and Cr of BT.601) within the face, in bits; null where the face is cut off. */
export function chromaBits(image: RgbImage, mesh: FaceMesh): number | null {
  const { centre, width } = extentOfMesh(mesh, 0);
  const side = Math.floor(reach * width);
  const [left, top] = [Math.round(centre.x - side / 2), Math.round(centre.y - side / 2)];
  if (left < 0 || top < 0 || left + side > image.width || top + side > image.height) return null;
  const stride = Math.max(1, Math.ceil(side / maxSide));
  const counts = new Map<number, number>();
  let total = 0;
  for (let y = top; y < top + side; y += stride) {
    for (let x = left; x < left + side; x += stride) {
      const key = chromaCell(image.rgb, 3 * (y * image.width + x));
      counts.set(key, (counts.get(key) ?? 0) + 1);
      total++;
    }
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

// --- internal ---

function chromaCell(rgb: Uint8Array, p: number): number {
  const [r, g, b] = [rgb[p]!, rgb[p + 1]!, rgb[p + 2]!];
  const cb = -0.1687 * r - 0.3313 * g + 0.5 * b;
  const cr = 0.5 * r - 0.4187 * g - 0.0813 * b;
  return 1024 * Math.round(cb / cell) + Math.round(cr / cell);
}
