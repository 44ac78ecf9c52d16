import type { Timers } from "../../core/timers.ts";
import type { ArtPictureView, ArtState } from "../api/art.ts";

/** What a screen needs to show pictures: those of the wall, the one of the moment, and tonight's work. */
export interface WallState {
  readonly pictures: readonly { readonly key: string; readonly title: string }[];
  /** Key of the picture of the moment; null: there is none yet. */
  readonly shown: string | null;
  readonly painting: {
    readonly title: string;
    /** 0 to 1. */
    readonly progress: number;
    readonly isHeld: boolean;
    /** Changes with each new preview; null: none yet. */
    readonly preview: number | null;
  } | null;
}

export interface WallParts {
  readonly exhibition: {
    readonly pictures: readonly ArtPictureView[];
    readonly shown: ArtPictureView | null;
    subscribe(listener: () => void): () => void;
    read(key: string, ending?: ".jpg" | ".mqtt.jpg"): Promise<Buffer | null>;
  };
  readonly studio: {
    readonly state: ArtState;
    subscribe(listener: () => void): () => void;
    preview(): Promise<Buffer | null>;
  };
  readonly timers: Timers;
}

/** Screens keep this many, so that they have something to show while we are away. */
const maxPictures = 24;
/** Steps come several a second; screens are told at most this often. */
const settleMs = 1000;

/** The wall of the lobby, for pages and the broker. */
export class Wall {
  readonly #parts: WallParts;
  readonly #listeners = new Set<(state: WallState) => void>();
  readonly #endings: (() => void)[] = [];
  #told = "";
  #callOff: (() => void) | undefined;

  constructor(parts: WallParts) {
    this.#parts = parts;
  }

  get current(): WallState {
    const { exhibition, studio } = this.#parts;
    const { painting } = studio.state;
    const { pictures, shown } = exhibition;
    const listed = shown === null ? pictures : [shown, ...pictures.filter((picture) => picture !== shown)];
    return {
      pictures: listed.slice(0, maxPictures).map(({ key, title }) => ({ key, title })),
      shown: shown?.key ?? null,
      painting: painting && {
        title: painting.title,
        progress: Math.round((painting.step / painting.steps) * 100) / 100,
        isHeld: painting.isHeld,
        preview: painting.preview,
      },
    };
  }

  start(): void {
    const { exhibition, studio, timers } = this.#parts;
    this.#endings.push(exhibition.subscribe(() => this.#tell()));
    this.#endings.push(
      studio.subscribe(() => {
        this.#callOff ??= timers.after(settleMs, () => {
          this.#callOff = undefined;
          this.#tell();
        });
      }),
    );
  }

  stop(): void {
    for (const end of this.#endings.splice(0)) end();
    this.#callOff?.();
    this.#listeners.clear();
  }

  subscribe(listener: (state: WallState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A picture as JPEG; `forBroker`: the one that is small enough to be sent. */
  picture(key: string, { forBroker = false }: { readonly forBroker?: boolean } = {}): Promise<Buffer | null> {
    return this.#parts.exhibition.read(key, forBroker ? ".mqtt.jpg" : ".jpg");
  }

  preview(): Promise<Buffer | null> {
    return this.#parts.studio.preview();
  }

  // --- internal ---

  #tell(): void {
    const state = this.current;
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    for (const listener of this.#listeners) listener(state);
  }
}
