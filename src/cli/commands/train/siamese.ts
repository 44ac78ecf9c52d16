import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { errorText, exitCode, LintelError } from "../../../core/errors.ts";
import type { Interval } from "../../../lab/evaluate/intervals.ts";
import type { Checkpoint } from "../../../lab/train/checkpoint.ts";
import { minings } from "../../../lab/train/mining.ts";
import { requireEnough } from "../../../lab/train/photographs.ts";
import { digestOf } from "../../../lab/train/samples.ts";
import { type Chips, readChips } from "../../../lab/train/siamese/chips.ts";
import {
  type Demonstration,
  demonstrate,
  type Outcome,
  type TrainedRun,
} from "../../../lab/train/siamese/demonstration.ts";
import { smallSiamese } from "../../../lab/train/siamese/network.ts";
import { demonstrationPage } from "../../../lab/train/siamese/page.ts";
import { ratesOf } from "../../../lab/train/siamese/rates.ts";
import { openTensorflow } from "../../../lab/train/tensorflow.ts";
import { FaceDetector } from "../../../pipeline/detect.ts";
import { LandmarkFinder } from "../../../pipeline/landmarks.ts";
import { openDeskEngine } from "../../desk-engine.ts";
import { interruptible } from "../../interruptible.ts";
import { positiveNumber, wholeNumber } from "../../number-options.ts";
import { print, table } from "../../output.ts";
import { brokenOffText, type CheckpointOptions, checkpointHelp, openCheckpoint, withCheckpoint } from "./checkpoint.ts";
import { type DeviceOption, note, openDevice, pictureBar, sayNothingLearnt, stepBar, withDevice } from "./common.ts";

