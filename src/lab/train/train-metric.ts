import type { Random, SeededRandom } from "../../core/random.ts";
import type { AdamMemory } from "./adam.ts";
import type { BatchShape } from "./batches.ts";
import type { MetricNet } from "./metric-net.ts";
import { MetricRun } from "./metric-run.ts";
import type { Mining } from "./mining.ts";
import type { Samples } from "./samples.ts";

export interface MetricTraining {
  readonly mining: Mining;
  readonly margin: number;
  readonly batch: BatchShape;
  readonly steps: number;
  /** Of the first step. */
  readonly learningRate: number;
  /** `cosine`: falls to 0 until the last step along half a cosine (Loshchilov and Hutter 2017, arXiv:1608.03983). */
  readonly schedule: "constant" | "cosine";
  readonly random: SeededRandom;
  /** A batch as another moment might have made it; the same number of rows. */
  alter?(rows: Float32Array, random: Random): Float32Array;
  /** Without it, all steps are taken and what the last one left is what was learnt. */
  readonly judging?: Judging;
  onStep?(progress: StepReport): void;
  readonly signal?: AbortSignal | undefined;
  readonly keeper?: StateKeeper | undefined;
}

/** Stops early, and ends with what was best. */
export interface Judging {
  /** Steps from one to the next. */
  readonly every: number;
  /** Judged so often without getting better, it stops. */
  readonly patience: number;
  /** Smaller is better; measured on people that are not trained on. */
  judge(): number;
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
  /** What the net is now. */
  readonly kept: Omit<Kept, "weights">;
  readonly stoppedBy: "steps" | "patience" | "signal";
  /** Spent on it, in all sittings together. */
  readonly seconds: number;
}

/** Where a training stands between two steps: all that the steps to come depend on. */
export interface MetricState {
  readonly history: readonly StepReport[];
  readonly kept: Kept;
  readonly seconds: number;
  /** Place of the source of chance. */
  readonly random: number;
  /** What only further steps need; or why there are none. */
  readonly going: Going | "steps" | "patience";
}

/** What a training would end with: what was judged best so far, or else what the last step left. */
export interface Kept {
  readonly step: number;
  /** Null without judging. */
  readonly judged: number | null;
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
 * Trains with the triplet loss and Adam. What is kept is what the variables hold at the end, also after an abort, which is heard between
 * two steps. Gone on with from where a keeper was told that it stood, it ends with the same weights, bit by bit (the random
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
