import type { Actor } from "./cast.ts";
import type { Figure } from "./figure.ts";
import { buildHead, type HeadModel } from "./head-model.ts";
import type { Visit } from "./motion.ts";
import { Sheet } from "./sheet.ts";
import { phoneLook, printLook } from "./sheet-texture.ts";
import { Walker } from "./walker.ts";

/** As what an actor may come: alive, or as a picture that somebody holds up. A new species is one line in `makers`. */
export const speciesNames = ["walker", "print", "bent-print", "phone"] as const;
export type Species = (typeof speciesNames)[number];

export interface FigureOptions {
  readonly seed: number;
  readonly visit: Visit;
}

/** Makes figures and keeps the heads it built, which take some tens of milliseconds each. */
export class FigureMaker {
  readonly #heads = new Map<string, HeadModel>();

  head(actor: Actor): HeadModel {
    let head = this.#heads.get(actor.name);
    if (!head) {
      head = buildHead(actor.photo, actor.mesh, actor.silhouette);
      this.#heads.set(actor.name, head);
    }
    return head;
  }

  make(actor: Actor, species: Species, options: FigureOptions): Figure {
    return makers[species](actor, options, this);
  }
}

type Maker = (actor: Actor, options: FigureOptions, maker: FigureMaker) => Figure;

const makers: Readonly<Record<Species, Maker>> = {
  walker: (actor, options, maker) => new Walker(maker.head(actor), { ...options, actor: actor.name }),
  print: (actor, options) => new Sheet(printLook(actor), { ...options, bend: 0, heldM: 0.62 }),
  "bent-print": (actor, options) => new Sheet(printLook(actor), { ...options, bend: 1.1, heldM: 0.6 }),
  phone: (actor, options) => new Sheet(phoneLook(actor), { ...options, bend: 0, heldM: 0.34 }),
};
