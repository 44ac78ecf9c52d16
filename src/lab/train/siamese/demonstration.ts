import { seededRandom } from "../../../core/random.ts";
import { valuesOf } from "../adam.ts";
import { folds } from "../batches.ts";
import { embedAll } from "../metric-net.ts";
import { type Mining, minings } from "../mining.ts";
import { type Samples, samplesWhere } from "../samples.ts";
import { type StateKeeper, type StepReport, trainMetric } from "../train-metric.ts";
import { alteredChips } from "./alter-chips.ts";
import { type SiameseShape, siameseNet } from "./network.ts";
import { type Difference, differenceOf, type HeldVectors, type Measured, measure } from "./rates.ts";

export interface DemonstrationOptions {
  readonly shape: SiameseShape;
  readonly steps: number;
  readonly margin: number;
  readonly seed: number;
  /** Parts of the people; each is once the one that its networks do not see. */
  readonly folds: number;
  onStep?(mining: Mining, report: StepReport): void;
  /** Called when one is trained. */
  onTrained?(run: TrainedRun): void;
  readonly signal?: AbortSignal | undefined;
  /** Asked once for each network, in order. */
  nextKeeper?(): StateKeeper;
}

/** One network, trained with one way of mining on all parts of the people but one. */
export interface TrainedRun {
  readonly fold: number;
  readonly mining: Mining;
  readonly history: readonly StepReport[];
  readonly seconds: number;
  readonly weights: readonly Float32Array[];
  /** Of the people it has not seen, before and after training. */
  readonly before: HeldVectors;
  readonly after: HeldVectors;
}

/** What came of one way of mining, on people that its networks had not seen. */
export interface Outcome {
  readonly mining: Mining;
  readonly networks: number;
  readonly seconds: number;
  readonly before: Measured;
  readonly after: Measured;
  /** Less random mining on the same people; null for itself, and where networks are missing. */
  readonly lessRandom: Difference | null;
}

export interface Demonstration {
  readonly people: number;
  readonly pictures: number;
  readonly folds: number;
  readonly runs: readonly TrainedRun[];
  readonly outcomes: readonly Outcome[];
}

/** For each part of the people, trains the same network on the others from the same start with each way of mining. */
export async function demonstrate(samples: Samples, options: DemonstrationOptions): Promise<Demonstration> {
  const people = [...new Set(samples.labels)];
  const runs: TrainedRun[] = [];
  for (const [fold, part] of folds(people.length, options.folds, seededRandom(options.seed)).entries()) {
    const held = new Set(part.map((i) => people[i]));
    const seen = samplesWhere(samples, (label) => !held.has(label));
    const unseen = firstOf(samplesWhere(samples, (label) => held.has(label)));
    for (const mining of minings) {
      if (options.signal?.aborted) break;
      const run = await runOf({ fold, mining, seen, unseen }, options);
      options.onTrained?.(run);
      runs.push(run);
    }
  }
  const outcomes = minings.flatMap((mining) => outcomeOf(mining, runs, options.seed) ?? []);
  return { people: people.length, pictures: samples.labels.length, folds: options.folds, runs, outcomes };
}

// --- internal ---

/** Pictures of a part that are measured on at most: their pairs grow with the square. */
const mostMeasured = 500;

function firstOf(samples: Samples): Samples {
  return samplesWhere(samples, (_, place) => place < mostMeasured);
}

async function runOf(
  { fold, mining, seen, unseen }: { fold: number; mining: Mining; seen: Samples; unseen: Samples },
  { shape, steps, margin, seed, onStep, signal, nextKeeper }: DemonstrationOptions,
): Promise<TrainedRun> {
  // The same for each way of mining, others for each part and each seed.
  const own = (seed * 100 + fold) * 2;
  const net = siameseNet(shape, seededRandom(own));
  const held = (): HeldVectors => {
    return { rows: embedAll(net, unseen.rows, unseen.dimension), labels: unseen.labels };
  };
  const before = held();
  const { history, seconds } = await trainMetric(net, seen, {
    ...{ mining, margin, steps, random: seededRandom(own + 1) },
    batch: { people: 16, pictures: 4 },
    learningRate: 4e-3,
    schedule: "cosine",
    alter: (rows, random) => alteredChips(rows, shape.side, random),
    ...(onStep ? { onStep: (report: StepReport) => onStep(mining, report) } : {}),
    signal,
    keeper: nextKeeper?.(),
  });
  const weights = valuesOf(net.variables);
  const after = held();
  for (const variable of net.variables) variable.dispose();
  return { fold, mining, history, seconds, weights, before, after };
}

/** Null where no network was trained that way. */
function outcomeOf(mining: Mining, runs: readonly TrainedRun[], seed: number): Outcome | null {
  const own = runs.filter((run) => run.mining === mining);
  const random = runs.filter((run) => run.mining === "random");
  if (own.length === 0) return null;
  const after = own.map((run) => run.after);
  const isComparable = mining !== "random" && own.length === random.length;
  return {
    mining,
    networks: own.length,
    seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    before: measure(
      own.map((run) => run.before),
      seed,
    ),
    after: measure(after, seed),
    lessRandom: isComparable ? differenceOf({ one: after, other: random.map((run) => run.after) }, seed) : null,
  };
}
