import type { SeededRandom } from "../../core/random.ts";
import type { TrainedModel } from "../../pipeline/matching/trained.ts";
import { type AdapterShape, adapterNet } from "./adapter.ts";
import { shuffled } from "./batches.ts";
import type { Mining } from "./mining.ts";
import { type Samples, samplesWhere } from "./samples.ts";
import { separation } from "./separation.ts";
import { type MetricResult, type StateKeeper, type StepReport, trainMetric } from "./train-metric.ts";
import { whitening } from "./whitening.ts";

export interface AdapterOptions {
  readonly shape: AdapterShape;
  readonly mining: Mining;
  readonly margin: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly random: SeededRandom;
  onStep?(report: StepReport): void;
  readonly signal?: AbortSignal | undefined;
  readonly keeper?: StateKeeper | undefined;
}

/** Part of the people by whom early stopping judges. */
const judgingShare = 0.2;
/** A scale that is to be replaced once the model was tried on people it has not seen. */
export const noScale = [
  [0, 0],
  [1, 1],
] as const;

/**
 * Trains a metric adapter with the triplet loss; stopped early by people of the samples whom the loss does not see (the start, which is
 * computed and not searched for, is taken from all).
 */
export async function fitAdapter(
  samples: Samples,
  options: AdapterOptions,
): Promise<{ model: TrainedModel; training: MetricResult }> {
  const people = shuffled([...new Set(samples.labels)], options.random);
  const judging = new Set(people.slice(0, Math.floor(people.length * judgingShare)));
  const judged = samplesWhere(samples, (label) => judging.has(label));
  const trained = samplesWhere(samples, (label) => !judging.has(label));
  const net = adapterNet(options.shape, whitening(samples));
  const training = await trainMetric(net, trained, {
    mining: options.mining,
    margin: options.margin,
    batch: { people: 16, pictures: 4 },
    steps: options.steps,
    learningRate: options.learningRate,
    schedule: "constant",
    random: options.random,
    judging: { every: 10, patience: 10, judge: () => -separation(net, judged) },
    ...(options.onStep ? { onStep: options.onStep } : {}),
    signal: options.signal,
    keeper: options.keeper,
  });
  const model: TrainedModel = { kind: "adapter", layers: net.layers(), knots: noScale };
  for (const variable of net.variables) variable.dispose();
  return { model, training };
}
