import type { Random } from "../../core/random.ts";

/** The templates of a site by person, and how two of them are compared. What a template is, is not known here. */
export interface SiteTemplates<Template> {
  readonly people: ReadonlyMap<string, readonly Template[]>;
  /**
   * On the scale of the first embedder; a number that is none means that they cannot be compared. Of two that are further apart than
   * `limit` anything above it will do.
   */
  distance(a: Template, b: Template, limit: number): number;
}

/** One template held against all templates of one other person, as a stranger's picture would be. */
export interface ImpostorDistances {
  /** The nearest distances in ascending order; those from `keptBelow` on were only counted. */
  readonly distances: Float32Array;
  /** Index of the person whose template was the probe, and of the person it was held against. */
  readonly probes: Int32Array;
  readonly against: Int32Array;
  /** 1 / templates of the probe's person: everybody counts alike. */
  readonly weights: Float32Array;
  readonly keptBelow: number;
  /** Weight of all comparisons, those that were only counted included. */
  readonly totalWeight: number;
}

export interface NearestOther {
  readonly person: string;
  readonly distance: number;
}

export interface SiteDistances {
  readonly people: readonly string[];
  readonly templates: number;
  /** Pairs of two people that were compared. */
  readonly pairs: number;
  readonly impostor: ImpostorDistances;
  /** For each template of a person with several: the distance to the nearest of the others, and to that of anybody else. */
  readonly genuine: readonly { readonly person: number; readonly distance: number; readonly nearestOther: number }[];
  /** In the order of `people`; null for somebody to whom nobody is near. */
  readonly nearest: readonly (NearestOther | null)[];
  /** Pairs so near that they look like one person under two names; they take no part in `impostor`. */
  readonly sameFace: readonly { readonly people: readonly [string, string]; readonly distance: number }[];
}

/** What is further off plays no part in any threshold. */
export const farthest = 0.6;
/** With thousands of people the nearest two thousand comparisons lie well below this, and fewer need the second vector. */
const farthestOfMany = 0.5;
/** No two people of the shipped sets came so near with frontal pictures: it is one face, or twins. */
export const sameFaceDistance = 0.3;
/** People whose templates are held against everybody's; with more, a random part of them is. */
const maxProbePeople = 500;

/**
 * Compares everybody with everybody. Look-alikes are found among all. The impostor distances of more than 500 people are those of 500 drawn at
 * random against all; drawing people again for an interval then counts how few they were.
 */
export function siteDistances<Template>(site: SiteTemplates<Template>, random: Random): SiteDistances {
  const people = [...site.people].map(([name, templates]): Enrolled<Template> => {
    return { name, templates, nearestOther: templates.map(() => Number.POSITIVE_INFINITY), nearest: null };
  });
  const probes = chosen(people.length, random);
  const keptBelow = probes.length < people.length ? farthestOfMany : farthest;
  const tally = new ImpostorTally(people, new Set(probes), keptBelow);
  const distance = (a: Template, b: Template): number => site.distance(a, b, keptBelow);
  for (const [one, { templates: ours }] of people.entries()) {
    for (let other = 0; other < one; other++) {
      const { fromOurs, fromTheirs } = nearestBothWays(ours, people[other]!.templates, distance);
      tally.hold(other, one, fromTheirs);
      tally.hold(one, other, fromOurs);
    }
  }
  return {
    people: people.map(({ name }) => name),
    templates: people.reduce((sum, { templates }) => sum + templates.length, 0),
    pairs: pairsAmong(people.length, probes.length),
    ...tally.result(),
    genuine: probes.flatMap((person) => genuineOf(person, people[person]!, site)),
    nearest: people.map(({ nearest }) => nearest),
  };
}

// --- internal ---

interface Enrolled<Template> {
  readonly name: string;
  readonly templates: readonly Template[];
  /** For each template. */
  readonly nearestOther: number[];
  nearest: NearestOther | null;
}

interface Found {
  readonly distance: number;
  readonly probe: number;
  readonly against: number;
}

