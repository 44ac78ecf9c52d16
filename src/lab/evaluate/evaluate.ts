import { LintelError } from "../../core/errors.ts";
import { type Acquisition, acquireAll, type FaceSource } from "./acquire.ts";
import { byEmbedder, type Comparison, type ComparisonName, fused } from "./comparison.ts";
import type { Evidence, Part } from "./evidence.ts";
import { type PhotoSet, readGroups, readPairs, readSets, requireFiles } from "./inputs.ts";
import type { ScoredPair } from "./metrics.ts";
import { measureOpenSet } from "./open-set.ts";
import { type EvaluationReport, makeReport } from "./report.ts";

export interface EvaluateOptions {
  readonly source: FaceSource;
  /** By what faces are compared. */
  readonly embedder: ComparisonName;
  /** Of folders of sets only those of these names; absent: all. */
  readonly sets?: readonly string[] | undefined;
  /** A list of who or which file belongs to which group, for a table a group. */
  readonly groups?: string | undefined;
  /** Told after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Measures verification on labelled pairs. Files are taken from `root`. Throws `LINTEL_E_UNREADABLE` for a bad list. */
export async function evaluatePairs(
  place: { file: string; root: string },
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  return makeReport(await examinePairs(place, options));
}

/**
 * Measures verification on all pairs of pictures, identification with the first picture of each person as the gallery, and
 * identification among strangers. The directory holds folders of people, or folders of sets of such folders.
 */
export async function evaluatePeople(directory: string, options: EvaluateOptions): Promise<EvaluationReport> {
  return makeReport(await examinePeople(directory, options));
}

export async function examinePairs(
  { file, root }: { file: string; root: string },
  options: EvaluateOptions,
): Promise<Evidence> {
  const pairs = await readPairs(file);
  const files = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))];
  await requireFiles(root, files);
  const groups = options.groups === undefined ? undefined : await readGroups(options.groups);
  const acquired = await acquireFiles(root, files, options);
  return withComparison(options.embedder, (comparison) => {
    const faces = facesOf(acquired, comparison);
    const scored = pairs.map(({ first, second, isGenuine }, i): ScoredPair => {
      const distance = between(faces.get(first) ?? null, faces.get(second) ?? null, comparison);
      return { distance, isGenuine, units: [i, i], files: [first, second] };
    });
    return {
      root,
      pictures: files.length,
      pairs: bothKinds(scored),
      failedToAcquire: failures(files, acquired),
      identification: undefined,
      parts: groups === undefined ? [] : partsByFile(scored, (name) => groups.get(name)),
    };
  });
}

export async function examinePeople(directory: string, options: EvaluateOptions): Promise<Evidence> {
  const sets = await readSets(directory, options.sets);
  const files = sets.flatMap(({ people }) => people.flatMap((person) => person.files));
  const groups = options.groups === undefined ? undefined : await readGroups(options.groups);
  const acquired = await acquireFiles(directory, files, options);
  return withComparison(options.embedder, (comparison) => {
    const pictures = picturesOf(sets, facesOf(acquired, comparison), groups);
    const { pairs, parts } = allPairs(pictures, comparison);
    return {
      root: directory,
      pictures: files.length,
      pairs: bothKinds(pairs),
      failedToAcquire: failures(files, acquired),
      identification: identify(pictures, comparison),
      parts,
      openSets: openSetsOf(sets, pictures, comparison),
    };
  });
}

// --- internal ---

interface Picture<Face> {
  readonly file: string;
  readonly person: number;
  readonly set: number;
  readonly setName: string;
  readonly group: string | undefined;
  readonly isFirst: boolean;
  readonly face: Face | null;
}

/** Calls with the comparison of this name; a type of its own each, so that faces of two comparisons cannot meet. */
function withComparison<Result>(name: ComparisonName, work: <Face>(comparison: Comparison<Face>) => Result): Result {
  return name === "fused" ? work(fused) : work(byEmbedder(name));
}

function acquireFiles(
  root: string,
  files: readonly string[],
  { source, onProgress }: EvaluateOptions,
): Promise<Map<string, Acquisition>> {
  return acquireAll(source, { root, files }, (done) => onProgress?.(done, files.length));
}

function picturesOf<Face>(
  sets: readonly PhotoSet[],
  faces: ReadonlyMap<string, Face>,
  groups: ReadonlyMap<string, string> | undefined,
): Picture<Face>[] {
  let person = -1;
  return sets.flatMap(({ people, name: setName }, set) =>
    people.flatMap(({ name, files }) => {
      person++;
      const index = person;
      return files.map((file, place) => ({
        ...{ file, person: index, set, setName, isFirst: place === 0, face: faces.get(file) ?? null },
        group: groups?.get(file) ?? groups?.get(name),
      }));
    }),
  );
}

