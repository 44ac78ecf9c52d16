import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Trial } from "./report.ts";

const line = z.object({
  kind: z.string(),
  isGenuine: z.boolean(),
  source: z.string(),
  response: z.enum(["live", "spoof", "none"]),
  afterMs: z.number().nullable(),
  says: z.array(z.string()),
  deniedBy: z.array(z.string()).optional(),
});

/**
 * Trials in a file, one JSON document a line, written as each ends: a long report that was broken off goes on where it
 * stopped. A file belongs to one state of the program; whoever changes the cues begins a new one.
 */
export class KeptTrials {
  readonly #file: string;
  readonly #trials: Map<string, Trial>;

  private constructor(file: string, trials: Map<string, Trial>) {
    this.#file = file;
    this.#trials = trials;
  }

  /** A file that is not there yet is empty; a last line that was cut off is left out. Throws `LINTEL_E_UNREADABLE`. */
  static async open(file: string): Promise<KeptTrials> {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw new LintelError("LINTEL_E_UNREADABLE", `${file}: ${error.message}`, { cause: error });
    });
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) await appendFile(file, "\n");
    const trials = new Map<string, Trial>();
    for (const entry of whole.split("\n")) {
      const trial = entry === "" ? null : parsed(entry);
      if (trial) trials.set(`${trial.kind} ${trial.source}`, trial);
    }
    return new KeptTrials(file, trials);
  }

  find(visit: { readonly kind: string; readonly seed: number }): Trial | undefined {
    return this.#trials.get(visitKey(visit));
  }

  async add(trial: Trial): Promise<void> {
    this.#trials.set(`${trial.kind} ${trial.source}`, trial);
    await appendFile(this.#file, `${JSON.stringify(trial)}\n`);
  }
}

export function visitKey({ kind, seed }: { readonly kind: string; readonly seed: number }): string {
  return `${kind} ${seed}`;
}

// --- internal ---

function parsed(entry: string): Trial | null {
  try {
    return line.parse(JSON.parse(entry));
  } catch {
    return null;
  }
}
