import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventLog, EventRecord } from "../api.ts";

/** Where entries outlive a restart. Times are ISO 8601, UTC. */
export interface EntryStore {
  entries(): readonly { readonly person: string; readonly at: string }[];
  putEntry(person: string, at: string): void;
  removeEntry(person: string): void;
}

export interface EntriesParts {
  readonly store: EntryStore;
  readonly events: Pick<EventLog, "subscribe">;
  readonly clock: Pick<Clock, "date">;
  readonly logger: Logger;
}

/**
 * Who went in when, for rules against passing back. A permission that was not taken is no entry, and who was removed is
 * forgotten. The door does not wait for the disk: what cannot be written holds until the next restart.
 */
export class Entries {
  readonly #parts: EntriesParts;
  readonly #lastAtMs = new Map<string, number>();
  #unsubscribe: () => void = () => {};

  constructor(parts: EntriesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.stop();
    this.#lastAtMs.clear();
    for (const { person, at } of this.#parts.store.entries()) this.#lastAtMs.set(person, Date.parse(at));
    this.#unsubscribe = this.#parts.events.subscribe((event) => this.#hear(event));
  }

  stop(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
  }

  lastAt(person: string): Date | null {
    const atMs = this.#lastAtMs.get(person);
    return atMs === undefined ? null : new Date(atMs);
  }

  entered(person: string): void {
    const at = this.#parts.clock.date();
    this.#lastAtMs.set(person, at.getTime());
    this.#keep(() => this.#parts.store.putEntry(person, at.toISOString()));
  }

  /** The person went out again, or is pardoned. */
  left(person: string): void {
    if (this.#lastAtMs.delete(person)) this.#keep(() => this.#parts.store.removeEntry(person));
  }

  // --- internal ---

  #hear({ type, person }: EventRecord): void {
    if ((type === "not-taken" || type === "removed") && typeof person === "string") this.left(person);
  }

  #keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#parts.logger.error({ error: errorText(error) }, "entry not kept: it holds until the next restart only");
    }
  }
}
