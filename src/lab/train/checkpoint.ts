import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import { isAbsent, writeWholeFile } from "../../models/whole-file.ts";
import { decodeTraining, encodeTraining, type Settings, type Training } from "./checkpoint-file.ts";
import type { MetricState, StateKeeper } from "./train-metric.ts";

const fileName = "training.checkpoint";

export interface CheckpointOptions {
  readonly folder: string;
  /** Option of the command that names the folder, for hints. */
  readonly folderOption: string;
  /** What the result depends on besides the samples. A checkpoint of others is refused. */
  readonly settings: Settings;
  /** Go on from what lies there. */
  readonly isResumed: boolean;
  /** Steps from one to the next. */
  readonly every: number;
}

/**
 * How far a training of several models is, as one file that appears whole or not at all: weights, memory of the optimiser, place of the
 * source of chance, what it would end with. No picture and no face vector is in it.
 */
export class Checkpoint {
  readonly folder: string;
  /** There was one already; without `isResumed` it is replaced. */
  readonly isFound: boolean;
  readonly #settings: Settings;
  readonly #every: number;
  readonly #madeFolders: readonly string[];
  readonly #earlier: Training | null;
  readonly #models: MetricState[] = [];
  #begun = 0;
  #data = "";

  private constructor({ folder, settings, every }: CheckpointOptions, found: Found) {
    this.folder = folder;
    this.isFound = found.isFound;
    this.#settings = settings;
    this.#every = every;
    this.#madeFolders = found.madeFolders;
    this.#earlier = found.earlier;
  }

  /** Throws `LINTEL_E_UNREADABLE` when there is nothing to go on from, or only what is damaged or of other settings. */
  static async open(options: CheckpointOptions): Promise<Checkpoint> {
    const { folder, isResumed, settings } = options;
    const bytes = await readIn(options);
    if (isResumed && bytes === null) {
      throw refused(`there is no checkpoint in ${folder}`, "Begin without --resume, or name its folder.");
    }
    const earlier = isResumed && bytes !== null ? understood(folder, bytes, settings) : null;
    return new Checkpoint(options, { isFound: bytes !== null, madeFolders: await make(options), earlier });
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

  /** Takes it away once there is nothing left to go on with, and what was left of one by a process that was killed while it wrote. */
  async remove(): Promise<void> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const own = names.filter((name) => name.startsWith(fileName));
    await Promise.all(own.map((name) => rm(join(this.folder, name), { force: true })));
  }

  /** Leaves no empty folder that was not there before. */
  async close(): Promise<void> {
    for (const folder of this.#madeFolders) await rmdir(folder).catch(() => undefined);
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
  readonly isFound: boolean;
  /** Innermost first. */
  readonly madeFolders: readonly string[];
  readonly earlier: Training | null;
}

const beginAgain = "Begin again without --resume.";

function refused(message: string, hint: string, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", message, { hint, cause });
}

async function readIn({ folder, folderOption }: CheckpointOptions): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, fileName));
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw refused(`no checkpoint can be kept in ${folder}: ${errorText(cause)}`, another(folderOption), cause);
  }
}

/** Makes the folder now rather than when there is something to lose; gives those that had to be made. */
async function make({ folder, folderOption }: CheckpointOptions): Promise<string[]> {
  try {
    const outermost = await mkdir(folder, { recursive: true });
    const made: string[] = [];
    for (let own = resolve(folder); outermost && own.startsWith(resolve(outermost)); own = dirname(own)) made.push(own);
    return made;
  } catch (cause) {
    throw refused(`no checkpoint can be kept in ${folder}: ${errorText(cause)}`, another(folderOption), cause);
  }
}

function another(folderOption: string): string {
  return `Name another folder with ${folderOption}.`;
}

function understood(folder: string, bytes: Uint8Array, settings: Settings): Training {
  const training = decodeTraining(bytes);
  if (training === null) throw refused(`the checkpoint in ${folder} is damaged or of another version`, beginAgain);
  const names = [...new Set([...Object.keys(training.settings), ...Object.keys(settings)])];
  const others = names.filter((name) => training.settings[name] !== settings[name]);
  if (others.length === 0) return training;
  const changes = others.map(
    (name) => `${name} ${training.settings[name] ?? "absent"} there, ${settings[name] ?? "absent"} here`,
  );
  throw refused(
    `the checkpoint in ${folder} is of another training: ${changes.join("; ")}`,
    "Give the options of before, or begin again without --resume.",
  );
}

function ended(state: MetricState | undefined): MetricState {
  if (state && typeof state.going === "string") return state;
  throw new Error("cannot happen: a model was begun before the one in front of it ended");
}
