import type { Random } from "../../core/random.ts";
import { difference, type HeadForm } from "../../pipeline/matching/trained.ts";
import { shuffled } from "./batches.ts";
import type { Samples } from "./samples.ts";

export const headForms: readonly HeadForm[] = ["absolute", "chi-square"];

export interface Head {
  readonly form: HeadForm;
  readonly weights: Float32Array;
  /** Its odds are those of two different people, were both kinds of pairs equally many. */
  readonly bias: number;
}

export interface HeadOptions {
  readonly form: HeadForm;
  readonly ridge: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** Impostor pairs for each genuine one: more say little that is new. */
const impostorsEach = 4;
const maxPairs = 40_000;
const steps = 400;

/**
 * Verification as logistic regression on what differs between two vectors, by gradient descent with momentum (Nesterov 1983) on
 * standardised features; `ridge` holds the weights small. A signal ends the descent early, with what was found so far.
 */
export async function trainHead(samples: Samples, options: HeadOptions): Promise<Head> {
  const { form, random } = options;
  const pairs = drawPairs(samples.labels, random);
  const d = samples.dimension;
  const features = new Float32Array(pairs.length * d);
  pairs.forEach(({ a, b }, row) => {
    for (let i = 0; i < d; i++) {
      features[row * d + i] = difference(form, samples.rows[a * d + i]!, samples.rows[b * d + i]!);
    }
  });
  const scale = standardise(features, d);
  const genuine = pairs.filter(({ isGenuine }) => isGenuine).length;
  const targets = Float32Array.from(pairs, ({ isGenuine }) => (isGenuine ? 0 : 1));
  const shares = Float32Array.from(pairs, ({ isGenuine }) => 0.5 / (isGenuine ? genuine : pairs.length - genuine));
  const found = await descend({ features, targets, shares }, options);
  const weights = found.weights.map((weight, i) => weight / scale.deviation[i]!);
  return { form, weights, bias: found.bias - weights.reduce((sum, weight, i) => sum + weight * scale.mean[i]!, 0) };
}

// --- internal ---

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly isGenuine: boolean;
}

function drawPairs(labels: readonly number[], random: Random): Pair[] {
  const genuine: Pair[] = [];
  for (let a = 0; a < labels.length; a++) {
    for (let b = 0; b < a; b++) if (labels[a] === labels[b]) genuine.push({ a, b, isGenuine: true });
  }
  const kept = shuffled(genuine, random).slice(0, maxPairs / (impostorsEach + 1));
  const impostors: Pair[] = [];
  while (impostors.length < kept.length * impostorsEach) {
    const a = Math.floor(random() * labels.length);
    const b = Math.floor(random() * labels.length);
    if (labels[a] !== labels[b]) impostors.push({ a, b, isGenuine: false });
  }
  return [...kept, ...impostors];
}

function standardise(features: Float32Array, d: number): { mean: Float32Array; deviation: Float32Array } {
  const n = features.length / d;
  const mean = new Float32Array(d);
  const deviation = new Float32Array(d);
  for (let i = 0; i < d; i++) {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < n; row++) {
      const value = features[row * d + i]!;
      sum += value;
      squares += value * value;
    }
    mean[i] = sum / n;
    deviation[i] = Math.sqrt(Math.max(squares / n - (sum / n) ** 2, 1e-12));
    for (let row = 0; row < n; row++) features[row * d + i] = (features[row * d + i]! - mean[i]!) / deviation[i]!;
  }
  return { mean, deviation };
}

interface Problem {
  readonly features: Float32Array;
  readonly targets: Float32Array;
  /** What each pair counts; together 1. */
  readonly shares: Float32Array;
}

/** Waits one turn of the event loop a step, so that a signal is heard. */
async function descend(
  problem: Problem,
  { ridge, signal }: Pick<HeadOptions, "ridge" | "signal">,
): Promise<{ weights: Float32Array; bias: number }> {
  const d = problem.features.length / problem.targets.length;
  // A step no longer than the inverse of the steepest curvature: a quarter of the mean squared length of a feature row.
  const rate = 4 / (d + 1);
  let weights = new Float32Array(d + 1);
  let ahead = weights;
  for (let step = 1; step <= steps; step++) {
    const slope = gradient(problem, ahead, ridge);
    const next = ahead.map((value, i) => value - rate * slope[i]!);
    const momentum = (step - 1) / (step + 2);
    ahead = next.map((value, i) => value + momentum * (value - weights[i]!));
    weights = next;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) break;
  }
  return { weights: weights.slice(0, d), bias: weights[d]! };
}

/** Of the mean logistic loss and the ridge; the last place is the bias, which the ridge leaves alone. */
function gradient({ features, targets, shares }: Problem, weights: Float32Array, ridge: number): Float32Array {
  const d = weights.length - 1;
  const slope = weights.map((weight, i) => (i < d ? ridge * weight : 0));
  for (let row = 0; row < targets.length; row++) {
    let logit = weights[d]!;
    for (let i = 0; i < d; i++) logit += weights[i]! * features[row * d + i]!;
    const error = (1 / (1 + Math.exp(-logit)) - targets[row]!) * shares[row]!;
    for (let i = 0; i < d; i++) slope[i] = slope[i]! + error * features[row * d + i]!;
    slope[d] = slope[d]! + error;
  }
  return slope;
}
