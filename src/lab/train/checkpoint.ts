import { mkdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import { isAbsent, writeWholeFile } from "../../models/whole-file.ts";
import { decodeTraining, encodeTraining, type Settings, type Training } from "./checkpoint-file.ts";
import type { MetricState, StateKeeper } from "./train-metric.ts";

const fileName = "training.checkpoint";

export interface CheckpointOptions {
  readonly folder: string;
  /** What the result depends on besides the samples. A checkpoint of others is refused. */
  readonly settings: Settings;
  /** Go on from what lies there. */
  readonly isResumed: boolean;
  /** Steps from one to the next. */
  readonly every: number;
}

/**
 * How far a training of several models is, as one file that appears whole or not at all: weights, memory of the optimiser, place of the
 * source of chance, what was judged best. No picture and no face vector is in it.
 */
export class Checkpoint {
  readonly folder: string;
  /** There was one already; without `isResumed` it is replaced. */
  readonly isFound: boolean;
  readonly #settings: Settings;
  readonly #every: number;
  readonly #isFolderNew: boolean;
  readonly #earlier: Training | null;
  readonly #models: MetricState[] = [];
  #begun = 0;
  #data = "";

  private constructor(options: CheckpointOptions, found: Pick<Checkpoint, "isFound"> & Found) {
    this.folder = options.folder;
    this.isFound = found.isFound;
    this.#settings = options.settings;
    this.#every = options.every;
    this.#isFolderNew = found.isFolderNew;
    this.#earlier = found.training;
  }

  /** Throws `LINTEL_E_UNREADABLE` when there is nothing to go on from, or only what is damaged or of other settings. */
  static async open(options: CheckpointOptions): Promise<Checkpoint> {
    const { folder, isResumed, settings } = options;
    const bytes = await readIn(folder);
    if (isResumed && bytes === null) throw refused(`there is no checkpoint in ${folder}`, nameIt);
    const training = isResumed && bytes !== null ? understood(folder, bytes, settings) : null;
    return new Checkpoint(options, { isFound: bytes !== null, isFolderNew: await isMade(folder), training });
  }

  /** To be called before the first model. Throws `LINTEL_E_UNREADABLE` when the checkpoint was made from other samples. */
  belongTo(data: string): void {
    this.#data = data;
    if (this.#earlier === null || this.#earlier.data === data) return;
    throw refused(`the checkpoint in ${this.folder} was made from other photographs`, beginAgain);
  }

  /** For the next model, in order. */
  nextKeeper(): StateKeeper {
    const model = this.#begun++;
    return {
      from: this.#earlier?.models[model],
      every: this.#every,
      save: async (state) => {
        // Those before it that ended in an earlier sitting were not saved again in this one.
        for (let i = this.#models.length; i < model; i++) this.#models.push(ended(this.#earlier?.models[i]));
        this.#models[model] = state;
        await this.#write();
      },
    };
  }

  /** The model (1, 2 ...) and its step that it stands at. */
  reached(): { readonly model: number; readonly step: number } {
    const models = this.#models.length > 0 ? this.#models : (this.#earlier?.models ?? []);
    return { model: Math.max(1, models.length), step: models.at(-1)?.history.length ?? 0 };
  }

  /** Takes it away once there is nothing left to go on with. */
  async remove(): Promise<void> {
    await rm(join(this.folder, fileName), { force: true });
  }

  /** Leaves no empty folder that was not there before. */
  async close(): Promise<void> {
    if (this.#isFolderNew) await rmdir(this.folder).catch(() => undefined);
  }

  async #write(): Promise<void> {
    const bytes = encodeTraining({ settings: this.#settings, data: this.#data, models: this.#models });
    try {
      await writeWholeFile(join(this.folder, fileName), [bytes]);
    } catch (cause) {
      throw new LintelError("LINTEL_E_STORAGE", `the checkpoint cannot be written: ${errorText(cause)}`, {
        hint: "Make room, then go on with --resume from the last one that was written.",
        cause,
      });
    }
  }
}

// --- internal ---

interface Found {
  readonly isFolderNew: boolean;
  readonly training: Training | null;
}

const nameIt = "Begin without --resume, or name its folder with --checkpoint.";
const beginAgain = "Begin again without --resume, or name another folder with --checkpoint.";

function refused(message: string, hint: string, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", message, { hint, cause });
}

async function readIn(folder: string): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, fileName));
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw refused(`the checkpoint in ${folder} cannot be read: ${errorText(cause)}`, beginAgain, cause);
  }
}

/** Whether it had to be made. Now rather than when there is something to lose. */
async function isMade(folder: string): Promise<boolean> {
  try {
    return (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
  } catch (cause) {
    const hint = "Name another folder with --checkpoint.";
    throw refused(`the folder ${folder} for checkpoints cannot be made: ${errorText(cause)}`, hint, cause);
  }
}

function understood(folder: string, bytes: Uint8Array, settings: Settings): Training {
  const training = decodeTraining(bytes);
  if (training === null) throw refused(`the checkpoint in ${folder} is damaged or of another version`, beginAgain);
  const names = [...new Set([...Object.keys(training.settings), ...Object.keys(settings)])];
  const others = names.filter((name) => training.settings[name] !== settings[name]);
  if (others.length === 0) return training;
  const changes = others.map((name) => `${name} ${training.settings[name]} there, ${settings[name]} here`);
  throw refused(
    `the checkpoint in ${folder} is of another training: ${changes.join("; ")}`,
    "Give the options of before, or begin again without --resume.",
  );
}

function ended(state: MetricState | undefined): MetricState {
  if (state && typeof state.going === "string") return state;
  throw new Error("cannot happen: a model was begun before the one in front of it ended");
}
