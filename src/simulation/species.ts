import type { Actor } from "./cast.ts";
import { seedFor } from "./chance.ts";
import type { Figure } from "./figure.ts";
import { buildHead, type HeadModel } from "./head-model.ts";
import type { Visit } from "./motion.ts";
import type { Texture } from "./raster.ts";
import { Sheet } from "./sheet.ts";
import { phoneLook, printLook, type SheetLook } from "./sheet-texture.ts";
import { makeTorso } from "./torso.ts";
import { Walker } from "./walker.ts";

/** As what an actor may come: alive, or as a picture that somebody holds up. A new species is one line in `makers`. */
export const speciesNames = ["walker", "print", "bent-print", "phone"] as const;
export type Species = (typeof speciesNames)[number];

export interface FigureOptions {
  readonly seed: number;
  readonly visit: Visit;
}

/** Makes figures and keeps what it built for them, which takes some tens of milliseconds each. */
export class FigureMaker {
  readonly #heads = new Map<string, HeadModel>();
  readonly #torsos = new Map<string, Texture>();
  readonly #looks = new Map<string, SheetLook>();

  head(actor: Actor): HeadModel {
    return kept(this.#heads, actor.name, () => buildHead(actor.photo, actor.mesh, actor.silhouette));
  }

  /** A pullover; `seed` chooses its colour and folds. */
  torso(seed: number): Texture {
    return kept(this.#torsos, String(seed), () => makeTorso(seed));
  }

  look(actor: Actor, make: (actor: Actor) => SheetLook): SheetLook {
    return kept(this.#looks, `${make.name} ${actor.name}`, () => make(actor));
  }

  make(actor: Actor, species: Species, options: FigureOptions): Figure {
    return makers[species](actor, options, this);
  }
}

/** Whoever holds a picture up wears the same. */
const holderSeed = 3;

type Maker = (actor: Actor, options: FigureOptions, maker: FigureMaker) => Figure;

const makers: Readonly<Record<Species, Maker>> = {
  walker: (actor, options, maker) =>
    new Walker(maker.head(actor), { ...options, torso: maker.torso(seedFor(0, actor.name)) }),
  print: (actor, options, maker) =>
    new Sheet(maker.look(actor, printLook), { ...options, holder: maker.torso(holderSeed), bend: 0, heldM: 0.62 }),
  "bent-print": (actor, options, maker) =>
    new Sheet(maker.look(actor, printLook), { ...options, holder: maker.torso(holderSeed), bend: 1.1, heldM: 0.6 }),
  phone: (actor, options, maker) =>
    new Sheet(maker.look(actor, phoneLook), { ...options, holder: maker.torso(holderSeed), bend: 0, heldM: 0.34 }),
};

function kept<T>(store: Map<string, T>, name: string, make: () => T): T {
  const found = store.get(name);
  if (found !== undefined) return found;
  const made = make();
  store.set(name, made);
  return made;
}
