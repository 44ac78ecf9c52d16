/** A rate, and the distance at which it is reached. */
export type RateAt = readonly [rate: number, distance: number];

/** What was measured on one set of photographs: numbers only. */
export interface SetStatistics {
  readonly name: string;
  readonly people: number;
  readonly pictures: number;
  readonly impostorPairs: number;
  /** Part of the pairs of two people of this set that are at most so far apart, from frequent to rare. */
  readonly impostor: readonly RateAt[];
  /** Part of single looks at somebody that are further than this from the nearest of three templates, from frequent to rare. */
  readonly genuine: readonly RateAt[];
}

/**
 * Distances of the first embedder (vector of the picture averaged with that of its mirror image) within three public academic
 * sets; every pair of pictures of two people of one set, and 20 seeded draws of three templates a person for the genuine looks.
 * `node scripts/accuracy.mjs` measures them again. Rates below 3 / pairs are left out (rule of three).
 */
export const shippedStatistics: readonly SetStatistics[] = [
  {
    name: "att (AT&T Laboratories Cambridge, grey, tight)",
    people: 40,
    pictures: 400,
    impostorPairs: 78_000,
    impostor: [
      [0.1, 0.5836],
      [0.03, 0.5399],
      [0.01, 0.5084],
      [0.003, 0.478],
      [0.001, 0.4515],
      [0.0003, 0.4291],
      [0.0001, 0.4019],
    ],
    genuine: [
      [0.5, 0.3333],
      [0.3, 0.3688],
      [0.2, 0.3936],
      [0.1, 0.4251],
      [0.05, 0.4538],
      [0.02, 0.4762],
      [0.01, 0.4965],
      [0.001, 0.5406],
    ],
  },
  {
    name: "yale (Yale Face Database, light and expression, grey)",
    people: 15,
    pictures: 153,
    impostorPairs: 10_922,
    impostor: [
      [0.1, 0.6443],
      [0.03, 0.5395],
      [0.01, 0.486],
      [0.003, 0.4535],
      [0.001, 0.4203],
      [0.0003, 0.4014],
    ],
    genuine: [
      [0.5, 0.277],
      [0.3, 0.3234],
      [0.2, 0.3506],
      [0.1, 0.3813],
      [0.05, 0.404],
      [0.02, 0.4308],
      [0.01, 0.4465],
      [0.001, 0.4771],
    ],
  },
  {
    name: "faces94 (University of Essex, one camera, colour)",
    people: 18,
    pictures: 360,
    impostorPairs: 61_200,
    impostor: [
      [0.1, 0.6294],
      [0.03, 0.5647],
      [0.01, 0.5258],
      [0.003, 0.4992],
      [0.001, 0.4812],
      [0.0003, 0.4685],
      [0.0001, 0.4607],
    ],
    genuine: [
      [0.5, 0.1592],
      [0.3, 0.1853],
      [0.2, 0.2033],
      [0.1, 0.2313],
      [0.05, 0.2564],
      [0.02, 0.2784],
      [0.01, 0.2968],
      [0.001, 0.3451],
    ],
  },
];

/**
 * Probability that pictures of two people of one population are at most `distance` apart: the mean over the sets, each set
 * counting alike. Between the rates measured it is log-linear; beyond the rarest it falls by a decade for each 0.045, the
 * slope of the pooled sets between 1e-3 and 1e-5, which errs to the strict side.
 */
export function shippedFalseMatchRate(distance: number, sets: readonly SetStatistics[] = shippedStatistics): number {
  return meanOver(sets, ({ impostor }) => rateAt(impostor, distance, distancePerDecade));
}

/** Part of single looks at somebody with three templates that a threshold refuses: the mean over the sets. */
export function shippedRefusalRate(threshold: number, sets: readonly SetStatistics[] = shippedStatistics): number {
  return meanOver(sets, ({ genuine }) => {
    // Mirrored, so that one rule serves both: here the rate falls as the distance grows.
    const mirrored = genuine.map(([rate, distance]): RateAt => [rate, -distance]);
    return rateAt(mirrored, -threshold, distancePerDecade);
  });
}

// --- internal ---

const distancePerDecade = 0.045;

function meanOver(sets: readonly SetStatistics[], value: (set: SetStatistics) => number): number {
  return sets.reduce((sum, set) => sum + value(set), 0) / sets.length;
}

/** `points` from frequent to rare, that is from far to near. */
function rateAt(points: readonly RateAt[], at: number, perDecade: number): number {
  const rarest = points.at(-1);
  if (rarest === undefined) throw new RangeError("statistics without a rate");
  if (at <= rarest[1]) return rarest[0] * 10 ** ((at - rarest[1]) / perDecade);
  for (let i = points.length - 1; i > 0; i--) {
    const [lowRate, near] = points[i]!;
    const [highRate, far] = points[i - 1]!;
    if (at > far) continue;
    return lowRate * (highRate / lowRate) ** ((at - near) / (far - near));
  }
  const [rate, far] = points[0]!;
  return Math.min(1, rate * 10 ** ((at - far) / perDecade));
}
