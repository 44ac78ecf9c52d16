import { LintelError } from "../core/errors.ts";
import type { CanvasSize } from "./graph/forward.ts";
import type { PaintInputs, PictureInput } from "./paint.ts";
import { openPicture, type PictureSource } from "./picture.ts";
import type { PaintedInput } from "./provenance.ts";
import { type PaintSettings, takesStyles } from "./settings.ts";

/** The inputs as files that were read and judged. */
export interface OpenedInputs {
  readonly content: PictureSource | undefined;
  /** Those with a part; the weights add up to 1. */
  readonly styles: readonly OpenedStyle[];
  readonly start: PictureSource | undefined;
  readonly from: "content" | "noise" | "picture";
  /** All that were given, for provenance. */
  readonly record: readonly PaintedInput[];
}

export interface OpenedStyle {
  readonly source: PictureSource;
  readonly weight: number;
  /** White where the style is wanted. */
  readonly mask?: PictureSource;
}

/** Reads the files. Throws `LINTEL_E_USAGE` for what is missing for these settings and `LINTEL_E_UNREADABLE` for a bad file. */
export async function openInputs(settings: PaintSettings, inputs: PaintInputs): Promise<OpenedInputs> {
  const { mode } = settings;
  const from = settings.start ?? (mode === "style" || mode === "dream" ? "content" : "noise");
  const needsContent = mode !== "texture" || from === "content" || settings.preserveColour !== "none";
  if (needsContent && inputs.content === undefined) throw missing("a content picture");
  if (takesStyles(mode) && inputs.styles.length === 0) throw missing("a style picture");
  if (from === "picture" && inputs.start === undefined) throw missing("a picture to start from");
  const total = inputs.styles.reduce((sum, { weight }) => sum + checkedWeight(weight), 0);
  if (takesStyles(mode) && total === 0) {
    throw new LintelError("LINTEL_E_USAGE", "all styles have the weight 0", { hint: "Give one a weight above 0." });
  }
  const content = await opened(inputs.content);
  const start = from === "picture" ? await opened(inputs.start) : undefined;
  const styles: OpenedStyle[] = [];
  for (const { file, weight, mask } of inputs.styles) {
    const source = await openPicture(file);
    const opened = mask === undefined ? {} : { mask: await openPicture(mask) };
    styles.push({ source, weight: total === 0 ? 0 : weight / total, ...opened });
  }
  const record = [
    ...recorded("content", content, 1),
    ...styles.flatMap(({ source, weight, mask }) => [
      ...recorded("style", source, weight),
      ...recorded("mask", mask, weight),
    ]),
    ...recorded("start", start, 1),
  ];
  const painted = takesStyles(mode) ? styles.filter(({ weight }) => weight > 0) : [];
  return { content, styles: painted, start, from, record };
}

/** The size of the painting: the longer side as asked, the aspect as asked or as the content (a square without one). */
export function paintingSize(settings: PaintSettings, { content }: Pick<OpenedInputs, "content">): CanvasSize {
  const aspect = settings.aspect ?? (content === undefined ? 1 : content.width / content.height);
  const [wide, high] = aspect >= 1 ? [1, 1 / aspect] : [aspect, 1];
  const side = (share: number) => Math.max(1, Math.round(settings.size * share));
  return { width: side(wide), height: side(high) };
}

// --- internal ---

async function opened(input: PictureInput | undefined): Promise<PictureSource | undefined> {
  return input === undefined ? undefined : openPicture(input.file);
}

function recorded(role: PaintedInput["role"], source: PictureSource | undefined, weight: number): PaintedInput[] {
  return source === undefined ? [] : [{ role, name: source.name, sha256: source.sha256, weight }];
}

function checkedWeight(weight: number): number {
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw new LintelError("LINTEL_E_USAGE", `a style cannot have the weight ${weight}`, { hint: "Use 0 or more." });
}

function missing(what: string): LintelError {
  return new LintelError("LINTEL_E_USAGE", `this painting needs ${what}`, { hint: "Name its file." });
}
