import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gaussian, type Random, seededRandom } from "../../../src/core/random.ts";
import { TrainedStore } from "../../../src/daemon/people/trained-store.ts";
import { adapterNet } from "../../../src/lab/train/adapter.ts";
import { type LabelledFace, samplesOf, tryOn } from "../../../src/lab/train/cross-validate.ts";
import { fitAdapter, noScale } from "../../../src/lab/train/fit-adapter.ts";
import { trainHead } from "../../../src/lab/train/head.ts";
import { embedAll } from "../../../src/lab/train/metric-net.ts";
import { type ComparedPair, changeAt } from "../../../src/lab/train/pair-rates.ts";
import { putInForce } from "../../../src/lab/train/put-in-force.ts";
import { scaleKnots } from "../../../src/lab/train/scale.ts";
import { openTensorflow } from "../../../src/lab/train/tensorflow.ts";
import { isImprovement, type TrialResult, tryModel } from "../../../src/lab/train/trial.ts";
import { cholesky, inverseOfLower, whitening } from "../../../src/lab/train/whitening.ts";
import { learnedDistance, trainedComparer } from "../../../src/pipeline/matching/trained.ts";

/**
 * People whose pictures differ mostly in one half of the numbers, while who they are shows mostly in the other: what a metric can learn.
 */
function crowd(people: number, pictures: number, random: Random): LabelledFace[] {
  return Array.from({ length: people }, (_, person) => {
    const centre = Float32Array.from({ length: 128 }, (_, i) => gaussian(random) * (i < 64 ? 0.04 : 0.01));
    return Array.from({ length: pictures }, (): LabelledFace => {
      const dlib = centre.map((value, i) => value + gaussian(random) * (i < 64 ? 0.012 : 0.05));
      return { person, vectors: { dlib, faceres: null }, variants: [] };
    });
  }).flat();
}

/** To the end: nobody breaks it off. */
async function tried(...args: Parameters<typeof tryModel>): Promise<TrialResult> {
  const result = await tryModel(...args);
  if (result === null) throw new Error("it was broken off");
  return result;
}

const seen = crowd(24, 6, seededRandom(1));
const unseen = crowd(24, 6, seededRandom(2));
const quick = { shape: "linear", mining: "hard", margin: 0.4, steps: 20, learningRate: 3e-4 } as const;

describe("an adapter", () => {
  test("lowers the errors on people it has not seen, where there is something to learn", async () => {
    await openTensorflow();
    for (const shape of ["linear", "mlp"] as const) {
      const { model } = await fitAdapter(samplesOf(seen), { ...quick, shape, random: seededRandom(3) });
      const change = changeAt(1e-2, tryOn(model, unseen).alone, seededRandom(4));
      expect(change?.before).toBeGreaterThan(0.1);
      expect(change?.after).toBeLessThan((change?.before ?? 0) / 2);
      expect(change?.interval[1]).toBeLessThan(0);
    }
  });

  test("gives at the door the numbers that it gave in training", async () => {
    await openTensorflow();
    for (const shape of ["linear", "mlp"] as const) {
      const samples = samplesOf(seen);
      const net = adapterNet(shape, whitening(samples));
      const inTraining = embedAll(net, samples.rows.subarray(0, 128), 128);
      const { prepare } = learnedDistance({ kind: "adapter", layers: net.layers(), knots: noScale });
      const atDoor = prepare(samples.rows.subarray(0, 128));
      expect(Math.hypot(...atDoor)).toBeCloseTo(1, 5);
      for (const [i, value] of atDoor.entries()) expect(value).toBeCloseTo(inTraining[i] ?? Number.NaN, 4);
    }
  });

  test("is the same for the same seed, and stops when it is told to with what was best so far", async () => {
    await openTensorflow();
    const train = (signal?: AbortSignal) =>
      fitAdapter(samplesOf(seen), { ...quick, random: seededRandom(7), ...(signal ? { signal } : {}) });
    const [first, second] = [await train(), await train()];
    expect(first.model).toEqual(second.model);
    const stopped = await train(AbortSignal.abort());
    expect(stopped.training.stoppedBy).toBe("signal");
    expect(stopped.training.history).toEqual([]);
    expect(stopped.model.kind).toBe("adapter");
  });
});

describe.each(["absolute", "chi-square"] as const)("a verification head (%s)", async (form) => {
  const head = await trainHead(samplesOf(seen), { form, ridge: 0.01, random: seededRandom(5) });

  test("finds the numbers that tell people apart, and lowers the errors on people it has not seen", () => {
    const part = (from: number) => head.weights.slice(from, from + 64).reduce((sum, value) => sum + value, 0);
    expect(part(0)).toBeGreaterThan(3 * Math.abs(part(64)));
    const change = changeAt(1e-2, tryOn({ kind: "head", ...head, knots: noScale }, unseen).alone, seededRandom(6));
    expect(change?.after).toBeLessThan((change?.before ?? 0) / 2);
  });

  test("has odds above one for most pairs of two people and below for most of one", () => {
    const { distance } = learnedDistance({ kind: "head", ...head, knots: noScale });
    const right = unseen.flatMap((a, i) =>
      unseen.slice(0, i).map((b) => distance(a.vectors.dlib, b.vectors.dlib) > 0 === (a.person !== b.person)),
    );
    expect(right.filter(Boolean).length / right.length).toBeGreaterThan(0.9);
  });
});

