import * as tf from "@tensorflow/tfjs-core";
import { Adam, assignAll, valuesOf } from "./adam.ts";
import { drawBatch, placesByLabel } from "./batches.ts";
import type { MetricNet } from "./metric-net.ts";
import { mineTriplets, squaredDistances, type Triplet } from "./mining.ts";
import { rowsAt, type Samples } from "./samples.ts";
import type { Judging, Kept, MetricResult, MetricState, MetricTraining, StepReport } from "./train-metric.ts";
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
  /** Null without judging. */
  #best: Best | null;
  #endedBy: "steps" | "patience" | null;

  constructor(net: MetricNet, samples: Samples, options: MetricTraining) {
    const from = options.keeper?.from;
    this.#net = net;
    this.#samples = samples;
    this.#options = options;
    this.#byPerson = placesByLabel(samples.labels);
    this.#adam = new Adam(net.variables);
    this.#earlierSeconds = from?.seconds ?? 0;
    this.#history = [...(from?.history ?? [])];
    this.#endedBy = options.steps === 0 ? "steps" : null;
    this.#best = options.judging ? bestOf(from?.kept ?? this.#now(options.judging.judge())) : null;
    if (from) this.#goOn(from);
  }

  get steps(): number {
    return this.#history.length;
  }

  get endedBy(): "steps" | "patience" | null {
    return this.#endedBy;
  }

  step(): void {
    const { random, batch, judging, steps, onStep } = this.#options;
    const done = this.#descend(drawBatch(this.#byPerson, batch, random));
    const step = this.steps + 1;
    const isJudged = judging && (step % judging.every === 0 || step === steps);
    const report = { step, ...done, ...(isJudged ? { judged: judging.judge() } : {}) };
    this.#history.push(report);
    if (judging && report.judged !== undefined) this.#compare(report.judged, judging);
    if (step === steps) this.#endedBy ??= "steps";
    onStep?.(report);
  }

  state(): MetricState {
    const { variables } = this.#net;
    return {
      history: [...this.#history],
      kept: this.#kept(),
      seconds: this.#seconds(),
      random: this.#options.random.place(),
      going: this.#endedBy ?? { weights: valuesOf(variables), adam: this.#adam.memory() },
    };
  }

  /** What is kept becomes the net. */
  finish(): MetricResult {
    const { step, judged, weights } = this.#kept();
    assignAll(this.#net.variables, weights);
    return {
      history: this.#history,
      kept: { step, judged },
      stoppedBy: this.#endedBy ?? "signal",
      seconds: this.#seconds(),
    };
  }

  dispose(): void {
    this.#adam.dispose();
  }

  #goOn({ kept, going, random }: MetricState): void {
    this.#options.random.goTo(random);
    if (typeof going === "string") {
      this.#endedBy = going;
      assignAll(this.#net.variables, kept.weights);
      return;
    }
    assignAll(this.#net.variables, going.weights);
    this.#adam.restore(going.adam, this.steps);
  }

  #kept(): Kept {
    return this.#best ?? this.#now(null);
  }

  #now(judged: number | null): Kept {
    return { step: this.steps, judged, weights: valuesOf(this.#net.variables) };
  }

  #compare(judged: number, { every, patience }: Judging): void {
    if (this.#best === null) return;
    if (judged < this.#best.judged) this.#best = { ...this.#now(judged), judged };
    else if (this.steps - this.#best.step >= patience * every) this.#endedBy = "patience";
  }

  #learningRate(): number {
    const { learningRate, schedule, steps } = this.#options;
    return schedule === "constant" ? learningRate : (learningRate * (1 + Math.cos((Math.PI * this.steps) / steps))) / 2;
  }

  #seconds(): number {
    return this.#earlierSeconds + (performance.now() - this.#startedMs) / 1000;
  }

  /** Mines triplets among the samples at these places and goes one step down their loss. */
  #descend(places: readonly number[]): { loss: number; active: number } {
    const { dimension, labels } = this.#samples;
    const { margin, random, alter } = this.#options;
    const own = places.map((place) => labels[place]!);
    const rows = rowsAt(this.#samples, places);
    const batch = alter ? alter(rows, random) : rows;
    return tf.tidy(() => {
      const input = tf.tensor2d(batch, [places.length, dimension]);
      let [mined, active] = [0, 0];
      const lossOf = (): tf.Scalar => {
        const embedded = this.#net.embed(input);
        const squared = squaredDistances(Float32Array.from(embedded.dataSync()), embedded.shape[1]);
        const triplets = mineTriplets(squared, own, this.#options);
        mined = triplets.length;
        active = activeShare(triplets, squared, { n: places.length, margin });
        return tripletLoss(embedded, triplets, margin);
      };
      const { value, grads } = tf.variableGrads(lossOf, [...this.#net.variables]);
      if (mined > 0) this.#adam.apply(grads, this.#learningRate());
      return { loss: value.dataSync()[0] ?? 0, active };
    });
  }
}

// --- internal ---

interface Best extends Kept {
  readonly judged: number;
}

function bestOf(kept: Kept): Best {
  return { ...kept, judged: kept.judged ?? Number.POSITIVE_INFINITY };
}

/** Part of the triplets whose negative is not yet a margin farther than their positive; 0 without any. */
function activeShare(
  triplets: readonly Triplet[],
  squared: Float32Array,
  { n, margin }: { n: number; margin: number },
): number {
  const active = triplets.filter(
    ({ anchor, positive, negative }) => squared[anchor * n + positive]! - squared[anchor * n + negative]! + margin > 0,
  );
  return active.length / Math.max(1, triplets.length);
}
