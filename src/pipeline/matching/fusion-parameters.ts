import type { Knot } from "./monotone-map.ts";

/**
 * How the second descriptor counts beside the first, and where the numbers come from.
 *
 * Data: `att`, `yale` and `faces94` (73 people, 913 pictures, all acquired), vectors averaged with those of the mirrored chip; 5,926 genuine
 * and 410,402 impostor pairs. bbt and umist served as checks only.
 *
 * `weight`: logistic regression on the two distances gives the second 1.0 times the weight of the first (0.90 to 1.05 with one set left
 * out). Half of that is taken, a judgement: equal weights are known to have been worse above FMR 1e-4 on press photographs, which the first
 * embedder was made for, and the half costs little (FNMR 2.0 against 1.8 % at FMR 1e-3 over the pool). Weights by quality (sharpness,
 * width, brightness, yaw) brought nothing that held on sets they had not seen, so there are none. docs/accuracy.md has all of it.
 *
 * `knots`: weighted sum to distance of the first embedder at the same rank among the impostor pairs, for FMR 1e-5 (4 pairs: the least
 * sure), 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 0.7 and 0.99.
 */
export const fusionParameters: {
  readonly weight: number;
  readonly maxGain: number;
  readonly knots: readonly Knot[];
} = {
  weight: 0.5,
  maxGain: 0.12,
  knots: [
    [0.8073, 0.3859],
    [0.868, 0.4243],
    [0.895, 0.4451],
    [0.9243, 0.4726],
    [0.9596, 0.5028],
    [1.012, 0.5409],
    [1.0761, 0.5842],
    [1.159, 0.6428],
    [1.2592, 0.7153],
    [1.3858, 0.8111],
    [1.57, 0.9659],
  ],
};