function chosen(people: number, random: Random): readonly number[] {
  const all = Array.from({ length: people }, (_, i) => i);
  if (people <= maxProbePeople) return all;
  for (let i = 0; i < maxProbePeople; i++) {
    const j = i + Math.floor(random() * (people - i));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.slice(0, maxProbePeople);
}

/** How near each template of one person is to the nearest of another's, and the other way round; not a number without any to compare. */
function nearestBothWays<Template>(
  ours: readonly Template[],
  theirs: readonly Template[],
  distance: (a: Template, b: Template) => number,
): { readonly fromOurs: readonly number[]; readonly fromTheirs: readonly number[] } {
  const fromOurs = ours.map(() => Number.NaN);
  const fromTheirs = theirs.map(() => Number.NaN);
  for (let i = 0; i < ours.length; i++) {
    for (let j = 0; j < theirs.length; j++) {
      const found = distance(ours[i]!, theirs[j]!);
      if (Number.isNaN(found)) continue;
      // Written so that the first number takes the place of none.
      if (!(fromOurs[i]! <= found)) fromOurs[i] = found;
      if (!(fromTheirs[j]! <= found)) fromTheirs[j] = found;
    }
  }
  return { fromOurs, fromTheirs };
}

function genuineOf<Template>(
  person: number,
  { templates, nearestOther }: Enrolled<Template>,
  site: SiteTemplates<Template>,
): SiteDistances["genuine"] {
  return templates.flatMap((probe, i) => {
    const others = templates.filter((template) => template !== probe);
    const distances = others.map((other) => site.distance(probe, other, farthest)).filter(Number.isFinite);
    if (distances.length === 0) return [];
    return [{ person, distance: Math.min(...distances), nearestOther: nearestOther[i] ?? Number.POSITIVE_INFINITY }];
  });
}

/** Takes in how near the templates of one person are to those of another, one pair of people after the other. */
class ImpostorTally<Template> {
  readonly #people: readonly Enrolled<Template>[];
  readonly #probes: ReadonlySet<number>;
  readonly #keptBelow: number;
  readonly #found: Found[] = [];
  /** The nearest two templates of pairs of people that look like one. */
  readonly #twins = new Map<number, Found>();
  #totalWeight = 0;

  constructor(people: readonly Enrolled<Template>[], probes: ReadonlySet<number>, keptBelow: number) {
    this.#people = people;
    this.#probes = probes;
    this.#keptBelow = keptBelow;
  }

  isProbe(person: number): boolean {
    return this.#probes.has(person);
  }

  /** `distances`: from each template of the probe to the nearest of the other. */
  hold(probe: number, against: number, distances: readonly number[]): void {
    const isProbe = this.isProbe(probe);
    const own = this.#people[probe]!;
    for (let i = 0; i < distances.length; i++) {
      const distance = distances[i]!;
      if (Number.isNaN(distance)) continue;
      if (distance < own.nearestOther[i]!) own.nearestOther[i] = distance;
      if (isProbe) this.#totalWeight += 1 / distances.length;
      if (distance < this.#keptBelow) this.#note({ distance, probe, against }, isProbe);
    }
  }

  result(): Pick<SiteDistances, "impostor" | "sameFace"> {
    const twins = [...this.#twins.values()];
    const near = this.#found
      .filter((one) => !this.#twins.has(this.#key(one)))
      .sort((p, q) => p.distance - q.distance || p.probe - q.probe || p.against - q.against);
    const directions = twins.flatMap(({ probe, against }) => [probe, against]);
    return {
      impostor: {
        distances: Float32Array.from(near, ({ distance }) => distance),
        probes: Int32Array.from(near, ({ probe }) => probe),
        against: Int32Array.from(near, ({ against }) => against),
        weights: Float32Array.from(near, ({ probe }) => 1 / Math.max(1, this.#people[probe]?.templates.length ?? 1)),
        keptBelow: this.#keptBelow,
        // Held against one other person, all templates of somebody weigh one together.
        totalWeight: this.#totalWeight - directions.filter((person) => this.isProbe(person)).length,
      },
      sameFace: twins.map(({ probe, against, distance }) => ({
        people: [this.#people[probe]?.name ?? "", this.#people[against]?.name ?? ""] as const,
        distance,
      })),
    };
  }

  // --- internal ---

  #note(found: Found, isProbe: boolean): void {
    const { distance, probe, against } = found;
    const own = this.#people[probe]!;
    if (isProbe) this.#found.push(found);
    if (own.nearest === null || distance < own.nearest.distance) {
      own.nearest = { person: this.#people[against]!.name, distance };
    }
    if (distance >= sameFaceDistance) return;
    const known = this.#twins.get(this.#key(found));
    if (known === undefined || distance < known.distance) this.#twins.set(this.#key(found), found);
  }

  #key({ probe, against }: Found): number {
    return Math.min(probe, against) * this.#people.length + Math.max(probe, against);
  }
}

function pairsAmong(people: number, probes: number): number {
  return (probes * (probes - 1)) / 2 + probes * (people - probes);
}
