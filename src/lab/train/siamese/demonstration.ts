import { seededRandom } from "../../../core/random.ts";
import { valuesOf } from "../adam.ts";
import { shuffled } from "../batches.ts";
import { embedAll } from "../metric-net.ts";
import { type Mining, minings } from "../mining.ts";
import { type Samples, samplesWhere } from "../samples.ts";
import { separation } from "../separation.ts";
import { type StateKeeper, type StepReport, trainMetric } from "../train-metric.ts";
import { type SiameseShape, siameseNet } from "./network.ts";
import { errorRates } from "./rates.ts";

export interface DemonstrationOptions {
  readonly shape: SiameseShape;
  readonly steps: number;
  readonly margin: number;
  readonly seed: number;
  /** Part of the people whom the networks do not see. */
  readonly heldShare: number;
  onStep?(mining: Mining, report: StepReport): void;
  /** Called when one is trained, with its weights. */
  onTrained?(run: TrainedRun): void;
  readonly signal?: AbortSignal | undefined;
  /** Asked once for each network, in order. */
  nextKeeper?(): StateKeeper;
}

/** One network, trained with one way of mining. */
export interface TrainedRun {
  readonly mining: Mining;
  readonly history: readonly StepReport[];
  /** On people it has not seen, before and after training. */
  readonly before: HeldRates;
  readonly after: HeldRates;
  readonly seconds: number;
  readonly weights: readonly Float32Array[];
}

export interface HeldRates {
  readonly eer: number;
  readonly fnmrAtFmr1e2: number;
}

export interface Demonstration {
  readonly people: { readonly trained: number; readonly held: number };
  readonly pictures: { readonly trained: number; readonly held: number };
  readonly runs: readonly TrainedRun[];
}

/** Trains the same network from the same start three times, each time with another way of mining. */
export async function demonstrate(samples: Samples, options: DemonstrationOptions): Promise<Demonstration> {
  const people = shuffled([...new Set(samples.labels)], seededRandom(options.seed));
  const held = new Set(people.slice(0, Math.max(2, Math.round(people.length * options.heldShare))));
  const seen = samplesWhere(samples, (label) => !held.has(label));
  const unseen = samplesWhere(samples, (label) => held.has(label));
  const runs: TrainedRun[] = [];
  for (const mining of minings) {
    if (options.signal?.aborted) break;
    const run = await runOf(mining, { seen, unseen }, options);
    options.onTrained?.(run);
    runs.push(run);
  }
  return {
    people: { trained: people.length - held.size, held: held.size },
    pictures: { trained: seen.labels.length, held: unseen.labels.length },
    runs,
  };
}

// --- internal ---

async function runOf(
  mining: Mining,
  { seen, unseen }: { seen: Samples; unseen: Samples },
  { shape, steps, margin, seed, onStep, signal, nextKeeper }: DemonstrationOptions,
): Promise<TrainedRun> {
  const net = siameseNet(shape, seededRandom(seed + 1));
  const ratesOf = (): HeldRates => errorRates(embedAll(net, unseen.rows, unseen.dimension), unseen.labels);
  const before = ratesOf();
  const judged = sample(seen);
  const { history, seconds } = await trainMetric(net, seen, {
    ...{ mining, margin, steps, random: seededRandom(seed + 2) },
    batch: { people: 8, pictures: 4 },
    learningRate: 2e-3,
    judgeEvery: Math.max(10, Math.floor(steps / 10)),
    patience: 4,
    judge: () => -separation(net, judged),
    ...(onStep ? { onStep: (report: StepReport) => onStep(mining, report) } : {}),
    signal,
    keeper: nextKeeper?.(),
  });
  const weights = valuesOf(net.variables);
  const after = ratesOf();
  for (const variable of net.variables) variable.dispose();
  return { mining, history, before, after, seconds, weights };
}

/** Enough of the training pictures to see whether it still learns. */
function sample(samples: Samples): Samples {
  const every = Math.max(1, Math.floor(samples.labels.length / 80));
  return samplesWhere(samples, (_, place) => place % every === 0);
}
