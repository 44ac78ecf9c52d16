import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Embedding } from "../../pipeline/types.ts";
import { type Sighting, unpackEmbedding } from "../../vision/protocol.ts";
import type { VisionListener } from "../vision-link.ts";

/** Prepares the comparison of a face elsewhere; null when that would not be worth it. */
export interface LookAhead {
  lookAhead(face: readonly Embedding[]): Promise<void> | null;
}

/**
 * Hands on what vision says, in its order, and lets a face wait until its comparison has been prepared. Everything is decided where it always
 * was, on the listener's one thread and with the gallery as it is by then: preparing saves time and decides nothing.
 */
export class InOrder implements VisionListener {
  readonly #listener: VisionListener;
  readonly #people: LookAhead;
  readonly #logger: Logger;
  #waiting: (Sighting | number)[] = [];
  /** Whom the head of the line waits for; another object after each reset. */
  #looking: object | null = null;

  constructor({ listener, people, logger }: { listener: VisionListener; people: LookAhead; logger: Logger }) {
    this.#listener = listener;
    this.#people = people;
    this.#logger = logger;
  }

  sighted(sighting: Sighting): void {
    this.#waiting.push(sighting);
    this.#handOn();
  }

  trackEnded(trackId: number): void {
    this.#waiting.push(trackId);
    this.#handOn();
  }

  /** What still waits was said by a process that is gone. */
  reset(): void {
    this.#waiting = [];
    this.#looking = null;
    this.#listener.reset();
  }

  // --- internal ---

  #handOn(): void {
    while (this.#looking === null) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      const looking = typeof next === "number" ? null : this.#lookAhead(next);
      if (looking === null) this.#deliver();
      else this.#waitFor(looking);
    }
  }

  #lookAhead({ embedding, secondEmbedding }: Sighting): Promise<void> | null {
    if (!embedding) return null;
    const packed = secondEmbedding ? [embedding, secondEmbedding] : [embedding];
    try {
      return this.#people.lookAhead(packed.map(unpackEmbedding));
    } catch {
      // A vector that is none: whoever judges the sighting says so.
      return null;
    }
  }

  #waitFor(work: Promise<void>): void {
    const looking = {};
    this.#looking = looking;
    const done = () => {
      if (this.#looking !== looking) return;
      this.#looking = null;
      this.#deliver();
      this.#handOn();
    };
    // Prepared or not, the face is compared.
    work.then(done, done);
  }

  /** Something that cannot be judged must not take the line, or the process, with it. */
  #deliver(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    try {
      if (typeof next === "number") this.#listener.trackEnded(next);
      else this.#listener.sighted(next);
    } catch (error) {
      const track = typeof next === "number" ? next : next.trackId;
      this.#logger.error({ track, error: errorText(error) }, "sighting not judged");
    }
  }
}
