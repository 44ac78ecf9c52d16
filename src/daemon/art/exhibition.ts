import { existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LintelError } from "../../core/errors.ts";
import type { Timers } from "../../core/timers.ts";
import type { ArtPictureView } from "../api/art.ts";
import type { ArtJob } from "./job-store.ts";

/** Where one remembers which picture somebody chose. */
export interface ChosenPicture {
  get(): number | null;
  set(id: number | null): void;
}

export interface ExhibitionParts {
  readonly directory: string;
  readonly chosen: ChosenPicture;
  readonly changeMs: number;
  readonly timers: Timers;
}

const endings = [".jpg", ".mqtt.jpg", ".json"];
/** No finished picture is larger than this; what is, is none of ours. */
const maxBytes = 32 * 1024 * 1024;

/** The pictures on the wall: which there are, which one is shown, and when it changes. */
export class Exhibition {
  readonly #parts: ExhibitionParts;
  readonly #listeners = new Set<() => void>();
  #pictures: readonly ArtPictureView[] = [];
  #shownId: number | null = null;
  #callOff: () => void = () => {};

  constructor(parts: ExhibitionParts) {
    this.#parts = parts;
  }

  /** Newest first. */
  get pictures(): readonly ArtPictureView[] {
    return this.#pictures;
  }

  get shown(): ArtPictureView | null {
    return this.#pictures.find(({ id }) => id === this.#shownId) ?? null;
  }

  /** The picture that stays, because somebody chose it. */
  get chosenId(): number | null {
    return this.#parts.chosen.get();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes the finished jobs whose pictures are really there. */
  hang(jobs: readonly ArtJob[]): void {
    const { directory } = this.#parts;
    this.#pictures = jobs
      .flatMap(viewOf)
      .filter(({ key }) => existsSync(join(directory, `${key}.jpg`)))
      .sort((p, q) => q.id - p.id);
    this.#show(this.chosenId ?? this.#pictures[0]?.id ?? null);
  }

  /** A new picture is shown at once, unless somebody chose another one to stay. */
  add(job: ArtJob): void {
    const [picture] = viewOf(job);
    if (!picture) return;
    this.#pictures = [picture, ...this.#pictures];
    this.#show(this.chosenId ?? picture.id);
  }

  /** Takes a picture down and deletes its files. */
  remove(id: number): void {
    const picture = this.#pictures.find((other) => other.id === id);
    if (!picture) return;
    for (const ending of endings) rmSync(join(this.#parts.directory, `${picture.key}${ending}`), { force: true });
    this.#pictures = this.#pictures.filter((other) => other !== picture);
    if (this.#shownId === id) this.#show(this.#pictures[0]?.id ?? null);
    else this.#tell();
  }

  choose(id: number | null): ArtPictureView | null {
    if (id !== null && !this.#pictures.some((picture) => picture.id === id)) {
      throw new LintelError("LINTEL_E_NOT_FOUND", `there is no picture ${id}`, { hint: "art/list names them" });
    }
    this.#parts.chosen.set(id);
    this.#show(id ?? this.#shownId);
    return this.shown;
  }

  /** The JPEG of one of the pictures; null: there is none of that key. */
  async read(key: string, ending: ".jpg" | ".mqtt.jpg" = ".jpg"): Promise<Buffer | null> {
    if (!this.#pictures.some((picture) => picture.key === key)) return null;
    return readJpeg(join(this.#parts.directory, `${key}${ending}`));
  }

  stop(): void {
    this.#callOff();
    this.#listeners.clear();
  }

  // --- internal ---

  #show(id: number | null): void {
    this.#shownId = id;
    this.#callOff();
    this.#callOff = () => {};
    if (this.chosenId === null && this.#pictures.length > 1) {
      this.#callOff = this.#parts.timers.after(this.#parts.changeMs, () => this.#show(this.#after(id)));
    }
    this.#tell();
  }

  /** From new to old and round again. */
  #after(id: number | null): number | null {
    const index = this.#pictures.findIndex((picture) => picture.id === id);
    return this.#pictures[(index + 1) % this.#pictures.length]?.id ?? null;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A JPEG file that another process wrote; null when it is not there or is something else. */
export async function readJpeg(file: string): Promise<Buffer | null> {
  try {
    const bytes = await readFile(file);
    return bytes.length <= maxBytes && bytes[0] === 0xff && bytes[1] === 0xd8 ? bytes : null;
  } catch {
    return null;
  }
}

// --- internal ---

function viewOf({ id, picture, brief, endedAt }: ArtJob): ArtPictureView[] {
  if (!picture) return [];
  const { key, width, height } = picture;
  return [{ id, key, title: brief.title, width, height, paintedAt: endedAt ?? "" }];
}
