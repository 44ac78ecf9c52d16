import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { LintelError } from "../../../core/errors.ts";
import type { Presented } from "./presented.ts";

const score = z.number().min(0).max(1);
const time = z.number().nullable();
const presented = z.object({
  material: z.enum(["simulated", "real"]),
  kind: z.string(),
  isGenuine: z.boolean(),
  source: z.string(),
  person: z.string(),
  tracks: z.array(
    z.object({
      frames: z.number(),
      liveAtMs: time,
      cues: z.array(z.object({ name: z.string(), score, leastScore: score, spoofAtMs: time })),
    }),
  ),
});

/** What cues said of tracks, one presentation a line, written as each ends. It holds scores and no pictures. */
export class TracksFile {
  readonly #file: string;
  readonly #presented: Presented[];

  private constructor(file: string, found: Presented[]) {
    this.#file = file;
    this.#presented = found;
  }

  /** A file that is not there yet is empty. Throws `LINTEL_E_UNREADABLE`. */
  static async open(file: string): Promise<TracksFile> {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw new LintelError("LINTEL_E_UNREADABLE", `${file}: ${error.message}`, { cause: error });
    });
    const lines = text.split("\n").filter((line) => line !== "");
    return new TracksFile(
      file,
      lines.map((line, i) => parsed(line, `${file}, line ${i + 1}`)),
    );
  }

  get all(): readonly Presented[] {
    return this.#presented;
  }

  find(kind: string, source: string): Presented | undefined {
    return this.#presented.find((one) => one.kind === kind && one.source === source);
  }

  async add(one: Presented): Promise<void> {
    this.#presented.push(one);
    await appendFile(this.#file, `${JSON.stringify(one)}\n`);
  }
}

// --- internal ---

function parsed(line: string, where: string): Presented {
  try {
    return presented.parse(JSON.parse(line));
  } catch (cause) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${where} tells of no presentation`, {
      hint: "Such a file is written by: lintel liveness ablation --tracks FILE.",
      cause,
    });
  }
}
