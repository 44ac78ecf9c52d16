import { colouredLike, greyLike } from "./colour.ts";
import { blend, extractFeatures } from "./features.ts";
import type { CanvasSize } from "./graph/forward.ts";
import type { OpenedStyle } from "./inputs.ts";
import { layersOf } from "./losses.ts";
import type { Planes } from "./optimise/adam.ts";
import { toPlanes } from "./optimise/planes.ts";
import { cropPicture, decodePicture, type Picture, type PictureSource } from "./picture.ts";
import type { SceneParts } from "./scene.ts";
import type { PaintSettings } from "./settings.ts";
import { extractTiled } from "./tiles/tiled-features.ts";

/** The Gram matrices of styles together, by their weights; what the styles are for is a painting of this size and content. */
export async function styleGrams(
  parts: SceneParts,
  styles: readonly OpenedStyle[],
  painting: { readonly size: CanvasSize; readonly content: Picture | undefined },
): Promise<ReadonlyMap<string, Float32Array>> {
  const { style } = layersOf(parts.plan);
  const all: { grams: ReadonlyMap<string, Float32Array>; weight: number }[] = [];
  const total = styles.reduce((sum, { weight }) => sum + weight, 0);
  for (const { source, weight } of style.length === 0 ? [] : styles) {
    const found = await gramsOf(parts, await stylePieces(parts, { source, ...painting }));
    all.push(...found.map((grams) => ({ grams, weight: weight / total / found.length })));
  }
  return new Map(
    style.map((layer) => {
      const grams = all.map(({ grams, weight }) => ({ gram: grams.get(layer) ?? new Float32Array(0), weight }));
      return [layer, blend(grams)] as const;
    }),
  );
}

// --- internal ---

async function gramsOf(parts: SceneParts, pieces: readonly Planes[]) {
  const { network } = parts;
  const layers = { content: [], style: layersOf(parts.plan).style };
  const [first] = pieces;
  if (first === undefined || first.width * first.height <= network.pixelsAtOnce) {
    return (await extractFeatures({ ...parts, layers }, pieces)).map(({ grams }) => grams);
  }
  const found = [];
  for (const piece of pieces) {
    const { grams } = await extractTiled({ ...parts, layers, regions: [undefined] }, piece);
    found.push(grams[0] ?? new Map<string, Float32Array>());
  }
  return found;
}

/**
 * The style with as many pixels as the painting, times the style scale squared, in its own aspect. A larger one is looked at in pieces, so
 * that no more memory is needed than for the painting.
 */
async function stylePieces(
  parts: SceneParts,
  { source, size, content }: { source: PictureSource; size: CanvasSize; content: Picture | undefined },
): Promise<Planes[]> {
  const { styleScale, preserveColour } = parts.settings;
  const piecesAcross = Math.ceil(styleScale);
  const area = (size.width * size.height * styleScale ** 2) / piecesAcross ** 2;
  const aspect = Math.min(4, Math.max(0.25, source.width / source.height));
  const whole = (side: number) => parts.canvasStep * Math.max(1, Math.round(side / parts.canvasStep));
  const piece = { width: whole(Math.sqrt(area * aspect)), height: whole(Math.sqrt(area / aspect)) };
  const decoded = await decodePicture(source, {
    width: piece.width * piecesAcross,
    height: piece.height * piecesAcross,
  });
  const style = recoloured(decoded, content, preserveColour);
  return Array.from({ length: piecesAcross ** 2 }, (_, index) => {
    const [column, row] = [index % piecesAcross, Math.floor(index / piecesAcross)];
    const part = cropPicture(style, { left: column * piece.width, top: row * piece.height, ...piece });
    return toPlanes(part, piece, parts.network.mean);
  });
}

function recoloured(style: Picture, content: Picture | undefined, how: PaintSettings["preserveColour"]): Picture {
  if (content === undefined || how === "none") return style;
  return how === "luminance" ? greyLike(style, content) : colouredLike(style, content);
}
