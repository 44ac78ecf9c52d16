import * as tf from "@tensorflow/tfjs-core";
import type { SeededRandom } from "../../core/random.ts";
import { Adam, type AdamMemory, assignAll, valuesOf } from "./adam.ts";
import { type BatchShape, drawBatch, placesByLabel } from "./batches.ts";
import { type Mining, mineTriplets, squaredDistances, type Triplet } from "./mining.ts";
import { rowsAt, type Samples } from "./samples.ts";
import { tripletLoss } from "./triplet-loss.ts";

/** A network that gives vectors of length one. */
export interface MetricNet {
  readonly variables: readonly tf.Variable[];
  /** Rows in, rows out. */
  embed(inputs: tf.Tensor2D): tf.Tensor2D;
}

export interface MetricTraining {
  readonly mining: Mining;
  readonly margin: number;
  readonly batch: BatchShape;
  readonly steps: number;
  readonly learningRate: number;
  readonly random: SeededRandom;
  /** Every so many steps the net is judged. */
  readonly judgeEvery: number;
  /** Judged so often without getting better, it stops. */
  readonly patience: number;
  /** Smaller is better; measured on people that are not trained on. */
  judge(): number;
  onStep?(progress: StepReport): void;
  readonly signal?: AbortSignal | undefined;
  readonly keeper?: StateKeeper | undefined;
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
  /** Spent on it, in all sittings together. */
  readonly seconds: number;
}

/** Where a training stands between two steps: all that the steps to come depend on. */
export interface MetricState {
  readonly history: readonly StepReport[];
  readonly best: Best;
  readonly seconds: number;
  /** Place of the source of chance. */
  readonly random: number;
  /** What only further steps need; or why there are none. */
  readonly going: Going | "steps" | "patience";
}

export interface Best {
  readonly step: number;
  readonly judged: number;
  readonly weights: readonly Float32Array[];
}

export interface Going {
  readonly weights: readonly Float32Array[];
  readonly adam: AdamMemory;
}

/** Remembers how far a training is, so that it can go on from there. */
export interface StateKeeper {
  /** Where an earlier sitting left it. */
  readonly from: MetricState | undefined;
  /** Steps from one `save` to the next; it is also saved when it ends and when it is broken off. */
  readonly every: number;
  save(state: MetricState): Promise<void>;
}

/**
 * Trains with the triplet loss and Adam. What was judged best is what the variables hold at the end, also after an abort, which is heard
 * between two steps. Gone on with from where a keeper was told that it stood, it ends with the same weights, bit by bit (the random
 * source and the samples being those of before).
 */
export async function trainMetric(net: MetricNet, samples: Samples, options: MetricTraining): Promise<MetricResult> {
  const { keeper, signal } = options;
  const run = new MetricRun(net, samples, options);
  let isSaved = keeper?.from !== undefined;
  try {
    while (run.endedBy === null) {
      // A turn of the event loop, so that a signal is heard.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) break;
      run.step();
      isSaved = keeper !== undefined && run.endedBy === null && run.steps % keeper.every === 0;
      if (isSaved) await keeper?.save(run.state());
    }
    if (!isSaved) await keeper?.save(run.state());
    return run.finish();
  } finally {
    run.dispose();
  }
}

/** The vectors of all samples, without a gradient. */
export function embedAll(net: MetricNet, rows: Float32Array, dimension: number): Float32Array {
  return tf.tidy(() =>
    Float32Array.from(net.embed(tf.tensor2d(rows, [rows.length / dimension, dimension])).dataSync()),
  );
}

// --- internal ---

class MetricRun {
  readonly #net: MetricNet;
  readonly #samples: Samples;
  readonly #options: MetricTraining;
  readonly #byPerson: readonly (readonly number[])[];
  readonly #adam: Adam;
  readonly #startedMs = performance.now();
  readonly #earlierSeconds: number;
  readonly #history: StepReport[];
  #best: Best;
  #endedBy: "steps" | "patience" | null;

