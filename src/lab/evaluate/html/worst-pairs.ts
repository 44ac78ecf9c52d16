import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { ScoredPair } from "../metrics.ts";

/** A pair as it is shown: both pictures as data URIs, empty for one that cannot be shown. */
export interface ShownPair {
  readonly distance: number;
  readonly files: readonly [string, string];
  readonly pictures: readonly [string, string];
}

export interface WorstPairs {
  /** Two people, nearest first. */
  readonly alike: readonly ShownPair[];
  /** One person, furthest first. */
  readonly unlike: readonly ShownPair[];
}

const shown = 12;
const thumbnailPx = 144;

/** The pairs that went wrong most, one for each two people: twelve pictures of one confusion teach no more than one. */
export async function worstPairs(sorted: readonly ScoredPair[], root: string): Promise<WorstPairs> {
  const finite = sorted.filter((pair) => Number.isFinite(pair.distance) && pair.files !== undefined);
  const alike = oneEach(finite.filter((pair) => !pair.isGenuine));
  const unlike = oneEach(finite.filter((pair) => pair.isGenuine).reverse());
  const thumbnails = new Map<string, string>();
  for (const file of new Set([...alike, ...unlike].flatMap(({ files }) => files ?? []))) {
    thumbnails.set(file, await thumbnail(join(root, file)));
  }
  const show = (pair: ScoredPair): ShownPair[] => {
    if (pair.files === undefined) return [];
    const [first, second] = pair.files;
    const pictures = [thumbnails.get(first) ?? "", thumbnails.get(second) ?? ""] as const;
    return [{ distance: pair.distance, files: pair.files, pictures }];
  };
  return { alike: alike.flatMap(show), unlike: unlike.flatMap(show) };
}

// --- internal ---

function oneEach(pairs: readonly ScoredPair[]): ScoredPair[] {
  const seen = new Set<string>();
  const kept: ScoredPair[] = [];
  for (const pair of pairs) {
    const key = [...pair.units].sort((p, q) => p - q).join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(pair);
    if (kept.length === shown) break;
  }
  return kept;
}

async function thumbnail(file: string): Promise<string> {
  try {
    const jpeg = await sharp(await readFile(file))
      .autoOrient()
      .resize(thumbnailPx, thumbnailPx, { fit: "cover", position: "attention" })
      .flatten({ background: "#808080" })
      .jpeg({ quality: 78 })
      .toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  } catch {
    return "";
  }
}
