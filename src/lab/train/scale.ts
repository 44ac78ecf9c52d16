import { LintelError } from "../../core/errors.ts";
import type { Knot } from "../../pipeline/matching/monotone-map.ts";

/** One impostor pair on the model's own scale and on that of the first embedder. */
export interface ImpostorPair {
  readonly learned: number;
  readonly first: number;
}

const ranks = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 0.7, 0.99];
/** Fewer pairs below a knot make it a matter of chance. */
const leastPairs = 5;

/**
 * Knots that bring a model's scale onto that of the first embedder: equal ranks among impostor pairs, so that equal values mean equal
 * false match rates. Throws `LINTEL_E_UNREADABLE` with too few pairs.
 */
export function scaleKnots(pairs: readonly ImpostorPair[]): Knot[] {
  const learned = Float64Array.from(pairs, (pair) => pair.learned).sort();
  const first = Float64Array.from(pairs, (pair) => pair.first).sort();
  const knots: Knot[] = [];
  for (const rank of ranks) {
    const place = Math.floor(rank * pairs.length);
    if (place < leastPairs) continue;
    const knot = [learned[place]!, first[place]!] as const;
    const last = knots.at(-1);
    if (!last || (knot[0] > last[0] && knot[1] > last[1])) knots.push(knot);
  }
  if (knots.length < 2) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${pairs.length} pairs of two people are too few for a trial`, {
      hint: "Give more people or more pictures of each, or parts of more people with a smaller --folds.",
    });
  }
  return knots;
}
