import { Command, InvalidArgumentError, Option } from "commander";
import { exitCode } from "../../core/errors.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { TrainedStore } from "../../daemon/people/trained-store.ts";
import { type AdapterShape, adapterShapes } from "../../lab/train/adapter.ts";
import type { Train } from "../../lab/train/cross-validate.ts";
import { fitAdapter, noScale } from "../../lab/train/fit-adapter.ts";
import { headForms, trainHead } from "../../lab/train/head.ts";
import { type Mining, minings } from "../../lab/train/mining.ts";
import type { Change } from "../../lab/train/pair-rates.ts";
import { type Photographs, readFaces, requireEnough } from "../../lab/train/photographs.ts";
import { putInForce } from "../../lab/train/put-in-force.ts";
import { openTensorflow } from "../../lab/train/tensorflow.ts";
import { type Trial, type TrialResult, tryModel } from "../../lab/train/trial.ts";
import type { HeadForm } from "../../pipeline/matching/trained.ts";
import { defaultConfigFile } from "../defaults.ts";
import { openFaceSource } from "../face-source.ts";
import { interruptible } from "../interruptible.ts";
import { print, table } from "../output.ts";
import { progressBar } from "../progress.ts";
import { note, pictureBar, sayNothingLearnt } from "./train-common.ts";

