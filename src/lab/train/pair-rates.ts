import type { Random } from "../../core/random.ts";

/** One pair of faces of people who were not trained on, before and after. */
export interface ComparedPair {
  readonly people: readonly [number, number];
  /** As the door compares without the trained model. */
  readonly before: number;
  /** With it. */
  readonly after: number;
}

export interface Change {
  readonly fmr: number;
  readonly before: number;
  readonly after: number;
  /** 95 % of `after - before`, drawing the people again and again. */
  readonly interval: readonly [low: number, high: number];
}

const replicates = 300;

/**
 * The false non-match rate at one false match rate before and after, and what is believable of their difference: a paired bootstrap over
 * people (Efron 1979), since pairs of one person are not independent. Null with fewer than 3 / FMR impostor pairs: too few to say.
 */
export function changeAt(fmr: number, pairs: readonly ComparedPair[], random: Random): Change | null {
  const impostors = pairs.filter(({ people: [a, b] }) => a !== b).length;
  if (impostors < 3 / fmr || impostors === pairs.length) return null;
  const order = {
    before: orderBy(pairs, (pair) => pair.before),
    after: orderBy(pairs, (pair) => pair.after),
  };
  const ones = Float64Array.from(pairs, () => 1);
  const [before, after] = [fnmrAt(fmr, order.before, ones), fnmrAt(fmr, order.after, ones)];
  const people = 1 + pairs.reduce((most, pair) => Math.max(most, ...pair.people), 0);
  const differences: number[] = [];
  const weights = new Float64Array(pairs.length);
  for (let r = 0; r < replicates; r++) {
    const times = drawn(people, random);
    pairs.forEach(({ people: [a, b] }, i) => {
      weights[i] = a === b ? times[a]! : times[a]! * times[b]!;
    });
    const difference = fnmrAt(fmr, order.after, weights) - fnmrAt(fmr, order.before, weights);
    if (Number.isFinite(difference)) differences.push(difference);
  }
  differences.sort((p, q) => p - q);
  const at = (share: number): number => differences[Math.floor(share * (differences.length - 1))] ?? 0;
  return { fmr, before, after, interval: [at(0.025), at(0.975)] };
}

// --- internal ---

/** Places in order of distance, and which of the pairs are of one person. */
interface Order {
  readonly places: Uint32Array;
  readonly isGenuine: Uint8Array;
}

function orderBy(pairs: readonly ComparedPair[], distance: (pair: ComparedPair) => number): Order {
  const distances = Float64Array.from(pairs, distance);
  const places = Uint32Array.from(pairs, (_, i) => i).sort((p, q) => distances[p]! - distances[q]!);
  return { places, isGenuine: Uint8Array.from(pairs, ({ people: [a, b] }) => (a === b ? 1 : 0)) };
}

/** Part of the genuine pairs that lie beyond the distance at which this part of the impostor pairs matches. */
function fnmrAt(fmr: number, { places, isGenuine }: Order, weights: Float64Array): number {
  let genuine = 0;
  let impostor = 0;
  for (let i = 0; i < weights.length; i++) {
    if (isGenuine[i] === 1) genuine += weights[i]!;
    else impostor += weights[i]!;
  }
  let matched = 0;
  let falsely = 0;
  for (const place of places) {
    if (isGenuine[place] === 1) matched += weights[place]!;
    else falsely += weights[place]!;
    if (falsely > fmr * impostor) break;
  }
  return 1 - matched / genuine;
}

function drawn(people: number, random: Random): Float64Array {
  const times = new Float64Array(people);
  for (let i = 0; i < people; i++) {
    const who = Math.floor(random() * people);
    times[who] = times[who]! + 1;
  }
  return times;
}
