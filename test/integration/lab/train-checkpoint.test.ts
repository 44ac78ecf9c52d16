import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gaussian, type SeededRandom, seededRandom } from "../../../src/core/random.ts";
import { Checkpoint } from "../../../src/lab/train/checkpoint.ts";
import type { Settings } from "../../../src/lab/train/checkpoint-file.ts";
import { type LabelledFace, samplesOf } from "../../../src/lab/train/cross-validate.ts";
import { fitAdapter } from "../../../src/lab/train/fit-adapter.ts";
import { digestOf } from "../../../src/lab/train/samples.ts";
import { demonstrate } from "../../../src/lab/train/siamese/demonstration.ts";
import { openTensorflow } from "../../../src/lab/train/tensorflow.ts";
import type { StateKeeper } from "../../../src/lab/train/train-metric.ts";
import { tryModel } from "../../../src/lab/train/trial.ts";
import { patterns } from "../../support/pattern-faces.ts";

let above: string;
let folder: string;
let file: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), "lintel-checkpoint-"));
  folder = join(above, "out", "checkpoint");
  file = join(folder, "training.checkpoint");
});
afterEach(() => rmSync(above, { recursive: true }));

function open(isResumed: boolean, settings: Settings = { command: "siamese", "--steps": 12 }): Promise<Checkpoint> {
  return Checkpoint.open({ folder, folderOption: "--out", settings, isResumed, every: 3 });
}

/** Breaks off once `steps` steps of all models together were taken in this sitting. */
function breakAfter(steps: number): { signal: AbortSignal; onStep(): void } {
  const controller = new AbortController();
  let taken = 0;
  const onStep = () => {
    taken += 1;
    if (taken === steps) controller.abort();
  };
  return { signal: controller.signal, onStep };
}

describe("the demonstration from scratch", () => {
  const samples = patterns({ people: 8, pictures: 4, side: 16 });
  const how = { shape: { side: 16, channels: [3], dimension: 4 }, steps: 12, margin: 0.4, seed: 1, folds: 2 };

  async function sit(isResumed: boolean, steps = Number.POSITIVE_INFINITY) {
    const checkpoint = await open(isResumed);
    checkpoint.belongTo(digestOf(samples));
    const found = await demonstrate(samples, {
      ...how,
      ...breakAfter(steps),
      nextKeeper: () => checkpoint.nextKeeper(),
    });
    return { checkpoint, runs: found.runs.map(({ seconds: _, ...run }) => run) };
  }

  test("broken off in each network in turn, it ends with the weights, curves and rates of one that was not", async () => {
    await openTensorflow();
    const unbroken = (await demonstrate(samples, how)).runs.map(({ seconds: _, ...run }) => run);
    const first = await sit(false, 5);
    expect(first.checkpoint.reached()).toEqual({ model: 1, step: 5 });
    const second = await sit(true, 11);
    expect(second.checkpoint.reached()).toEqual({ model: 2, step: 4 });
    const third = await sit(true, 17);
    expect(third.checkpoint.reached()).toEqual({ model: 3, step: 9 });
    const last = await sit(true);
    expect(last.runs).toEqual(unbroken);
    // There is nothing left to do, and nothing is done.
    expect((await sit(true, 1)).runs).toEqual(unbroken);
  });
});

test("an adapter broken off in any part of its trial gets the same trial and the same model", async () => {
  await openTensorflow();
  const random = seededRandom(1);
  const faces = Array.from({ length: 16 }, (_, person) => {
    const centre = Float32Array.from({ length: 128 }, () => gaussian(random) * 0.04);
    return Array.from({ length: 4 }, (): LabelledFace => {
      const dlib = centre.map((value) => value + gaussian(random) * 0.03);
      return { person, vectors: { dlib, faceres: null }, variants: [] };
    });
  }).flat();
  const sit = (random: SeededRandom, next: () => StateKeeper | undefined, steps = Number.POSITIVE_INFINITY) => {
    const breaking = breakAfter(steps);
    const how = { shape: "mlp", mining: "semi-hard", margin: 0.4, steps: 5, learningRate: 3e-4, random } as const;
    return tryModel(faces, {
      ...{ k: 2, random },
      train: async (samples) => {
        const { model, training } = await fitAdapter(samples, { ...how, ...breaking, keeper: next() });
        return training.stoppedBy === "signal" ? null : model;
      },
    });
  };
  const unbroken = await sit(seededRandom(5), () => undefined);
  expect(unbroken).not.toBeNull();
  let result = null;
  for (const steps of [3, 6, 4]) {
    const checkpoint = await open(result === null && existsSync(file));
    checkpoint.belongTo(digestOf(samplesOf(faces)));
    result = await sit(seededRandom(5), () => checkpoint.nextKeeper(), steps);
    expect(result).toBeNull();
  }
  const checkpoint = await open(true);
  checkpoint.belongTo(digestOf(samplesOf(faces)));
  expect(await sit(seededRandom(5), () => checkpoint.nextKeeper())).toEqual(unbroken);
});