interface CommonOptions {
  readonly folds: number;
  readonly copies: number;
  readonly seed: number;
  readonly activate?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

interface AdapterOptions extends CommonOptions {
  readonly shape: AdapterShape;
  readonly mining: Mining;
  readonly margin: number;
  readonly steps: number;
  readonly rate: number;
}

interface HeadOptions extends CommonOptions {
  readonly form: HeadForm;
  readonly ridge: number;
}

/** Answer of the commands. */
interface Learnt {
  readonly kind: "adapter" | "head";
  readonly people: number;
  readonly pictures: number;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
  readonly trial: Trial;
  /** SHA-256 of the model that is now in force; null when none was put in force. */
  readonly activated: string | null;
  readonly interrupted: boolean;
}

export function adapterCommand(): Command {
  return common(
    "adapter",
    "Train a map on top of the embedder with the triplet loss, and try it on people it has not seen.",
  )
    .addOption(
      new Option("--shape <shape>", "one matrix, or one hidden layer").choices([...adapterShapes]).default("linear"),
    )
    .addOption(new Option("--mining <how>", "which third picture a triplet gets").choices([...minings]).default("hard"))
    .option("--margin <alpha>", "how much farther a wrong picture shall be (squared distance)", positive, 0.4)
    .option("--steps <n>", "batches at most; it stops early", wholeNumber, 100)
    .option("--rate <rate>", "learning rate of Adam", positive, 3e-4)
    .addHelpText("after", help("lintel train adapter ./staff-photos --mining semi-hard"))
    .action((directory: string, options: AdapterOptions) =>
      learn("adapter", directory, options, (random, signal) => async (samples) => {
        const { shape, mining, margin, steps, rate: learningRate } = options;
        return (await fitAdapter(samples, { shape, mining, margin, steps, learningRate, random, signal })).model;
      }),
    );
}

export function headCommand(): Command {
  return common(
    "head",
    "Train a verification head (logistic regression on two faces), and try it on people it has not seen.",
  )
    .addOption(new Option("--form <form>", "what it sees of two vectors").choices([...headForms]).default("absolute"))
    .option("--ridge <strength>", "how small its weights are held", positive, 0.01)
    .addHelpText("after", help("lintel train head ./staff-photos --form chi-square"))
    .action((directory: string, options: HeadOptions) =>
      learn("head", directory, options, (random, signal) => async (samples) => {
        const { form, ridge } = options;
        return { kind: "head", ...(await trainHead(samples, { form, ridge, random, signal })), knots: noScale };
      }),
    );
}

// --- internal ---

function common(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("<dir>", "one folder of photographs for each person")
    .option("--folds <k>", "parts of the people for the trial", twoOrMore, 5)
    .option("--copies <n>", "altered copies of each picture to train on", wholeNumber, 1)
    .option("--seed <n>", "the same seed gives the same model", wholeNumber, 1)
    .option("--activate", "put it in force at the door of --config, if the trial says that it is better")
    .option("--config <file>", "configuration of the daemon (with --activate)")
    .option("--json", "print {kind, people, pictures, failed, trial, activated, interrupted}");
}

function help(example: string): string {
  return [
    "",
    "The trial is a cross-validation by person. A model that is not better on people it has not seen, beyond its 95 %",
    "confidence interval, stays out: exit code 1. Ctrl-C ends the training early, tries what there is and activates nothing.",
    "",
    `Example:\n  ${example}`,
  ].join("\n");
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("give a number above 0");
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("give a whole number");
}

function twoOrMore(text: string): number {
  const value = wholeNumber(text);
  if (value >= 2) return value;
  throw new InvalidArgumentError("give 2 or more");
}

async function learn(
  kind: Learnt["kind"],
  directory: string,
  options: CommonOptions,
  makeTraining: MakeTraining,
): Promise<void> {
  // Read before hours may have been spent.
  const config = options.activate ? loadConfig(options.config ?? defaultConfigFile, process.env) : undefined;
  const random = seededRandom(options.seed);
  const { signal, stop } = interruptible();
  try {
    const photographs = await read(directory, options, { random, signal });
    if (photographs === null) return sayNothingLearnt();
    requireEnough(photographs.faces, Math.max(4, options.folds * 2));
    const result = await trial(photographs, options, { random, train: makeTraining(random, signal) });
    const counted = { people: photographs.people, pictures: photographs.faces.length };
    const isWanted = config !== undefined && !signal.aborted;
    const activated = isWanted ? await putInForce(new TrainedStore(config.stateDirectory), result, counted) : null;
    const learnt: Learnt = {
      ...{ kind, ...counted, failed: photographs.failed, trial: result.trial, activated },
      interrupted: signal.aborted,
    };
    print(options, learnt, () => learntText(learnt, options));
    if (!result.trial.isBetter) process.exitCode = exitCode.no;
  } finally {
    stop();
  }
}

type MakeTraining = (random: Random, signal: AbortSignal) => Train;

async function read(
  directory: string,
  { copies }: CommonOptions,
  { random, signal }: { random: Random; signal: AbortSignal },
): Promise<Photographs | null> {
  const { source, close } = await openFaceSource("fused");
  const { onProgress, stop } = pictureBar();
  try {
    return await readFaces(source, directory, { copies, random, signal, onProgress });
  } finally {
    stop();
    await close();
  }
}

async function trial(
  { faces }: Photographs,
  { folds }: CommonOptions,
  { random, train }: { random: Random; train: Train },
): Promise<TrialResult> {
  await openTensorflow();
  note(`training ${folds + 1} models: one for each part of the people, and one on all of them`);
  const bar = progressBar(folds + 1, "models");
  try {
    return await tryModel(faces, {
      k: folds,
      random,
      train: async (samples) => {
        const model = await train(samples);
        bar.add(1);
        return model;
      },
    });
  } finally {
    bar.stop();
  }
}

function learntText(
  { kind, people, pictures, failed, trial, activated, interrupted }: Learnt,
  options: CommonOptions,
): string {
  const row = (name: string) => (change: Change) => [
    name,
    String(change.fmr),
    percent(change.before),
    percent(change.after),
    `${percent(change.interval[0])} to ${percent(change.interval[1])}`,
  ];
  const rows = [
    ["", "FMR", "FNMR without", "with", "difference, 95 %"],
    ...trial.door.map(row("as the door compares")),
    ...trial.alone.map(row("first embedder alone")),
  ];
  return [
    `${kind} from ${pictures} pictures of ${people} people${interrupted ? ", broken off" : ""}; ${failed.length} pictures were not usable`,
    `trial on people it had not seen: ${trial.folds} parts, ${trial.genuine} genuine and ${trial.impostor} impostor pairs`,
    table(rows),
    trial.says,
    outcome(activated, trial, options),
  ].join("\n");
}

function outcome(activated: string | null, { isBetter }: Trial, { activate }: CommonOptions): string {
  if (activated !== null) {
    return `in force: ${activated.slice(0, 12)}. Restart lintel, then you must calibrate: lintel calibrate. Back: lintel train rollback`;
  }
  if (!isBetter) return "nothing was put in force";
  return activate ? "broken off, so nothing was put in force" : "to put it in force, run again with --activate";
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}
