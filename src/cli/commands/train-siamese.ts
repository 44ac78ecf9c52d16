import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { errorText, exitCode, LintelError } from "../../core/errors.ts";
import { minings } from "../../lab/train/mining.ts";
import { requireEnough } from "../../lab/train/photographs.ts";
import { type Chips, readChips } from "../../lab/train/siamese/chips.ts";
import { type Demonstration, demonstrate, type TrainedRun } from "../../lab/train/siamese/demonstration.ts";
import { smallSiamese } from "../../lab/train/siamese/network.ts";
import { demonstrationPage } from "../../lab/train/siamese/page.ts";
import { openTensorflow } from "../../lab/train/tensorflow.ts";
import { FaceDetector } from "../../pipeline/detect.ts";
import { LandmarkFinder } from "../../pipeline/landmarks.ts";
import { openDeskEngine } from "../face-source.ts";
import { interruptible } from "../interruptible.ts";
import { print, table } from "../output.ts";
import { progressBar } from "../progress.ts";
import { note, pictureBar, sayNothingLearnt } from "./train-common.ts";

interface Options {
  readonly out: string;
  readonly steps: number;
  readonly margin: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function siameseCommand(): Command {
  return new Command("siamese")
    .description(
      "Train a small network from scratch, three times: random, semi-hard and hard mining. For teaching; opens no door.",
    )
    .argument("<dir>", "one folder of photographs for each person")
    .option("--out <dir>", "where the page and the weights go", "siamese")
    .option("--steps <n>", "batches of each of the three at most; it stops early", wholeNumber, 120)
    .option("--margin <alpha>", "of the triplet loss", Number, 0.4)
    .option("--seed <n>", "the same seed gives the same networks", wholeNumber, 1)
    .option("--json", "print {people, pictures, runs:[{mining, steps, seconds, before, after}], page, interrupted}")
    .addHelpText(
      "after",
      [
        "",
        "A quarter of the people is kept aside to measure on. Ctrl-C keeps what was learnt so far.",
        "",
        "Example:",
        "  lintel train siamese ./faces --out ./siamese --steps 200",
      ].join("\n"),
    )
    .action(train);
}

// --- internal ---

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("give a whole number above 0");
}

async function train(directory: string, options: Options): Promise<void> {
  const { signal, stop } = interruptible();
  try {
    const chips = await read(directory, signal);
    if (chips === null) return sayNothingLearnt();
    requireEnough(
      chips.samples.labels.map((person) => ({ person })),
      8,
    );
    await makeFolder(options.out);
    const found = await learn(chips, options, signal);
    if (found.runs.length === 0) return sayNothingLearnt();
    const page = join(options.out, "siamese.html");
    await writeFile(page, demonstrationPage(found, { subject: basename(resolve(directory)), date: new Date() }));
    const runs = found.runs.map(({ mining, history, seconds, before, after }) => {
      return { mining, steps: history.length, seconds, before, after };
    });
    const { people, pictures } = found;
    const answer = { people, pictures, failed: chips.failed, runs, page, interrupted: signal.aborted };
    print(options, answer, () => demonstrationText(runs, page));
    if (signal.aborted) process.exitCode = exitCode.no;
  } finally {
    stop();
  }
}

async function learn({ samples }: Chips, options: Options, signal: AbortSignal): Promise<Demonstration> {
  const { steps, margin, seed, out } = options;
  await openTensorflow();
  note(`training ${minings.length} networks, ${steps} steps each`);
  const bar = progressBar(steps * minings.length, "steps");
  const writes: Promise<void>[] = [];
  try {
    return await demonstrate(samples, {
      ...{ shape: smallSiamese, steps, margin, seed, heldShare: 0.25, signal },
      onStep: () => bar.add(1),
      onTrained: (run) => {
        writes.push(writeWeights(out, run));
        note(
          `${run.mining} mining: equal error rate ${percent(run.before.eer)} before, ${percent(run.after.eer)} after`,
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
function writeWeights(folder: string, { mining, weights }: TrainedRun): Promise<void> {
  const packed = weights.map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
  );
  return writeFile(join(folder, `siamese-${mining}.json`), JSON.stringify({ shape: smallSiamese, weights: packed }));
}

function demonstrationText(
  runs: readonly Pick<TrainedRun, "mining" | "seconds" | "before" | "after">[],
  page: string,
): string {
  return [
    table([
      ["MINING", "SECONDS", "EER BEFORE", "EER AFTER", "FNMR AT FMR 1 %"],
      ...runs.map(({ mining, seconds, before, after }) => {
        return [mining, seconds.toFixed(0), percent(before.eer), percent(after.eer), percent(after.fnmrAtFmr1e2)];
      }),
    ]),
    `page: ${page}`,
  ].join("\n");
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}
