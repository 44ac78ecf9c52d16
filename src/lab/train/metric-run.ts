import * as tf from "@tensorflow/tfjs-core";
import { Adam, assignAll, valuesOf } from "./adam.ts";
import { drawBatch, placesByLabel } from "./batches.ts";
import { embedAll, type MetricNet } from "./metric-net.ts";
import { mineTriplets, squaredDistances, type Triplet } from "./mining.ts";
import { rowsAt, type Samples } from "./samples.ts";
import type { Best, MetricResult, MetricState, MetricTraining, StepReport } from "./train-metric.ts";
import { tripletLoss } from "./triplet-loss.ts";

/** A training under way, step by step. */
export class MetricRun {
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

// --- internal ---

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
