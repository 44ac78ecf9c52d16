import { type Actor, portraitOf } from "./cast.ts";
import { ease } from "./chance.ts";
import { makeTexture, type Texture } from "./raster.ts";

/** What somebody holds up: its outline in metres and what is on it. */
export interface SheetLook {
  readonly widthM: number;
  readonly heightM: number;
  readonly texture: Texture;
  readonly texelsPerMetre: number;
}

/** A look that tells where a pixel of the actor's photograph lies on it, in metres from its upper left corner. */
export interface PlacedSheetLook extends SheetLook {
  placeOf(photoX: number, photoY: number): readonly [number, number];
}

const texelsPerMetre = 1_900;
const skin = [196, 150, 124] as const;

/** A print on white paper of A4 with the portrait inside a border. Paper is never black and takes some contrast away. */
export function printLook(actor: Actor): PlacedSheetLook {
  return look(actor, { ...a4, tone: (v) => 26 + 0.84 * v });
}

/** Photographic paper: the same print, with deeper blacks and more colour. */
export function glossyLook(actor: Actor): SheetLook {
  return look(actor, { ...a4, tone: (v) => 12 + 0.92 * v });
}

/** A phone that shows the portrait: black bezel with round corners, a brighter and bluer picture. */
export function phoneLook(actor: Actor): SheetLook {
  return look(actor, {
    widthM: 0.077,
    heightM: 0.16,
    borderM: [0.003, 0.009],
    cornerM: 0.009,
    frame: [14, 14, 17],
    tone: (v, channel) => Math.min(255, 10 + v * (channel === 2 ? 1.12 : 1.04)),
    thumbAt: 0.86,
  });
}

// --- internal ---

interface Recipe {
  readonly widthM: number;
  readonly heightM: number;
  /** At the sides, and above and below. */
  readonly borderM: readonly [number, number];
  readonly cornerM: number;
  readonly frame: readonly [number, number, number];
  readonly tone: (value: number, channel: number) => number;
  /** Where the thumbs that hold it lie, as a share of its height. */
  readonly thumbAt: number;
}

const a4 = {
  widthM: 0.21,
  heightM: 0.297,
  borderM: [0.012, 0.012],
  cornerM: 0.0005,
  frame: [238, 237, 231],
  thumbAt: 0.8,
} as const;

function look(actor: Actor, recipe: Recipe): PlacedSheetLook {
  const width = Math.round(recipe.widthM * texelsPerMetre);
  const height = Math.round(recipe.heightM * texelsPerMetre);
  const placement = placementOf(actor, recipe);
  const picture = pictureSampler(actor, recipe, placement);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [mx, my] = [(x + 0.5) / texelsPerMetre, (y + 0.5) / texelsPerMetre];
      const alpha = Math.round(255 * ease(0.5 + cornerDepth(mx, my, recipe) * texelsPerMetre * 0.5));
      const thumb = thumbLight(mx, my, recipe);
      const colour = thumb > 0 ? skin.map((c) => c * thumb) : (picture(mx, my) ?? recipe.frame);
      const [r, g, b] = [colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0];
      pixels[y * width + x] = ((r & 255) | ((g & 255) << 8) | ((b & 255) << 16) | (alpha << 24)) >>> 0;
    }
  }
  return {
    widthM: recipe.widthM,
    heightM: recipe.heightM,
    texture: makeTexture(pixels, width, height),
    texelsPerMetre,
    placeOf: (x, y) => [
      recipe.borderM[0] + (x - placement.left) / placement.scale,
      recipe.borderM[1] + (y - placement.top) / placement.scale,
    ],
  };
}

/** Which pixel of the photograph lies at the picture's upper left corner, and how many lie in a metre. */
interface Placement {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

/** The portrait fills the picture, and is cut. */
function placementOf(actor: Actor, recipe: Recipe): Placement {
  const portrait = portraitOf(actor);
  const [side, end] = recipe.borderM;
  const [innerW, innerH] = [recipe.widthM - 2 * side, recipe.heightM - 2 * end];
  const scale = Math.min(portrait.width / innerW, portrait.height / innerH);
  return {
    left: portrait.left + (portrait.width - innerW * scale) / 2,
    top: portrait.top + (portrait.height - innerH * scale) / 2,
    scale,
  };
}

/** The colour of the portrait at a place of the sheet in metres; undefined on the border. */
function pictureSampler(
  actor: Actor,
  recipe: Recipe,
  { left, top, scale }: Placement,
): (mx: number, my: number) => readonly number[] | undefined {
  const { photo } = actor;
  const [side, end] = recipe.borderM;
  const [innerW, innerH] = [recipe.widthM - 2 * side, recipe.heightM - 2 * end];
  return (mx, my) => {
    if (mx < side || my < end || mx >= side + innerW || my >= end + innerH) return undefined;
    const x = Math.min(photo.width - 1.001, Math.max(0, left + (mx - side) * scale));
    const y = Math.min(photo.height - 1.001, Math.max(0, top + (my - end) * scale));
    const i = (Math.floor(y) * photo.width + Math.floor(x)) * 3;
    const row = photo.width * 3;
    const [fx, fy] = [x % 1, y % 1];
    return [0, 1, 2].map((c) => {
      const above = photo.rgb[i + c]! * (1 - fx) + photo.rgb[i + 3 + c]! * fx;
      const below = photo.rgb[i + row + c]! * (1 - fx) + photo.rgb[i + row + 3 + c]! * fx;
      return recipe.tone(above * (1 - fy) + below * fy, c);
    });
  };
}

/** Metres inside the rounded outline; negative outside. */
function cornerDepth(mx: number, my: number, recipe: Recipe): number {
  const r = recipe.cornerM;
  const dx = Math.abs(mx - recipe.widthM / 2) - (recipe.widthM / 2 - r);
  const dy = Math.abs(my - recipe.heightM / 2) - (recipe.heightM / 2 - r);
  return r - Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - Math.min(0, Math.max(dx, dy));
}

/** A thumb over each side: 0 beside it, else how light its skin is there. */
function thumbLight(mx: number, my: number, recipe: Recipe): number {
  const inward = Math.min(mx, recipe.widthM - mx);
  const [dx, dy] = [inward / 0.032, (my - recipe.heightM * recipe.thumbAt - 0.25 * inward) / 0.0095];
  const round = dx * dx * dx * dx + dy * dy;
  if (round > 1) return 0;
  const isNail = inward > 0.019 && Math.abs(dy) < 0.55 && inward < 0.028;
  return (isNail ? 1.12 : 1.02) - 0.4 * dy * dy - 0.12 * dx;
}
