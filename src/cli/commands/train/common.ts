import { type Command, Option } from "commander";
import { exitCode } from "../../../core/errors.ts";
import {
  openBestTensorflow,
  openTensorflow,
  type TrainingDevice,
  trainingDevices,
} from "../../../lab/train/tensorflow.ts";
import { progressBar } from "../../progress.ts";

/** What is going on, for logs too, where no bar is drawn. */
export function note(text: string): void {
  // Over the bar that may stand there; it is drawn again below.
  process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}lintel: ${text}\n`);
}

/** Said when Ctrl-C came before there was anything to keep. */
export function sayNothingLearnt(): void {
  note("broken off before anything was learnt: nothing was changed");
  process.exitCode = exitCode.no;
}

/** A bar over pictures, drawn once they have been counted. */
export function pictureBar(): { onProgress(done: number, total: number): void; stop(): void } {
  let bar: ReturnType<typeof progressBar> | undefined;
  let last = 0;
  return {
    onProgress: (done, total) => {
      if (!bar) {
        note(`reading ${total} pictures`);
        bar = progressBar(total, "pictures");
      }
      bar.add(done - last);
      last = done;
    },
    stop: () => bar?.stop(),
  };
}

/** A bar over the steps of several models; one that ends early leaves its other steps out. */
export interface StepBar {
  /** So many steps of the current model are done. */
  at(step: number): void;
  modelDone(): void;
  stop(): void;
}

export function stepBar(models: number, steps: number): StepBar {
  const bar = progressBar(models * steps, steps === 1 ? "models" : "steps");
  let [done, before] = [0, 0];
  const goTo = (place: number): void => {
    bar.add(place - done);
    done = place;
  };
  return {
    at: (step) => goTo(before + step),
    modelDone: () => {
      before += steps;
      goTo(before);
    },
    stop: () => bar.stop(),
  };
}

export interface DeviceOption {
  readonly device: TrainingDevice | "auto";
}

export function withDevice(command: Command): Command {
  return command.addOption(
    new Option("--device <device>", "what it is trained on; auto: node-gpu where it can be had, else wasm")
      .choices(["auto", ...trainingDevices])
      .default("auto"),
  );
}

/** Starts what is trained on, and says what it is. Throws `LINTEL_E_HARDWARE` when it cannot be had. */
export async function openDevice({ device }: DeviceOption): Promise<TrainingDevice> {
  if (device !== "auto") {
    await openTensorflow(device);
    return device;
  }
  const best = await openBestTensorflow();
  if (best.problem !== null) note(`training on ${best.device}: ${best.problem}`);
  return best.device;
}
