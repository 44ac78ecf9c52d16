import { Command, Option } from "commander";
import { type AdapterShape, adapterShapes } from "../../../lab/train/adapter.ts";
import { fitAdapter, noScale } from "../../../lab/train/fit-adapter.ts";
import { headForms, trainHead } from "../../../lab/train/head.ts";
import { type Mining, minings } from "../../../lab/train/mining.ts";
import { digestOf } from "../../../lab/train/samples.ts";
import { openTensorflow } from "../../../lab/train/tensorflow.ts";
import type { HeadForm } from "../../../pipeline/matching/trained.ts";
import { positiveNumber, wholeNumber } from "../../number-options.ts";
import { type CheckpointOptions, checkpointHelp, openCheckpoint, withCheckpoint } from "./checkpoint.ts";
import { type DeviceOption, openDevice, withDevice } from "./common.ts";
import { type LessonOptions, learn } from "./lesson.ts";

interface AdapterOptions extends LessonOptions, CheckpointOptions, DeviceOption {
  readonly shape: AdapterShape;
  readonly mining: Mining;
  readonly margin: number;
  readonly steps: number;
  readonly rate: number;
}

interface HeadOptions extends LessonOptions {
  readonly form: HeadForm;
  readonly ridge: number;
}

export function adapterCommand(): Command {
  const command = common(
    "adapter",
    "Train a map on top of the embedder with the triplet loss, and try it on people it has not seen.",
  )
    .addOption(
      new Option("--shape <shape>", "one matrix, or one hidden layer").choices([...adapterShapes]).default("linear"),
    )
    .addOption(new Option("--mining <how>", "which third picture a triplet gets").choices([...minings]).default("hard"))
    .option("--margin <alpha>", "how much farther a wrong picture shall be (squared distance)", positiveNumber(), 0.4)
    .option("--steps <n>", "batches at most; it stops early", wholeNumber(), 100)
    .option("--rate <rate>", "learning rate of Adam", positiveNumber(), 3e-4);
  return withCheckpoint(withDevice(command), "./adapter-checkpoint")
    .addHelpText(
      "after",
      help(
        [
          "lintel train adapter ./staff-photos --mining semi-hard",
          "lintel train adapter ./staff-photos --mining semi-hard --resume",
        ],
        checkpointHelp,
      ),
    )
    .action(trainAdapter);
}

export function headCommand(): Command {
  return common(
    "head",
    "Train a verification head (logistic regression on two faces), and try it on people it has not seen.",
  )
    .addOption(new Option("--form <form>", "what it sees of two vectors").choices([...headForms]).default("absolute"))
    .option("--ridge <strength>", "how small its weights are held", positiveNumber(), 0.01)
    .addHelpText(
      "after",
      help(
        ["lintel train head ./staff-photos --form chi-square"],
        [
          "Ctrl-C breaks it off. A head takes seconds once the photographs are read, so that there are no checkpoints of it.",
        ],
      ),
    )
    .action((directory: string, options: HeadOptions) =>
      learn(directory, options, {
        kind: "head",
        stepsEach: 1,
        trainer:
          ({ random, signal }) =>
          async (samples) => {
            const { form, ridge } = options;
            const head = await trainHead(samples, { form, ridge, random, signal });
            return signal.aborted ? null : { kind: "head", ...head, knots: noScale };
          },
      }),
    );
}

// --- internal ---

function common(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("<dir>", "one folder of photographs for each person")
    .option("--folds <k>", "parts of the people for the trial", wholeNumber({ from: 2 }), 5)
    .option("--copies <n>", "altered copies of each picture to train on", wholeNumber(), 1)
    .option("--seed <n>", "the same seed gives the same model", wholeNumber(), 1)
    .option("--activate", "put it in force at the door of --config, if the trial says that it is better")
    .option("--config <file>", "configuration of the daemon (with --activate)")
    .option("--json", "print {kind, people, pictures, failed, trial, activated, interrupted, checkpoint}");
}

function help(examples: readonly string[], breakingOff: readonly string[]): string {
  return [
    "",
    "The trial is a cross-validation by person. A model that is not better on people it has not seen, beyond its 95 %",
    "confidence interval, stays out: exit code 1.",
    "",
    ...breakingOff,
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.map((example) => `  ${example}`),
  ].join("\n");
}

async function trainAdapter(directory: string, options: AdapterOptions): Promise<void> {
  const { shape, mining, margin, steps, rate: learningRate, folds, copies, seed } = options;
  // Before hours may have been spent on photographs.
  const device = await openDevice(options);
  const settings = { command: "adapter", "--shape": shape, "--mining": mining, "--margin": margin, "--steps": steps };
  const more = { "--rate": learningRate, "--folds": folds, "--copies": copies, "--seed": seed, "--device": device };
  const checkpoint = await openCheckpoint(options, {
    folder: "adapter-checkpoint",
    folderOption: "--checkpoint",
    settings: { ...settings, ...more },
  });
  try {
    await learn(directory, options, {
      kind: "adapter",
      checkpoint,
      stepsEach: steps,
      begin: async (samples) => {
        checkpoint.belongTo(digestOf(samples));
        // Once more: whatever read the photographs may have used another.
        await openTensorflow(device);
      },
      trainer:
        ({ random, signal, onStep }) =>
        async (samples) => {
          const keeper = checkpoint.nextKeeper();
          const how = { shape, mining, margin, steps, learningRate, random, signal, keeper };
          const { model, training } = await fitAdapter(samples, { ...how, onStep: ({ step }) => onStep(step) });
          return training.stoppedBy === "signal" ? null : model;
        },
    });
  } finally {
    await checkpoint.close();
  }
}
