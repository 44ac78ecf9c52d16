import type { Random } from "../../core/random.ts";

/** The templates of a site by person, and how two of them are compared. What a template is, is not known here. */
export interface SiteTemplates<Template> {
  readonly people: ReadonlyMap<string, readonly Template[]>;
  /** On the scale of the first embedder; a number that is none means that they cannot be compared. */
  distance(a: Template, b: Template): number;
}

/** One template held against all templates of one other person, as a stranger's picture would be. */
export interface ImpostorDistances {
  /** The nearest distances in ascending order; those above `keptBelow` were only counted. */
  readonly distances: Float32Array;
  /** Index of the person whose template was the probe, and of the person it was held against. */
  readonly probes: Int32Array;
  readonly against: Int32Array;
  /** 1 / templates of the probe's person: everybody counts alike. */
  readonly weights: Float32Array;
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
  /** For each template of a person with several: the distance to the nearest of the others, and whose it is. */
  readonly genuine: readonly { readonly person: number; readonly distance: number; readonly nearestOther: number }[];
  /** In the order of `people`; null for somebody who can be compared with nobody. */
  readonly nearest: readonly (NearestOther | null)[];
  /** Pairs so near that they look like one person under two names; they take no part in `impostor`. */
  readonly sameFace: readonly { readonly people: readonly [string, string]; readonly distance: number }[];
}

/** What is further off plays no part in any threshold. */
export const keptBelow = 0.6;
/** No two people of the shipped sets came so near with frontal pictures: it is one face, or twins. */
export const sameFaceDistance = 0.3;
/** People whose templates are held against everybody's; with more, a random part of them is. */
const maxProbePeople = 500;

/** Comparisons between two yields: about a millisecond. */
const comparisonsPerTurn = 500;

/**
 * Compares everybody with everybody. Yields after some comparisons, so that the caller can let others work in between; the last
 * answer is the result.
 */
export function* siteDistances<Template>(
  { people, distance }: SiteTemplates<Template>,
  random: Random,
): Generator<undefined, SiteDistances> {
  const names = [...people.keys()];
  const templates = [...people.values()];
  const nearest = new Array<NearestOther | null>(names.length).fill(null);
  const found: Found[] = [];
  const genuine: { person: number; distance: number; nearestOther: number }[] = [];
  const probes = chosen(names.length, random);
  let totalWeight = 0;
  for (const person of probes) {
    const own = templates[person] ?? [];
    for (const probe of own) {
      const others = yield* nearestOfOthers(probe, { person, templates, distance });
      for (const other of others) {
        totalWeight += 1 / own.length;
        noteNearest(nearest, names, other);
        if (other.distance < keptBelow) found.push(other);
      }
      const nearestOwn = nearestOf(
        probe,
        own.filter((template) => template !== probe),
        distance,
      );
      if (!Number.isFinite(nearestOwn)) continue;
      const nearestOther = others.reduce((least, other) => Math.min(least, other.distance), Number.POSITIVE_INFINITY);
      genuine.push({ person, distance: nearestOwn, nearestOther });
    }
  }
  return {
    people: names,
    templates: templates.reduce((sum, own) => sum + own.length, 0),
    pairs: pairsAmong(names.length, probes.length),
    ...sortOut(found, { names, templates, probes, totalWeight }),
    genuine,
    nearest,
  };
}

// --- internal ---

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

/** How near a template of one person is to each of the others. Yields now and then. */
function* nearestOfOthers<Template>(
  probe: Template,
  site: {
    readonly person: number;
    readonly templates: readonly (readonly Template[])[];
    distance(a: Template, b: Template): number;
  },
): Generator<undefined, Found[]> {
  const found: Found[] = [];
  let comparisons = 0;
  for (const [against, templates] of site.templates.entries()) {
    if (against === site.person) continue;
    comparisons += templates.length;
    if (comparisons >= comparisonsPerTurn) {
      comparisons = 0;
      yield;
    }
    const distance = nearestOf(probe, templates, site.distance);
    if (Number.isFinite(distance)) found.push({ distance, probe: site.person, against });
  }
  yield;
  return found;
}

function nearestOf<Template>(
  probe: Template,
  templates: readonly Template[],
  distance: (a: Template, b: Template) => number,
): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const template of templates) {
    const found = distance(probe, template);
    if (found < nearest) nearest = found;
  }
  return nearest;
}

function noteNearest(
  nearest: (NearestOther | null)[],
  names: readonly string[],
  { probe, against, distance }: Found,
): void {
  for (const [one, other] of [
    [probe, against],
    [against, probe],
  ] as const) {
    if (distance < (nearest[one]?.distance ?? Number.POSITIVE_INFINITY)) {
      nearest[one] = { person: names[other] ?? "", distance };
    }
  }
}

function sortOut(
  found: readonly Found[],
  site: {
    readonly names: readonly string[];
    readonly templates: readonly (readonly unknown[])[];
    readonly probes: readonly number[];
    readonly totalWeight: number;
  },
): Pick<SiteDistances, "impostor" | "sameFace"> {
  const { names, templates, probes, totalWeight } = site;
  const key = ({ probe, against }: Found): number => Math.min(probe, against) * names.length + Math.max(probe, against);
  const twins = new Map<number, Found>();
  for (const one of found) {
    if (one.distance >= sameFaceDistance) continue;
    if (one.distance < (twins.get(key(one))?.distance ?? Number.POSITIVE_INFINITY)) twins.set(key(one), one);
  }
  const different = twins.size === 0 ? found : found.filter((one) => !twins.has(key(one)));
  const near = [...different].sort((p, q) => p.distance - q.distance);
  const wasProbe = new Set(probes);
  const directions = [...twins.values()].flatMap(({ probe, against }) => [probe, against]);
  return {
    impostor: {
      distances: Float32Array.from(near, ({ distance }) => distance),
      probes: Int32Array.from(near, ({ probe }) => probe),
      against: Int32Array.from(near, ({ against }) => against),
      weights: Float32Array.from(near, ({ probe }) => 1 / Math.max(1, templates[probe]?.length ?? 1)),
      // Held against one other person, all templates of somebody weigh one together.
      totalWeight: totalWeight - directions.filter((person) => wasProbe.has(person)).length,
    },
    sameFace: [...twins.values()].map(({ probe, against, distance }) => ({
      people: [names[probe] ?? "", names[against] ?? ""] as const,
      distance,
    })),
  };
}

function pairsAmong(people: number, probes: number): number {
  return (probes * (probes - 1)) / 2 + probes * (people - probes);
}