interface Options extends CheckpointOptions, DeviceOption {
  readonly out: string;
  readonly steps: number;
  readonly folds: number;
  readonly margin: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function siameseCommand(): Command {
  const command = new Command("siamese")
    .description(
      "Train small networks from scratch with random, semi-hard and hard mining and compare them. For teaching; opens no door.",
    )
    .argument("<dir>", "one folder of photographs for each person")
    .option("--out <dir>", "where the page and the weights go", "siamese")
    .option("--steps <n>", "batches that each network learns from", wholeNumber({ from: 1 }), 240)
    .option("--folds <k>", "parts of the people, each once kept aside to measure on", wholeNumber({ from: 2 }), 3)
    .option("--margin <alpha>", "of the triplet loss", positiveNumber(), 0.4)
    .option("--seed <n>", "the same seed gives the same networks", wholeNumber(), 1)
    .option(
      "--json",
      "print {people, pictures, folds, failed, runs, outcomes:[{mining, before, after, lessRandom}], page, interrupted, checkpoint}",
    );
  return withCheckpoint(withDevice(command), "checkpoint in --out")
    .addHelpText(
      "after",
      [
        "",
        "Each way of mining trains one network for each part of the people, on the others. What was learnt until Ctrl-C is measured",
        "and shown too.",
        "",
        ...checkpointHelp,
        "",
        "Examples:",
        "  lintel train siamese ./faces --out ./siamese --folds 5",
        "  lintel train siamese ./faces --out ./siamese --folds 5 --resume",
      ].join("\n"),
    )
    .action(train);
}

// --- internal ---

const leastPeople = 8;

async function train(directory: string, options: Options): Promise<void> {
  // Before hours may have been spent on photographs.
  const device = await openDevice(options);
  const { steps, folds, margin, seed, out } = options;
  const checkpoint = await openCheckpoint(options, {
    folder: join(out, "checkpoint"),
    folderOption: "--out",
    settings: {
      ...{ command: "siamese", "--steps": steps, "--folds": folds, "--margin": margin },
      ...{ "--seed": seed, "--device": device },
    },
  });
  const { signal, stop } = interruptible();
  try {
    const chips = await read(directory, signal);
    if (chips === null) return sayNothingLearnt();
    requireEnough(
      chips.samples.labels.map((person) => ({ person })),
      Math.max(leastPeople, options.folds * 2),
    );
    checkpoint.belongTo(digestOf(chips.samples));
    await makeFolder(out);
    // Once more: whatever read the photographs may have used another.
    await openTensorflow(device);
    const found = await learn(chips, options, { signal, checkpoint });
    // Only now is nothing left to go on with.
    if (!signal.aborted) await checkpoint.remove();
    await report(found, options, { directory, failed: chips.failed, kept: signal.aborted ? checkpoint : null });
  } finally {
    stop();
    await checkpoint.close();
  }
}

/** The page and the answer. What was broken off keeps its checkpoint. */
async function report(
  found: Demonstration,
  options: Options,
  { directory, failed, kept }: { directory: string; failed: Chips["failed"]; kept: Checkpoint | null },
): Promise<void> {
  const page = join(options.out, "siamese.html");
  await writeFile(page, demonstrationPage(found, { subject: basename(resolve(directory)), date: new Date() }));
  const runs = found.runs.map(({ fold, mining, history, seconds }) => {
    return { part: fold + 1, mining, steps: history.length, seconds };
  });
  const { people, pictures, folds, outcomes } = found;
  const broken = { interrupted: kept !== null, checkpoint: kept?.folder ?? null };
  print(options, { people, pictures, folds, failed, runs, outcomes, page, ...broken }, () =>
    demonstrationText(outcomes, page),
  );
  if (kept === null) return;
  note(brokenOffText(kept, minings.length * folds));
  process.exitCode = exitCode.no;
}

async function learn(
  { samples }: Chips,
  { steps, folds, margin, seed, out }: Options,
  { signal, checkpoint }: { signal: AbortSignal; checkpoint: Checkpoint },
): Promise<Demonstration> {
  const networks = minings.length * folds;
  note(`training ${networks} networks, ${steps} steps each`);
  const bar = stepBar(networks, steps);
  const writes: Promise<void>[] = [];
  try {
    return await demonstrate(samples, {
      ...{ shape: smallSiamese, steps, margin, seed, folds, signal },
      nextKeeper: () => checkpoint.nextKeeper(),
      onStep: (_, { step }) => bar.at(step),
      onTrained: (run) => {
        bar.modelDone();
        writes.push(writeWeights(out, run));
        const [before, after] = [run.before, run.after].map((held) => percent(ratesOf([held]).eer));
        note(
          `${run.mining} mining: equal error rate ${before} before, ${after} after on part ${run.fold + 1} of ${folds}`,
        );
      },
    });
  } finally {
    bar.stop();
    await Promise.all(writes);
  }
}

async function read(directory: string, signal: AbortSignal): Promise<Chips | null> {
  const engine = await openDeskEngine();
  const { onProgress, stop } = pictureBar();
  try {
    const finder = {
      detector: new FaceDetector(await engine.open("blazeface")),
      landmarks: new LandmarkFinder(await engine.open("facemesh")),
    };
    return await readChips(finder, directory, { side: smallSiamese.side, onProgress, signal });
  } finally {
    stop();
    await engine.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${folder} cannot be made: ${errorText(cause)}`, {
      hint: "Name another folder with --out.",
      cause,
    });
  }
}

/** Matrices and biases in the order of the layers (see siamese/network.ts). */
function writeWeights(folder: string, { fold, mining, weights }: TrainedRun): Promise<void> {
  const packed = weights.map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
  );
  return writeFile(
    join(folder, `siamese-${mining}-${fold + 1}.json`),
    JSON.stringify({ shape: smallSiamese, weights: packed }),
  );
}

function demonstrationText(outcomes: readonly Outcome[], page: string): string {
  return [
    table([
      ["MINING", "SECONDS", "EER BEFORE", "EER AFTER", "95 %", "AGAINST RANDOM", "95 %"],
      ...outcomes.map(({ mining, seconds, before, after, lessRandom }) => [
        ...[mining, seconds.toFixed(0), percent(before.eer), percent(after.eer), range(after.intervals.eer)],
        ...(lessRandom ? [points(lessRandom.eer), range(lessRandom.intervals.eer)] : ["", ""]),
      ]),
    ]),
    `page: ${page}`,
  ].join("\n");
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}

function points(rate: number): string {
  return `${rate > 0 ? "+" : ""}${percent(rate)}`;
}

function range([low, high]: Interval): string {
  return `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)}`;
}