describe("whether a model is better", () => {
  const random = seededRandom(8);
  const pairs = (gain: number): ComparedPair[] =>
    Array.from({ length: 30 }, (_, person) => [
      ...Array.from({ length: 20 }, (): ComparedPair => {
        const before = 0.4 + gaussian(random) * 0.1;
        return { people: [person, person], before, after: before - gain };
      }),
      ...Array.from({ length: 40 }, (): ComparedPair => {
        const before = 0.75 + gaussian(random) * 0.1;
        return { people: [person, (person + 1 + Math.floor(random() * 29)) % 30], before, after: before };
      }),
    ]).flat();

  test("a model that changes nothing is no improvement", () => {
    const change = changeAt(1e-2, pairs(0), seededRandom(1));
    expect(change?.interval).toEqual([0, 0]);
    expect(change && isImprovement([change])).toBe(false);
  });

  test("a model that brings one person's pictures nearer is one, and one that drives them apart is worse", () => {
    const better = changeAt(1e-2, pairs(0.1), seededRandom(1));
    const worse = changeAt(1e-2, pairs(-0.1), seededRandom(1));
    expect(better && isImprovement([better])).toBe(true);
    expect(worse && isImprovement([worse])).toBe(false);
    expect(better && worse && isImprovement([better, worse])).toBe(false);
  });

  test("too few pairs say nothing", () => {
    expect(changeAt(1e-4, pairs(0.1), seededRandom(1))).toBeNull();
    expect(changeAt(1e-2, pairs(0.1).slice(0, 20), seededRandom(1))).toBeNull();
    expect(isImprovement([])).toBe(false);
  });

  test("a model that is better on people it has not seen is put in force, and can be taken back", async () => {
    await openTensorflow();
    const folder = mkdtempSync(join(tmpdir(), "lintel-trained-"));
    const store = new TrainedStore(folder);
    const found = await tried(seen, {
      ...{ k: 3, random: seededRandom(11) },
      train: async (samples) => (await fitAdapter(samples, { ...quick, random: seededRandom(11) })).model,
    });
    expect(found.trial.isBetter).toBe(true);
    const sha256 = await putInForce(store, found, { people: 24, pictures: seen.length });
    expect(store.active()).toMatchObject({ sha256, about: { people: 24, trial: found.trial.says } });
    const comparer = trainedComparer(store.active()?.model ?? found.model);
    const [a, b] = [seen[0], seen[1]].map((face) =>
      comparer.vectorsOf([{ embedder: "dlib", vector: face!.vectors.dlib }]),
    );
    expect(a && b && comparer.distance(a, b)).toBeGreaterThan(0);
    expect(await store.rollBack()).toEqual({ from: sha256, to: null });
    rmSync(folder, { recursive: true });
  });

  test("a model that learnt who is who by heart stays out", async () => {
    // Nothing in these vectors says who somebody is: whatever is learnt from them holds for nobody else.
    const faces = seen.map((face): LabelledFace => {
      const dlib = Float32Array.from({ length: 128 }, () => gaussian(random) * 0.05);
      return { ...face, vectors: { dlib, faceres: null } };
    });
    const found = await tried(faces, {
      k: 3,
      random: seededRandom(9),
      train: async (samples) => ({
        kind: "head",
        ...(await trainHead(samples, { form: "absolute", ridge: 0.001, random: seededRandom(9) })),
        knots: noScale,
      }),
    });
    expect(found.trial.isBetter).toBe(false);
    expect(found.trial.says).toMatch(/stays out/);
    const activate = () => Promise.reject(new Error("put in force"));
    expect(await putInForce({ activate }, found, { people: 24, pictures: faces.length })).toBeNull();
  });
});

describe("the scale of a trained model", () => {
  test("brings equal ranks among impostor pairs to equal values", () => {
    const random = seededRandom(10);
    const impostors = Array.from({ length: 20_000 }, () => {
      const value = random();
      return { learned: value * 10 - 3, first: value };
    });
    const knots = scaleKnots(impostors);
    expect(knots.length).toBeGreaterThan(5);
    for (const [learned, first] of knots) expect(first).toBeCloseTo((learned + 3) / 10, 6);
  });

  test("is refused with too few pairs", () => {
    expect(() => scaleKnots([{ learned: 1, first: 1 }])).toThrow(/too few/);
  });
});

test("Cholesky's triangle times its transpose is the matrix, times its inverse one", () => {
  const matrix = Float64Array.of(4, 2, 0.6, 2, 5, 1, 0.6, 1, 3);
  const lower = cholesky(matrix, 3);
  const inverse = inverseOfLower(lower, 3);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const sum = (f: (k: number) => number) => [0, 1, 2].reduce((total, k) => total + f(k), 0);
      expect(sum((k) => (lower[i * 3 + k] ?? 0) * (lower[j * 3 + k] ?? 0))).toBeCloseTo(matrix[i * 3 + j] ?? 0, 10);
      expect(sum((k) => (lower[i * 3 + k] ?? 0) * (inverse[k * 3 + j] ?? 0))).toBeCloseTo(i === j ? 1 : 0, 10);
    }
  }
  expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
});
