import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../../core/random.ts";
import { type BatchShape, drawBatch, placesByLabel } from "./batches.ts";
import { type Mining, mineTriplets, squaredDistances, type Triplet } from "./mining.ts";

/** A network that gives vectors of length one. */
export interface MetricNet {
  readonly variables: readonly tf.Variable[];
  /** Rows in, rows out. */
  embed(inputs: tf.Tensor2D): tf.Tensor2D;
}

/** Samples as rows of one matrix. */
export interface Samples {
  readonly rows: Float32Array;
  readonly dimension: number;
  /** 0, 1, 2 ... for each row: whose it is. */
  readonly labels: readonly number[];
}

export interface MetricTraining {
  readonly mining: Mining;
  readonly margin: number;
  readonly batch: BatchShape;
  readonly steps: number;
  readonly learningRate: number;
  readonly random: Random;
  /** Every so many steps the net is judged. */
  readonly judgeEvery: number;
  /** Judged so often without getting better, it stops. */
  readonly patience: number;
  /** Smaller is better; measured on people that are not trained on. */
  judge(): number;
  onStep?(progress: StepReport): void;
  readonly signal?: AbortSignal;
}

export interface StepReport {
  readonly step: number;
  readonly loss: number;
  /** Part of the mined triplets that still cost something. */
  readonly active: number;
  /** Present when the net was judged after this step. */
  readonly judged?: number;
}

export interface MetricResult {
  readonly history: readonly StepReport[];
  readonly best: { readonly step: number; readonly judged: number };
  readonly stoppedBy: "steps" | "patience" | "signal";
}

/**
 * Trains with the triplet loss and Adam. What was judged best is what the variables hold at the end, also after an abort. Waits one turn
 * of the event loop a step, so that a signal is heard.
 */
export async function trainMetric(net: MetricNet, samples: Samples, options: MetricTraining): Promise<MetricResult> {
  const optimiser = tf.train.adam(options.learningRate);
  const byPerson = placesByLabel(samples.labels);
  const history: StepReport[] = [];
  let best = { step: 0, judged: options.judge(), weights: copyOf(net) };
  let stoppedBy: MetricResult["stoppedBy"] = "steps";
  for (let step = 1; step <= options.steps; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) {
      stoppedBy = "signal";
      break;
    }
    const places = drawBatch(byPerson, options.batch, options.random);
    const done = stepOf(net, optimiser, { samples, places, options });
    const isJudged = step % options.judgeEvery === 0 || step === options.steps;
    const report = { step, ...done, ...(isJudged ? { judged: options.judge() } : {}) };
    history.push(report);
    options.onStep?.(report);
    if (report.judged === undefined) continue;
    if (report.judged < best.judged) best = { step, judged: report.judged, weights: copyOf(net) };
    else if (step - best.step >= options.patience * options.judgeEvery) {
      stoppedBy = "patience";
      break;
    }
  }
  best.weights.forEach((values, i) => {
    const variable = net.variables[i]!;
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
  optimiser.dispose();
  return { history, best: { step: best.step, judged: best.judged }, stoppedBy };
}

/** max(0, |a - p|^2 - |a - n|^2 + margin), the mean over the triplets. */
export function tripletLoss(embedded: tf.Tensor2D, triplets: readonly Triplet[], margin: number): tf.Scalar {
  const pick = (place: (triplet: Triplet) => number): tf.Tensor2D => {
    const rows = new Float32Array(triplets.length * embedded.shape[0]);
    triplets.forEach((triplet, i) => {
      rows[i * embedded.shape[0] + place(triplet)] = 1;
    });
    return tf.matMul(tf.tensor2d(rows, [triplets.length, embedded.shape[0]]), embedded);
  };
  const anchor = pick((triplet) => triplet.anchor);
  const near = tf.sum(
    tf.square(
      tf.sub(
        anchor,
        pick((triplet) => triplet.positive),
      ),
    ),
    1,
  );
  const far = tf.sum(
    tf.square(
      tf.sub(
        anchor,
        pick((triplet) => triplet.negative),
      ),
    ),
    1,
  );
  const cost = tf.relu(tf.add(tf.sub(near, far), margin));
  return tf.div(tf.sum(cost), triplets.length);
}

/** Divides each row by its length. */
export function toUnitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.div(rows, tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-10)));
}

/** The vectors of all samples, without a gradient. */
export function embedAll(net: MetricNet, rows: Float32Array, dimension: number): Float32Array {
  return tf.tidy(() =>
    Float32Array.from(net.embed(tf.tensor2d(rows, [rows.length / dimension, dimension])).dataSync()),
  );
}

// --- internal ---

function stepOf(
  net: MetricNet,
  optimiser: tf.Optimizer,
  { samples, places, options }: { samples: Samples; places: readonly number[]; options: MetricTraining },
): { loss: number; active: number } {
  const { dimension, rows, labels } = samples;
  const batch = new Float32Array(places.length * dimension);
  places.forEach((place, i) => {
    batch.set(rows.subarray(place * dimension, (place + 1) * dimension), i * dimension);
  });
  const embedded = embedAll(net, batch, dimension);
  const squared = squaredDistances(embedded, embedded.length / places.length);
  const own = places.map((place) => labels[place]!);
  const triplets = mineTriplets(squared, own, options);
  if (triplets.length === 0) return { loss: 0, active: 0 };
  const n = places.length;
  const active = triplets.filter(
    ({ anchor, positive, negative }) =>
      squared[anchor * n + positive]! - squared[anchor * n + negative]! + options.margin > 0,
  ).length;
  const loss = tf.tidy(() => {
    const input = tf.tensor2d(batch, [n, dimension]);
    const { value, grads } = tf.variableGrads(
      () => tripletLoss(net.embed(input), triplets, options.margin),
      [...net.variables],
    );
    optimiser.applyGradients(grads);
    return value.dataSync()[0] ?? 0;
  });
  return { loss, active: active / triplets.length };
}

function copyOf(net: MetricNet): Float32Array[] {
  return net.variables.map((variable) => Float32Array.from(variable.dataSync()));
}