describe("the folder of a checkpoint", () => {
  const state = {
    ...{ history: [], kept: { step: 0, judged: 1, weights: [Float32Array.of(1)] }, seconds: 0, random: 1 },
    going: "steps",
  } as const;

  async function saved(settings?: Settings): Promise<Checkpoint> {
    const checkpoint = await open(false, settings);
    checkpoint.belongTo("a".repeat(64));
    await checkpoint.nextKeeper().save(state);
    return checkpoint;
  }

  test("holds one file, which nobody else reads", async () => {
    await saved();
    expect(readdirSync(folder)).toEqual(["training.checkpoint"]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test("is gone when the training is done, with those that were made for it", async () => {
    const checkpoint = await saved();
    // Left by a process that was killed while it wrote.
    writeFileSync(`${file}.f6a0.tmp`, "half");
    await checkpoint.remove();
    await checkpoint.close();
    expect(readdirSync(above)).toEqual([]);
  });

  test("stays when it was there before, and with what else is in it", async () => {
    mkdirSync(join(above, "out"));
    writeFileSync(join(above, "out", "page.html"), "");
    const checkpoint = await saved();
    await checkpoint.remove();
    await checkpoint.close();
    expect(readdirSync(join(above, "out"))).toEqual(["page.html"]);
  });

  test("keeps its checkpoint until another training writes its own, which it says beforehand", async () => {
    expect((await saved()).isFound).toBe(false);
    const before = readFileSync(file);
    const other = await open(false, { command: "adapter" });
    expect(other.isFound).toBe(true);
    await other.close();
    expect(readFileSync(file)).toEqual(before);
    expect((await open(true)).isFound).toBe(true);
  });

  test.each<[string, () => Promise<unknown>, RegExp, RegExp]>([
    [
      "nothing to go on from",
      async () => mkdirSync(folder, { recursive: true }),
      /there is no checkpoint in/,
      /without --resume/,
    ],
    ["a folder that is not there", async () => undefined, /there is no checkpoint in/, /without --resume/],
    [
      "a damaged file",
      async () => saved().then(() => writeFileSync(file, readFileSync(file).subarray(9))),
      /is damaged/,
      /Begin again/,
    ],
    ["an empty file", async () => saved().then(() => writeFileSync(file, "")), /is damaged/, /Begin again/],
    [
      "a folder in the place of the file",
      async () => mkdirSync(file, { recursive: true }),
      /no checkpoint can be kept/,
      /--out/,
    ],
    [
      "other settings",
      () => saved({ command: "siamese", "--steps": 9 }),
      /another training: --steps 9 there, 12 here/,
      /options of before/,
    ],
    [
      "another command",
      () => saved({ command: "adapter", "--steps": 12 }),
      /: command adapter there, siamese here/,
      /options of before/,
    ],
    [
      "an option that there was not",
      () => saved({ command: "siamese" }),
      /--steps absent there, 12 here/,
      /options of before/,
    ],
  ])("is refused in one line with %s, and left as it is", async (_, make, says, todo) => {
    await make();
    const before = existsSync(above) && readdirSync(above, { recursive: true });
    await expect(open(true)).rejects.toMatchObject({
      ...{ code: "LINTEL_E_UNREADABLE", exit: 2 },
      message: expect.stringMatching(says),
      hint: expect.stringMatching(todo),
    });
    expect(readdirSync(above, { recursive: true })).toEqual(before);
  });

  test("is refused with other photographs, and left as it is", async () => {
    await saved();
    const before = readFileSync(file);
    const checkpoint = await open(true);
    expect(() => checkpoint.belongTo("b".repeat(64))).toThrow(/was made from other photographs/);
    await checkpoint.close();
    expect(readFileSync(file)).toEqual(before);
  });

  test("is refused at once where none can be made", async () => {
    writeFileSync(join(above, "out"), "a file");
    await expect(open(false)).rejects.toMatchObject({ exit: 2, hint: "Name another folder with --out." });
  });

  test("that has gone says that nothing can be kept any more", async () => {
    const checkpoint = await open(false);
    rmSync(join(above, "out"), { recursive: true });
    writeFileSync(join(above, "out"), "a file");
    await expect(checkpoint.nextKeeper().save(state)).rejects.toMatchObject({
      ...{ code: "LINTEL_E_STORAGE", exit: 69, message: expect.stringMatching(/^the checkpoint cannot be written: /) },
    });
  });
});
