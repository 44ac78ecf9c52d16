/** A rate, and the distance at which it is reached. */
export type RateAt = readonly [rate: number, distance: number];

/** What was measured on one set of photographs: numbers only. */
export interface SetStatistics {
  readonly name: string;
  readonly people: number;
  readonly pictures: number;
  /** Pictures held against the people they do not show: each picture once with each of them. */
  readonly impostorLooks: number;
  /** Part of these looks that are at most so far from the nearest of three templates of the other person, from frequent to rare. */
  readonly impostor: readonly RateAt[];
  /** Part of single looks at somebody that are further than this from the nearest of three templates, from frequent to rare. */
  readonly genuine: readonly RateAt[];
}

/** Templates by which each person of the statistics is known. */
export const shippedTemplates = 3;

/**
 * Distances of both embedders together (vectors of the picture averaged with those of its mirror image) within three public academic sets,
 * with 20 seeded draws of three templates a person. `node scripts/accuracy.mjs` measures them again. Rates below 3 / looks are left out
 * (rule of three).
 */
export const shippedStatistics: readonly SetStatistics[] = [
  {
    name: "att (AT&T Laboratories Cambridge, grey, tight)",
    people: 40,
    pictures: 400,
    impostorLooks: 15600,
    impostor: [
      [0.1, 0.5623],
      [0.03, 0.5218],
      [0.01, 0.4909],
      [0.003, 0.454],
      [0.001, 0.4313],
      [0.0003, 0.4099],
    ],
    genuine: [
      [0.5, 0.2476],
      [0.3, 0.2883],
      [0.2, 0.3182],
      [0.1, 0.3624],
      [0.05, 0.3915],
      [0.02, 0.4321],
      [0.01, 0.4501],
      [0.001, 0.5075],
    ],
  },
  {
    name: "yale (Yale Face Database, light and expression, grey)",
    people: 15,
    pictures: 153,
    impostorLooks: 2142,
    impostor: [
      [0.1, 0.6141],
      [0.03, 0.5144],
      [0.01, 0.4542],
      [0.003, 0.4172],
    ],
    genuine: [
      [0.5, 0.2109],
      [0.3, 0.2634],
      [0.2, 0.2891],
      [0.1, 0.3221],
      [0.05, 0.3478],
      [0.02, 0.3862],
      [0.01, 0.3927],
    ],
  },
  {
    name: "faces94 (University of Essex, one camera, colour)",
    people: 18,
    pictures: 360,
    impostorLooks: 6120,
    impostor: [
      [0.1, 0.6053],
      [0.03, 0.5367],
      [0.01, 0.4963],
      [0.003, 0.4676],
      [0.001, 0.4526],
    ],
    genuine: [
      [0.5, 0.0651],
      [0.3, 0.0986],
      [0.2, 0.1188],
      [0.1, 0.1457],
      [0.05, 0.1679],
      [0.02, 0.2018],
      [0.01, 0.2173],
      [0.001, 0.2693],
    ],
  },
];

/**
 * Probability that a look at a stranger of the same population is at most `distance` from the nearest of the templates of one person: the
 * mean over the sets, each set counting alike. Between the rates measured it is log-linear; beyond the rarest it falls by a decade for
 * each 0.045, about the slope of the sets between 1e-2 and 1e-4. More than three templates count as so many threes (an upper bound);
 * fewer are not believed to be better.
 */
export function shippedFalseMatchRate(
  distance: number,
  templates = shippedTemplates,
  sets: readonly SetStatistics[] = shippedStatistics,
): number {
  const ofThree = meanOver(sets, ({ impostor }) => rateAt(impostor, distance, distancePerDecade));
  return Math.min(1, ofThree * Math.max(1, templates / shippedTemplates));
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
