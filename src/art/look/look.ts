import { contactSheet } from "../contact-sheet.ts";
import type { GraphRuntime } from "../graph-runtime.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { asSharp, type Picture } from "../picture.ts";
import { imagine } from "./imagine.ts";
import { type Patch, strongestPatches } from "./patches.ts";
import { receptiveField, type Unit } from "./unit-graph.ts";

export interface LookOptions {
  readonly unit: Unit;
  /** Pictures to be searched. */
  readonly files: readonly string[];
  readonly steps: number;
  readonly seed: number;
  /** So many of `files.length + steps` pieces of work are done. */
  readonly onProgress: () => void;
}

export interface Look {
  /** A picture made to excite the unit, then the patches that excite it most. */
  readonly sheet: Picture;
  readonly patches: readonly Omit<Patch, "picture">[];
  /** Side of what the unit sees of a picture. */
  readonly receptiveFieldPx: number;
}

const tilePx = 192;
const patchCount = 9;

/** What the network sees with one of its units. */
export async function look(
  parts: { graphs: GraphRuntime; network: FeatureNetwork },
  options: LookOptions,
): Promise<Look> {
  const { unit, files, steps, seed, onProgress } = options;
  const all = { ...parts, unit };
  const dream = await imagine(all, { size: tilePx, steps, seed, onStep: onProgress });
  const patches = await strongestPatches(all, files, { count: patchCount, onFile: onProgress });
  const tiles = await Promise.all(
    patches.map(async ({ picture, activation, file }) => ({
      picture: await enlarged(picture),
      caption: `${activation.toPrecision(3)} ${file}`.slice(0, 26),
    })),
  );
  const sheet = await contactSheet([{ picture: dream, caption: `${unit.layer} unit ${unit.unit}` }, ...tiles], 5);
  const { sidePx } = receptiveField(parts.network, unit.layer);
  return { sheet, patches: patches.map(({ picture, ...patch }) => patch), receptiveFieldPx: sidePx };
}

// --- internal ---

async function enlarged(picture: Picture): Promise<Picture> {
  const { data } = await asSharp(picture)
    .resize(tilePx, tilePx, { fit: "contain", background: "#ffffff" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width: tilePx, height: tilePx };
}