/** All pairs, and those within each set and each group. */
function allPairs<Face>(
  pictures: readonly Picture<Face>[],
  comparison: Comparison<Face>,
): { pairs: ScoredPair[]; parts: Part[] } {
  const pairs: ScoredPair[] = [];
  const parts = new Map<string, Part>();
  const partOf = (kind: Part["kind"], name: string): ScoredPair[] => {
    const part = parts.get(`${kind} ${name}`) ?? { kind, name, pairs: [] };
    parts.set(`${kind} ${name}`, part);
    return part.pairs;
  };
  const hasSets = pictures.some(({ set }) => set > 0);
  for (const [i, p] of pictures.entries()) {
    for (let j = 0; j < i; j++) {
      const q = pictures[j]!;
      const pair: ScoredPair = {
        distance: between(p.face, q.face, comparison),
        isGenuine: p.person === q.person,
        units: [p.person, q.person],
        files: [q.file, p.file],
      };
      pairs.push(pair);
      if (hasSets && p.set === q.set) partOf("set", p.setName).push(pair);
      if (p.group !== undefined && p.group === q.group) partOf("group", p.group).push(pair);
    }
  }
  return { pairs, parts: [...parts.values()] };
}

/** Pairs whose two files are of one group. */
function partsByFile(pairs: readonly ScoredPair[], groupOf: (file: string) => string | undefined): Part[] {
  const parts = new Map<string, Part>();
  for (const pair of pairs) {
    const [first, second] = (pair.files ?? []).map(groupOf);
    if (first === undefined || first !== second) continue;
    const part = parts.get(first) ?? { kind: "group", name: first, pairs: [] };
    parts.set(first, part);
    part.pairs.push(pair);
  }
  return [...parts.values()];
}

/** Each set by itself: strangers at a door are of one population with those it knows. */
function openSetsOf<Face>(
  sets: readonly PhotoSet[],
  pictures: readonly Picture<Face>[],
  { distance }: Comparison<Face>,
): NonNullable<Evidence["openSets"]> {
  return sets.flatMap(({ name }, set) => {
    const people = new Map<number, (Face | null)[]>();
    for (const picture of pictures) {
      if (picture.set !== set) continue;
      const own = people.get(picture.person);
      if (own) own.push(picture.face);
      else people.set(picture.person, [picture.face]);
    }
    const result = measureOpenSet([...people.values()], distance);
    return result === undefined ? [] : [{ name, result }];
  });
}

/** A picture that could not be used is no right answer, as probe or as the only picture in the gallery. */
function identify<Face>(
  pictures: readonly Picture<Face>[],
  comparison: Comparison<Face>,
): { probes: number; right: number } | undefined {
  const gallery = pictures.filter((picture) => picture.isFirst);
  const probes = pictures.filter((picture) => !picture.isFirst);
  if (probes.length === 0) return undefined;
  let right = 0;
  for (const probe of probes) {
    let nearest = { distance: Number.POSITIVE_INFINITY, person: -1 };
    for (const { face, person } of gallery) {
      const found = between(probe.face, face, comparison);
      if (found < nearest.distance) nearest = { distance: found, person };
    }
    if (nearest.person === probe.person) right++;
  }
  return { probes: probes.length, right };
}

/** Infinity when a face is missing. */
function between<Face>(p: Face | null, q: Face | null, { distance }: Comparison<Face>): number {
  return p === null || q === null ? Number.POSITIVE_INFINITY : distance(p, q);
}

function facesOf<Face>(acquired: ReadonlyMap<string, Acquisition>, { faceOf }: Comparison<Face>): Map<string, Face> {
  const faces = new Map<string, Face>();
  for (const [file, result] of acquired) {
    const face = "embeddings" in result ? faceOf(result.embeddings) : null;
    if (face !== null) faces.set(file, face);
  }
  return faces;
}

function failures(
  files: readonly string[],
  acquired: ReadonlyMap<string, Acquisition>,
): { file: string; reason: string }[] {
  return files.flatMap((file) => {
    const result = acquired.get(file);
    return result !== undefined && "reason" in result ? [{ file, reason: result.reason }] : [];
  });
}

/** Rates need both kinds of pairs. */
function bothKinds(pairs: ScoredPair[]): ScoredPair[] {
  for (const [isGenuine, what] of [
    [true, "of one person"],
    [false, "of two people"],
  ] as const) {
    if (pairs.some((pair) => pair.isGenuine === isGenuine)) continue;
    throw new LintelError("LINTEL_E_UNREADABLE", `there is no pair ${what}`, {
      hint: "Error rates need pairs of one person and pairs of two people.",
    });
  }
  return pairs;
}
