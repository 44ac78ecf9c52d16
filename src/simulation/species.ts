import type { Actor } from "./cast.ts";
import { between, randomFor, seedFor } from "./chance.ts";
import { type Clip, loopClip, turningClip } from "./clips.ts";
import { cutOutLook, eyesBehind, type MaskedLook } from "./cut-out-eyes.ts";
import type { Figure } from "./figure.ts";
import { glare } from "./glare.ts";
import { glassesFor } from "./glasses.ts";
import { buildHead, type HeadModel } from "./head-model.ts";
import type { Visit } from "./motion.ts";
import type { Texture } from "./raster.ts";
import { type Device, replayPhone, replayPicture, replayTablet } from "./replay.ts";
import { screenArtefacts } from "./screen-artefacts.ts";
import { Sheet } from "./sheet.ts";
import { glossyLook, phoneLook, printLook, type SheetLook } from "./sheet-texture.ts";
import { makeTorso } from "./torso.ts";
import { Walker } from "./walker.ts";

/** As what an actor may come: alive, or as a picture that somebody holds up. A new species is one line in `makers`. */
export const genuineSpecies = ["walker", "talking-walker", "glasses-walker"] as const;
/** A picture that does not move of itself; the holder's eyes behind a cut-out print do. */
export const stillSpecies = ["print", "glossy-print", "bent-print", "cut-out-eyes", "phone"] as const;
/** Recordings of the person on a screen: turning the head all the time, or doing all that a challenge may ask for, in a loop. */
export const replaySpecies = ["phone-replay", "tablet-replay", "loop-replay"] as const;
export const speciesNames = [...genuineSpecies, ...stillSpecies, ...replaySpecies, "mask"] as const;
export type Species = (typeof speciesNames)[number];

export interface FigureOptions {
  readonly seed: number;
  readonly visit: Visit;
}

/** Makes figures and keeps what it built for them, which takes some tens of milliseconds each. */
export class FigureMaker {
  readonly #heads = new Map<string, HeadModel>();
  readonly #torsos = new Map<string, Texture>();
  readonly #cutOuts = new Map<string, MaskedLook>();
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

  cutOut(actor: Actor): MaskedLook {
    return kept(this.#cutOuts, actor.name, () => cutOutLook(actor));
  }

  make(actor: Actor, species: Species, options: FigureOptions): Figure {
    return makers[species](actor, options, this);
  }
}

/** A screen in a lit room gives several times the light that paper would scatter, and its glass scatters a twentieth of it. */
const glass = 0.06;
/** Whoever holds a picture up wears the same. */
const holderSeed = 3;

type Maker = (actor: Actor, options: FigureOptions, maker: FigureMaker) => Figure;

const makers: Readonly<Record<Species, Maker>> = {
  walker: (actor, options, maker) => new Walker(maker.head(actor), { ...options, torso: ownTorso(actor, maker) }),
  "talking-walker": (actor, options, maker) =>
    new Walker(maker.head(actor), { ...options, torso: ownTorso(actor, maker), manner: { talks: true } }),
  "glasses-walker": (actor, options, maker) => {
    const head = maker.head(actor);
    return new Walker(head, { ...options, torso: ownTorso(actor, maker), worn: glassesFor(head) });
  },
  print: (actor, options, maker) =>
    new Sheet(maker.look(actor, printLook), { ...options, holder: maker.torso(holderSeed), bend: 0, heldM: 0.62 }),
  "bent-print": (actor, options, maker) =>
    new Sheet(maker.look(actor, printLook), { ...options, holder: maker.torso(holderSeed), bend: 1.1, heldM: 0.6 }),
  phone: (actor, options, maker) =>
    new Sheet(maker.look(actor, phoneLook), {
      ...options,
      holder: maker.torso(holderSeed),
      bend: 0,
      heldM: 0.34,
      reflectance: glass,
    }),
  "glossy-print": (actor, options, maker) => {
    const random = randomFor(options.seed, `${options.visit.id}/lamp`);
    const lamp = {
      side: between(random, -0.2, 0.2),
      down: between(random, -0.25, 0.05),
      reach: 0.28,
      strength: 0.85,
    };
    const holder = maker.torso(holderSeed);
    return new Sheet(maker.look(actor, glossyLook), { ...options, holder, bend: 0, heldM: 0.62, over: glare(lamp) });
  },
  "cut-out-eyes": (actor, options, maker) => {
    const look = maker.cutOut(actor);
    const behind = eyesBehind(maker.head(actor), look, options);
    return new Sheet(look, { ...options, holder: maker.torso(holderSeed), bend: 0, heldM: 0.62, behind });
  },
  "phone-replay": (actor, options, maker) => replay(phone, { actor, options, maker, clip: turningClip }),
  "tablet-replay": (actor, options, maker) => replay(tablet, { actor, options, maker, clip: turningClip }),
  "loop-replay": (actor, options, maker) => replay(tablet, { actor, options, maker, clip: loopClip }),
  mask: (actor, options, maker) =>
    new Walker(maker.head(actor), { ...options, torso: maker.torso(holderSeed), manner: { blinks: false } }),
};

function ownTorso(actor: Actor, maker: FigureMaker): Texture {
  return maker.torso(seedFor(0, actor.name));
}

/** A device, how far from the camera it is held, and the pitch of its pixels. */
interface HeldDevice {
  readonly device: Device;
  readonly heldM: number;
  readonly pitchM: number;
}

const phone: HeldDevice = { device: replayPhone, heldM: 0.29, pitchM: 63e-6 };
const tablet: HeldDevice = { device: replayTablet, heldM: 0.33, pitchM: 96e-6 };

/** Held so that its ends come into view and leave it again. */
function replay(
  { device, heldM, pitchM }: HeldDevice,
  how: { actor: Actor; options: FigureOptions; maker: FigureMaker; clip: Clip },
): Figure {
  const { actor, options, maker, clip } = how;
  const { bezelM } = device;
  const picture = replayPicture(device, { ...options, clip, head: maker.head(actor), torso: ownTorso(actor, maker) });
  const screen = { pitchM, moire: 0.05, banding: 0.1, bands: 2.2, bandsPerSecond: 1.3, bezelM };
  const holder = maker.torso(holderSeed);
  return new Sheet(picture, {
    ...{ ...options, holder, bend: 0, heldM, driftM: 0.05 },
    over: screenArtefacts(screen),
    reflectance: glass,
  });
}

function kept<T>(store: Map<string, T>, name: string, make: () => T): T {
  const found = store.get(name);
  if (found !== undefined) return found;
  const made = make();
  store.set(name, made);
  return made;
}
