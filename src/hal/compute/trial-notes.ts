import { readFile, rm, writeFile } from "node:fs/promises";

/** So many trials in a row that nobody saw the end of, and the device is left alone. One may have been a power cut. */
export const maxUnfinished = 2;

/**
 * Remembers a trial of a device while it lasts, in a file: a driver that takes the process down with it must not do so at every start, or the
 * door stays without eyes. Where nothing can be written nothing is remembered.
 */
export class TrialNotes {
  readonly #prefix: string | undefined;

  /** `prefix`: folder of the notes and the beginning of their names, one for each process that may try at the same time. */
  constructor(prefix: string | undefined) {
    this.#prefix = prefix;
  }

  /** The file that speaks against a device; undefined where it may be tried, and then the trial is written down. */
  async begin(device: string): Promise<string | undefined> {
    const file = this.#file(device);
    if (file === undefined) return undefined;
    const unfinished = await readCount(file);
    if (unfinished >= maxUnfinished) return file;
    await writeFile(file, `${unfinished + 1}\n`).catch(() => {});
    return undefined;
  }

  /** The process outlived the trial, whatever came out of it. */
  async end(device: string): Promise<void> {
    const file = this.#file(device);
    if (file !== undefined) await rm(file, { force: true }).catch(() => {});
  }

  #file(device: string): string | undefined {
    return this.#prefix === undefined ? undefined : `${this.#prefix}-${device.replaceAll("/", "-")}.trial`;
  }
}

// --- internal ---

async function readCount(file: string): Promise<number> {
  try {
    const count = Number.parseInt(await readFile(file, "utf8"), 10);
    return Number.isInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}