  constructor(net: MetricNet, samples: Samples, options: MetricTraining) {
    const from = options.keeper?.from;
    this.#net = net;
    this.#samples = samples;
    this.#options = options;
    this.#byPerson = placesByLabel(samples.labels);
    this.#adam = new Adam(net.variables, options.learningRate);
    this.#earlierSeconds = from?.seconds ?? 0;
    this.#history = [...(from?.history ?? [])];
    this.#endedBy = options.steps === 0 ? "steps" : null;
    this.#best = from?.best ?? { step: 0, judged: options.judge(), weights: valuesOf(net.variables) };
    if (from) this.#goOn(from);
  }

  get steps(): number {
    return this.#history.length;
  }

  get endedBy(): "steps" | "patience" | null {
    return this.#endedBy;
  }

  step(): void {
    const { random, batch, judgeEvery, steps, onStep } = this.#options;
    const done = this.#descend(drawBatch(this.#byPerson, batch, random));
    const step = this.steps + 1;
    const isJudged = step % judgeEvery === 0 || step === steps;
    const report = { step, ...done, ...(isJudged ? { judged: this.#options.judge() } : {}) };
    this.#history.push(report);
    if (report.judged !== undefined) this.#compare(step, report.judged);
    if (step === steps) this.#endedBy ??= "steps";
    onStep?.(report);
  }

  state(): MetricState {
    const { variables } = this.#net;
    return {
      history: [...this.#history],
      best: this.#best,
      seconds: this.#seconds(),
      random: this.#options.random.place(),
      going: this.#endedBy ?? { weights: valuesOf(variables), adam: this.#adam.memory() },
    };
  }

  /** What was judged best becomes the net. */
  finish(): MetricResult {
    const { step, judged, weights } = this.#best;
    assignAll(this.#net.variables, weights);
    return {
      history: this.#history,
      best: { step, judged },
      stoppedBy: this.#endedBy ?? "signal",
      seconds: this.#seconds(),
    };
  }

  dispose(): void {
    this.#adam.dispose();
  }

  #goOn({ going, random }: MetricState): void {
    this.#options.random.goTo(random);
    if (typeof going === "string") {
      this.#endedBy = going;
      return;
    }
    assignAll(this.#net.variables, going.weights);
    this.#adam.restore(going.adam, this.steps);
  }

  #compare(step: number, judged: number): void {
    const { patience, judgeEvery } = this.#options;
    if (judged < this.#best.judged) this.#best = { step, judged, weights: valuesOf(this.#net.variables) };
    else if (step - this.#best.step >= patience * judgeEvery) this.#endedBy = "patience";
  }

  #seconds(): number {
    return this.#earlierSeconds + (performance.now() - this.#startedMs) / 1000;
  }

  /** Mines triplets among the samples at these places and goes one step down their loss. */
  #descend(places: readonly number[]): { loss: number; active: number } {
    const { dimension, labels } = this.#samples;
    const { margin } = this.#options;
    const batch = rowsAt(this.#samples, places);
    const vectors = embedAll(this.#net, batch, dimension);
    const squared = squaredDistances(vectors, vectors.length / places.length);
    const own = places.map((place) => labels[place]!);
    const triplets = mineTriplets(squared, own, this.#options);
    if (triplets.length === 0) return { loss: 0, active: 0 };
    const loss = tf.tidy(() => {
      const input = tf.tensor2d(batch, [places.length, dimension]);
      const { value, grads } = tf.variableGrads(
        () => tripletLoss(this.#net.embed(input), triplets, margin),
        [...this.#net.variables],
      );
      this.#adam.apply(grads);
      return value.dataSync()[0] ?? 0;
    });
    return { loss, active: activeShare(triplets, squared, { n: places.length, margin }) };
  }
}

/** Part of the triplets whose negative is not yet a margin farther than their positive. */
function activeShare(
  triplets: readonly Triplet[],
  squared: Float32Array,
  { n, margin }: { n: number; margin: number },
): number {
  const active = triplets.filter(
    ({ anchor, positive, negative }) => squared[anchor * n + positive]! - squared[anchor * n + negative]! + margin > 0,
  );
  return active.length / triplets.length;
}
