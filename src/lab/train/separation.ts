import { embedAll, type MetricNet } from "./metric-net.ts";
import { squaredDistances } from "./mining.ts";
import type { Samples } from "./samples.ts";

/** d': how many deviations lie between the distances of one person's and of two people's pictures. */
export function separation(net: MetricNet, samples: Samples): number {
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

function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
