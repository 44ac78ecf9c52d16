import type { Random } from "../../core/random.ts";
import { between, randomFor } from "../../simulation/chance.ts";
import { roles } from "../../simulation/roles.ts";
import { genuineSpecies, type Species, speciesNames } from "../../simulation/species.ts";

/** One visit to the simulated door: who comes as what, under which conditions. All of it follows from kind and seed. */
export interface Presentation {
  readonly kind: Kind;
  readonly seed: number;
  readonly actor: string;
  readonly as: Species;
  readonly standM: number;
  readonly exposure: number;
  readonly noise: number;
  readonly backlight: number;
  readonly rollingMs: number;
  /** Null: the camera does not compress. */
  readonly jpegQuality: number | null;
}

/** Living people in bad light are kinds of their own: they fail for other reasons. */
export const genuineKinds = [...genuineSpecies, "walker-low-light", "walker-backlight"] as const;
export const attackKinds = speciesNames.filter((name): name is AttackSpecies => !isGenuineSpecies(name));
export const kinds: readonly Kind[] = [...attackKinds, ...genuineKinds];

type AttackSpecies = Exclude<Species, (typeof genuineSpecies)[number]>;
export type Kind = AttackSpecies | (typeof genuineKinds)[number];

export function isGenuine(kind: Kind): boolean {
  return genuineKinds.some((name) => name === kind);
}

/** The faces of the sample photographs that play people; each in turn. */
export const faces: readonly string[] = [roles.enrolled, roles.newcomer, ...roles.strangers];

/** Conditions are drawn for each seed: distance, light, noise, half of the cameras compress, half have a rolling shutter. */
export function presentation(kind: Kind, seed: number): Presentation {
  const random = randomFor(seed, `${kind}/conditions`);
  const as = kind === "walker-low-light" || kind === "walker-backlight" ? "walker" : kind;
  return {
    ...{ kind, seed, as, actor: faces[seed % faces.length] ?? roles.enrolled },
    standM: between(random, 0.7, 0.9),
    exposure: kind === "walker-low-light" ? between(random, 0.25, 0.4) : between(random, 0.75, 1.1),
    noise: kind === "walker-low-light" ? between(random, 2.5, 4) : between(random, 1.2, 2.4),
    backlight: kind === "walker-backlight" ? between(random, 0.5, 0.8) : 0,
    rollingMs: chance(random) ? between(random, 10, 30) : 0,
    jpegQuality: chance(random) ? Math.round(between(random, 50, 90)) : null,
  };
}

// --- internal ---

function chance(random: Random): boolean {
  return random() < 0.5;
}

function isGenuineSpecies(name: Species): name is (typeof genuineSpecies)[number] {
  return genuineSpecies.some((genuine) => genuine === name);
}
