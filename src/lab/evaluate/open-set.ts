import { type Random, seededRandom } from "../../core/random.ts";
import { calibrate } from "../../pipeline/calibration/calibrate.ts";
import { ownThresholds } from "../../pipeline/calibration/own-thresholds.ts";
import { type SiteTemplates, siteDistances } from "../../pipeline/calibration/site-distances.ts";
import { runnerUpMargin } from "../../pipeline/matching/identify.ts";
import { highestWithoutError, type Interval } from "./intervals.ts";

/**
 * Identification among people of whom some are not enrolled (ISO/IEC 19795-1): half of the people are enrolled with a few pictures, the
 * others walk up as strangers; again and again with other halves. The threshold is that of `lintel calibrate` for each gallery.
 */

export interface OpenSetOptions {
  readonly splits: number;
  /** Pictures each enrolled person is known by, where there are enough. */
  readonly templates: number;
  readonly targets: readonly number[];
  /** Ceiling of the calibrated threshold. */
  readonly maxDistance: number;
}

export const openSetDefaults: OpenSetOptions = {
  splits: 20,
  templates: 3,
  targets: [1e-1, 1e-2, 1e-3, 1e-4],
  maxDistance: 0.6,
};

/** What a calibration for one target led to, pooled over the splits. */
export interface OpenSetRow {
  readonly targetFpir: number;
  /** Mean over the splits. */
  readonly threshold: number;
  /** Part of the strangers' looks that were taken for somebody; null: fewer pictures of strangers than 1 / target. */
  readonly fpir: number | null;
  /** 95 %, by drawing people again. */
  readonly fpirInterval: Interval | null;
  /** Part of the looks at enrolled people that were refused or taken for somebody else. */
  readonly fnir: number;
  readonly fnirInterval: Interval;
}

export interface OpenSetResult {
  /** People enrolled in each split. */
  readonly galleryPeople: number;
  readonly templates: number;
  readonly splits: number;
  /** Different pictures that were shown as strangers', of so many people. */
  readonly strangerPictures: number;
  readonly strangers: number;
  readonly rows: readonly OpenSetRow[];
}

/** Pictures by person; null for those that could not be used, which are refused. */
export type PeoplePictures<Face> = readonly (readonly (Face | null)[])[];

/** Undefined for fewer than four people: neither half would be a gallery. */
export function measureOpenSet<Face>(
  people: PeoplePictures<Face>,
  distance: (a: Face, b: Face) => number,
  options: OpenSetOptions = openSetDefaults,
): OpenSetResult | undefined {
  if (people.length < 4) return undefined;
  const tallies = options.targets.map(() => new Tally(people.length));
  for (let seed = 1; seed <= options.splits; seed++) {
    const split = splitPeople(people, options.templates, seededRandom(seed));
    const looks = takeLooks(split, distance);
    const site = siteDistances({ people: split.gallery, distance }, seededRandom(1));
    for (const [i, targetFpir] of options.targets.entries()) {
      const goal = { targetFpir, maxDistance: options.maxDistance, random: seededRandom(1) };
      const { threshold } = calibrate(site, goal);
      const own = new Map(ownThresholds(site, threshold).map((one) => [one.person, one.threshold]));
      tallies[i]?.add(looks, threshold, (person) => own.get(person) ?? threshold);
    }
  }
  const strangerPictures = people.reduce((sum, files) => sum + files.filter((face) => face !== null).length, 0);
  return {
    galleryPeople: Math.floor(people.length / 2),
    templates: options.templates,
    splits: options.splits,
    strangerPictures,
    strangers: people.length,
    rows: options.targets.flatMap((target, i) => tallies[i]?.row(target, strangerPictures) ?? []),
  };
}

// --- internal ---

interface Split<Face> {
  /** Templates by the person's index as text. */
  readonly gallery: SiteTemplates<Face>["people"];
  readonly probes: readonly { readonly person: number; readonly isEnrolled: boolean; readonly face: Face | null }[];
}

