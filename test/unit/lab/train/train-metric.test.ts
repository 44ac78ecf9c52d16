import { expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { valuesOf } from "../../../../src/lab/train/adam.ts";
import { decodeTraining, encodeTraining } from "../../../../src/lab/train/checkpoint-file.ts";
import { digestOf } from "../../../../src/lab/train/samples.ts";
import { separation } from "../../../../src/lab/train/separation.ts";
import { siameseNet } from "../../../../src/lab/train/siamese/network.ts";
import { openTensorflow, type TrainingDevice } from "../../../../src/lab/train/tensorflow.ts";
import {
  type MetricState,
  type MetricTraining,
  type StateKeeper,
  trainMetric,
} from "../../../../src/lab/train/train-metric.ts";
import { patterns } from "../../../support/pattern-faces.ts";

const samples = patterns({ people: 5, pictures: 3, side: 8 });
const shape = { side: 8, channels: [3], dimension: 3 };
const steps = 5;

interface Sitting {
  readonly result: Awaited<ReturnType<typeof trainMetric>>;
  readonly weights: readonly Float32Array[];
  /** As they come back from a file. */
  readonly saved: readonly MetricState[];
}

/** One sitting; the source of chance begins elsewhere than before, as that of another process would. */
async function sit(
  {
    from,
    judging,
    ...changes
  }: Partial<Omit<MetricTraining, "judging">> & {
    readonly from?: MetricState | undefined;
    /** Null: without. */
    readonly judging?: MetricTraining["judging"] | null;
  } = {},
  seed = 3,
): Promise<Sitting> {
  const net = siameseNet(shape, seededRandom(2));
  const judge = () => -separation(net, samples);
  const saved: MetricState[] = [];
  const keeper: StateKeeper = { from, every: 1, save: async (state) => void saved.push(throughFile(state)) };
  const result = await trainMetric(net, samples, {
    ...{ mining: "semi-hard", margin: 0.4, batch: { people: 4, pictures: 3 }, steps, learningRate: 5e-3 },
    ...{ random: seededRandom(from ? 999 : seed), schedule: "constant", keeper },
    ...(judging === null ? {} : { judging: judging ?? { every: 2, patience: 100, judge } }),
    ...changes,
  });
  return { result, weights: valuesOf(net.variables), saved };
}

function throughFile(state: MetricState): MetricState {
  const training = decodeTraining(encodeTraining({ settings: {}, data: "", models: [state] }));
  const [model] = training?.models ?? [];
  if (!model) throw new Error("the checkpoint was not understood");
  return model;
}

/** What has to be the same, however often it was broken off. */
function outcome({ result: { seconds: _, ...result }, weights }: Sitting) {
  return { result, weights };
}

test("a training that was broken off ends with the same weights, bit by bit, from whichever step it goes on", async () => {
  await openTensorflow();
  const unbroken = await sit();
  expect(unbroken.saved).toHaveLength(steps);
  for (const from of unbroken.saved) expect(outcome(await sit({ from }))).toEqual(outcome(unbroken));
  // The weights were not simply those of the start.
  expect(unbroken.result.kept.step).toBeGreaterThan(0);
  expect(outcome(await sit({}, 4))).not.toEqual(outcome(unbroken));
});

test("a training that is broken off in every step, and at once after going on, loses and gains nothing", async () => {
  await openTensorflow();
  const unbroken = await sit();
  let from: MetricState | undefined;
  for (let sitting = 0; sitting < steps; sitting++) {
    const controller = new AbortController();
    const broken = await sit({ from, signal: controller.signal, onStep: () => controller.abort() });
    expect(broken.result.stoppedBy).toBe(sitting < steps - 1 ? "signal" : "steps");
    from = broken.saved.at(-1);
    const idle = await sit({ from, signal: AbortSignal.abort() });
    expect([idle.saved, idle.result.history.length]).toEqual([[], sitting + 1]);
  }
  expect(outcome(await sit({ from }))).toEqual(outcome(unbroken));
});

test("early stop remembers across a break when it was best, and that it has ended", async () => {
  await openTensorflow();
  // Judged 5, 1, 2, 3, ...: best after two steps, then three times not better.
  let judged = 0;
  const judge = () => [5, 1, 2, 3, 4, 5][judged++] ?? 9;
  const judging = { every: 2, patience: 3, judge };
  const unbroken = await sit({ steps: 50, judging });
  expect(unbroken.result).toMatchObject({ stoppedBy: "patience", kept: { step: 2, judged: 1 } });
  expect(unbroken.result.history).toHaveLength(8);

  judged = 3;
  const from = unbroken.saved[4];
  expect(outcome(await sit({ from, steps: 50, judging }))).toEqual(outcome(unbroken));
  const ended = await sit({ from: unbroken.saved.at(-1), steps: 50, judging: { ...judging, judge: () => Number.NaN } });
  expect([outcome(ended), ended.saved]).toEqual([outcome(unbroken), []]);
});

test("without judging all steps are taken, and the last one is what it ends with, also from a file", async () => {
  await openTensorflow();
  const changes = { judging: null, schedule: "cosine" } as const;
  const unbroken = await sit(changes);
  expect(unbroken.result).toMatchObject({ stoppedBy: "steps", kept: { step: steps, judged: null } });
  for (const from of unbroken.saved) expect(outcome(await sit({ ...changes, from }))).toEqual(outcome(unbroken));
  const broken = await sit({ ...changes, signal: AbortSignal.abort(), from: unbroken.saved[2] });
  expect([broken.result.kept.step, broken.weights]).toEqual([3, unbroken.saved[2]?.kept.weights]);
});

test("with a cosine the learning rate begins as given, is half of it in the middle and nearly nothing in the end", async () => {
  await openTensorflow();
  const lengths = async (schedule: "constant" | "cosine") => {
    const { saved } = await sit({ judging: null, schedule, mining: "random", steps: 9 });
    const weights = saved.map(({ kept }) => kept.weights.flatMap((values) => [...values]));
    return weights.slice(1).map((now, i) => Math.hypot(...now.map((value, k) => value - (weights[i]?.[k] ?? 0))));
  };
  const [constant, cosine] = [await lengths("constant"), await lengths("cosine")];
  expect((cosine[0] ?? 0) / (constant[0] ?? 0)).toBeCloseTo((1 + Math.cos(Math.PI / 9)) / 2, 1);
  expect((cosine.at(-1) ?? 1) / (constant.at(-1) ?? 1)).toBeLessThan(0.1);
});

test("batches are altered before they are learnt from, by the same source of chance as everything else", async () => {
  await openTensorflow();
  const alter = (rows: Float32Array, random: () => number) => rows.map((value) => value + random());
  const [plain, altered, again] = [await sit(), await sit({ alter }), await sit({ alter })];
  expect(outcome(altered)).toEqual(outcome(again));
  expect(outcome(altered)).not.toEqual(outcome(plain));
  for (const from of altered.saved) expect(outcome(await sit({ alter, from }))).toEqual(outcome(altered));
});

test("it is saved every so many steps, when it ends and when it is broken off, and not twice", async () => {
  await openTensorflow();
  const saves = async (changes: Partial<MetricTraining>) => {
    const at: number[] = [];
    const keeper: StateKeeper = {
      from: undefined,
      every: 4,
      save: async ({ history }) => void at.push(history.length),
    };
    await sit({ ...changes, keeper });
    return at;
  };
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => {
    if (step === 6) controller.abort();
  };
  expect(await saves({})).toEqual([4, 5]);
  expect(await saves({ steps: 4 })).toEqual([4]);
  expect(await saves({ steps: 9, signal: controller.signal, onStep })).toEqual([4, 6]);
});

test("a loss that became no number is kept as one, and what was best before it is not lost", async () => {
  // WebAssembly takes the larger of 0 and what is no number for 0.
  await openTensorflow("cpu");
  const { result, weights, saved } = await sit({ mining: "random", learningRate: Number.NaN });
  expect(result.history.at(-1)?.loss).toBeNaN();
  expect(result.kept.step).toBe(0);
  expect(weights.every((values) => values.every(Number.isFinite))).toBe(true);
  expect(outcome(await sit({ from: saved[3], mining: "random", learningRate: Number.NaN }))).toEqual(
    outcome({ result, weights, saved }),
  );
});

test("wasm and cpu agree to 1e-4 after a few steps", async () => {
  const train = async (device: TrainingDevice) => {
    await openTensorflow(device);
    return sit();
  };
  const [wasm, cpu] = [await train("wasm"), await train("cpu")];
  wasm.result.history.forEach(({ loss }, i) => {
    expect(loss).toBeCloseTo(cpu.result.history[i]?.loss ?? Number.NaN, 4);
  });
  wasm.weights.forEach((values, layer) => {
    for (const [i, value] of values.entries()) {
      expect(Math.abs(value - (cpu.weights[layer]?.[i] ?? Number.NaN))).toBeLessThan(1e-4);
    }
  });
});

test("the digest of samples changes with a number, a label, their order and their shape", () => {
  const { rows, dimension, labels } = samples;
  const others = [
    { rows: rows.map((value, i) => (i === 77 ? value + 1e-6 : value)), dimension, labels },
    { rows, dimension, labels: labels.with(3, 4) },
    { rows: rows.toReversed(), dimension, labels },
    { rows, dimension: dimension / 2, labels },
  ];
  expect(new Set([samples, ...others].map(digestOf)).size).toBe(5);
  expect(digestOf({ rows: rows.slice(), dimension, labels: [...labels] })).toBe(digestOf(samples));
});
