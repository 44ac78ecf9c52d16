import type { Command } from "commander";
import { Checkpoint } from "../../../lab/train/checkpoint.ts";
import type { Settings } from "../../../lab/train/checkpoint-file.ts";
import { wholeNumber } from "../../number-options.ts";
import { packageVersion } from "../../version.ts";
import { note } from "./common.ts";

export interface CheckpointOptions {
  readonly checkpoint?: string;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
}

export function withCheckpoint(command: Command, otherwise: string): Command {
  return command
    .option("--checkpoint <dir>", `where it is kept how far the training is (default: ${otherwise})`)
    .option("--checkpoint-every <n>", "steps from one checkpoint to the next", wholeNumber({ from: 1 }), 10)
    .option("--resume", "go on from the checkpoint, with the same result as if it had not been broken off");
}

/** How checkpoints work, for `--help`. */
export const checkpointHelp = [
  "Ctrl-C finishes the step, keeps a checkpoint and says how to go on; a second one ends at once. After a crash or a power cut",
  "--resume goes on from the last checkpoint. The photographs are read again: no picture and no vector is kept in it. It is",
  "taken away when the training is done.",
];

/** Throws `LINTEL_E_UNREADABLE` when `--resume` has nothing to go on from, or what lies there is damaged or of other options. */
export async function openCheckpoint(
  options: CheckpointOptions,
  otherwise: { folder: string; folderOption: string; settings: Settings },
): Promise<Checkpoint> {
  const isResumed = options.resume === true;
  const checkpoint = await Checkpoint.open({
    folder: options.checkpoint ?? otherwise.folder,
    folderOption: options.checkpoint === undefined ? otherwise.folderOption : "--checkpoint",
    settings: { ...otherwise.settings, lintel: packageVersion() },
    isResumed,
    every: options.checkpointEvery,
  });
  if (isResumed) {
    const { model, step } = checkpoint.reached();
    note(`going on after step ${step} of model ${model}, once the photographs are read again`);
  } else if (checkpoint.isFound) {
    note(`the checkpoint in ${checkpoint.folder} will be replaced; to go on from it, press Ctrl-C and add --resume`);
  }
  return checkpoint;
}

/** Where it was broken off and how to go on. */
export function brokenOffText(checkpoint: Checkpoint, models: number): string {
  const { model, step } = checkpoint.reached();
  return [
    `broken off after step ${step} of model ${model} of ${models}; checkpoint in ${checkpoint.folder}. Go on with:`,
    `  ${resumeCommand(process.argv.slice(2))}`,
  ].join("\n");
}

/** The command once more, with `--resume`, for a shell. */
export function resumeCommand(args: readonly string[]): string {
  const words = [...args.filter((arg) => arg !== "--resume"), "--resume"];
  const quoted = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ["lintel", ...quoted].join(" ");
}