function splitPeople<Face>(people: PeoplePictures<Face>, templates: number, random: Random): Split<Face> {
  const order = shuffled(
    people.map((_, i) => i),
    random,
  );
  const half = Math.floor(people.length / 2);
  const gallery = new Map<string, readonly Face[]>();
  const probes: { person: number; isEnrolled: boolean; face: Face | null }[] = [];
  for (const [place, person] of order.entries()) {
    const pictures = shuffled(people[person] ?? [], random);
    const isEnrolled = place < half;
    if (isEnrolled) {
      const usable = pictures.slice(0, templates).filter((face) => face !== null);
      gallery.set(String(person), usable);
    }
    for (const face of isEnrolled ? pictures.slice(templates) : pictures) probes.push({ person, isEnrolled, face });
  }
  return { gallery, probes };
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

interface Look {
  readonly person: number;
  readonly isEnrolled: boolean;
  /** The nearest person, or null for a picture that could not be used. */
  readonly found: string | null;
  readonly distance: number;
  readonly runnerUp: number;
}

function takeLooks<Face>({ gallery, probes }: Split<Face>, distance: (a: Face, b: Face) => number): Look[] {
  return probes.map(({ person, isEnrolled, face }) => {
    const look = { person, isEnrolled, found: null, distance: Number.POSITIVE_INFINITY };
    let best: Look = { ...look, runnerUp: Number.POSITIVE_INFINITY };
    if (face === null) return best;
    for (const [id, templates] of gallery) {
      const near = templates.reduce((least, one) => Math.min(least, distance(face, one)), Number.POSITIVE_INFINITY);
      if (near < best.distance) best = { ...best, found: id, distance: near, runnerUp: best.distance };
      else if (near < best.runnerUp) best = { ...best, runnerUp: near };
    }
    return best;
  });
}

/** Looks and errors by person, so that people can be drawn again. */
class Tally {
  readonly #strangerLooks: Float64Array;
  readonly #accepted: Float64Array;
  readonly #ownLooks: Float64Array;
  readonly #refused: Float64Array;
  #thresholds = 0;
  #splits = 0;

  constructor(people: number) {
    this.#strangerLooks = new Float64Array(people);
    this.#accepted = new Float64Array(people);
    this.#ownLooks = new Float64Array(people);
    this.#refused = new Float64Array(people);
  }

  add(looks: readonly Look[], threshold: number, thresholdOf: (person: string) => number): void {
    this.#thresholds += threshold;
    this.#splits++;
    for (const { person, isEnrolled, found, distance, runnerUp } of looks) {
      const isNear = found !== null && distance <= thresholdOf(found);
      const taken = isNear && runnerUp - distance >= runnerUpMargin ? found : null;
      if (isEnrolled) {
        count(this.#ownLooks, person);
        if (taken !== String(person)) count(this.#refused, person);
      } else {
        count(this.#strangerLooks, person);
        if (taken !== null) count(this.#accepted, person);
      }
    }
  }

  row(targetFpir: number, pictures: number): OpenSetRow {
    const isMeasurable = pictures >= 1 / targetFpir;
    return {
      targetFpir,
      threshold: this.#thresholds / this.#splits,
      fpir: isMeasurable ? ratio(this.#accepted, this.#strangerLooks) : null,
      fpirInterval: isMeasurable ? drawnInterval(this.#accepted, this.#strangerLooks, pictures) : null,
      fnir: ratio(this.#refused, this.#ownLooks),
      fnirInterval: drawnInterval(this.#refused, this.#ownLooks, pictures),
    };
  }
}

function count(tally: Float64Array, person: number): void {
  tally[person] = tally[person]! + 1;
}

function ratio(errors: Float64Array, looks: Float64Array, times?: Float64Array): number {
  let error = 0;
  let all = 0;
  for (let i = 0; i < looks.length; i++) {
    error += errors[i]! * (times?.[i] ?? 1);
    all += looks[i]! * (times?.[i] ?? 1);
  }
  return all === 0 ? 0 : error / all;
}

const replicates = 1000;

/** 95 %; without an error what is believable follows from the number of different pictures, not of looks. */
function drawnInterval(errors: Float64Array, looks: Float64Array, pictures: number): Interval {
  if (errors.every((error) => error === 0)) return [0, highestWithoutError(pictures)];
  const random = seededRandom(1);
  const values: number[] = [];
  for (let r = 0; r < replicates; r++) {
    const times = new Float64Array(looks.length);
    for (let n = 0; n < looks.length; n++) count(times, Math.floor(random() * looks.length));
    values.push(ratio(errors, looks, times));
  }
  values.sort((p, q) => p - q);
  return [values[Math.floor(0.025 * replicates)] ?? 0, values[Math.floor(0.975 * replicates)] ?? 1];
}
