import type { Random } from "../../core/random.ts";
import type { TrainedModel } from "../../pipeline/matching/trained.ts";
import { type AdapterNet, type AdapterShape, adapterNet } from "./adapter.ts";
import { shuffled } from "./batches.ts";
import { type Mining, squaredDistances } from "./mining.ts";
import { embedAll, type MetricResult, type Samples, type StepReport, trainMetric } from "./train-metric.ts";
import { whitening } from "./whitening.ts";

export interface AdapterOptions {
  readonly shape: AdapterShape;
  readonly mining: Mining;
  readonly margin: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly random: Random;
  onStep?(report: StepReport): void;
  readonly signal?: AbortSignal | undefined;
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
  const judged = only(samples, (label) => judging.has(label));
  const trained = only(samples, (label) => !judging.has(label));
  const net = adapterNet(options.shape, whitening(samples));
  const training = await trainMetric(net, trained, {
    mining: options.mining,
    margin: options.margin,
    batch: { people: 16, pictures: 4 },
    steps: options.steps,
    learningRate: options.learningRate,
    random: options.random,
    judgeEvery: 10,
    patience: 10,
    judge: () => -separation(net, judged),
    ...(options.onStep ? { onStep: options.onStep } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const model: TrainedModel = { kind: "adapter", layers: net.layers(), knots: noScale };
  for (const variable of net.variables) variable.dispose();
  return { model, training };
}

/** d': how many deviations lie between the distances of one person's and of two people's pictures. */
export function separation(net: Pick<AdapterNet, "embed" | "variables">, samples: Samples): number {
  const vectors = embedAll(net, samples.rows, samples.dimension);
  const n = samples.labels.length;
  const squared = squaredDistances(vectors, vectors.length / n);
  const genuine: number[] = [];
  const impostor: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      (samples.labels[i] === samples.labels[j] ? genuine : impostor).push(Math.sqrt(squared[i * n + j]!));
    }
  }
  if (genuine.length === 0 || impostor.length === 0) return 0;
  const [g, o] = [momentsOf(genuine), momentsOf(impostor)];
  return (o.mean - g.mean) / Math.sqrt((g.variance + o.variance) / 2);
}

// --- internal ---

function only({ rows, dimension, labels }: Samples, isWanted: (label: number) => boolean): Samples {
  const places = labels.flatMap((label, place) => (isWanted(label) ? [place] : []));
  const kept = new Float32Array(places.length * dimension);
  places.forEach((place, i) => {
    kept.set(rows.subarray(place * dimension, (place + 1) * dimension), i * dimension);
  });
  return { rows: kept, dimension, labels: places.map((place) => labels[place]!) };
}

function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
