import type { PaintSettings } from "./settings.ts";

/** A painting with other settings than those it was asked for, to choose from. */
export interface Variant {
  readonly caption: string;
  readonly settings: PaintSettings;
}

const contentFactors = [4, 1, 0.25] as const;
const scaleFactors = [0.5, 1, 2] as const;
/** Where the settings leave it to the network. */
const usualContentWeight = 0.02;

/** Nine: the content weight from row to row, the size of the strokes from column to column. The one in the middle is as asked for. */
export function variantsOf(settings: PaintSettings): Variant[] {
  const weight = settings.contentWeight ?? usualContentWeight;
  return contentFactors.flatMap((content) =>
    scaleFactors.map((scale) => {
      const contentWeight = weight * content;
      const styleScale = Math.min(4, Math.max(0.25, settings.styleScale * scale));
      return {
        caption: `content ${rounded(contentWeight)}, strokes ${rounded(styleScale)}`,
        settings: { ...settings, contentWeight, styleScale },
      };
    }),
  );
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(2)));
}
