import { type Clock, systemClock } from "../../core/clock.ts";
import { systemTimers, type Timers } from "../../core/timers.ts";
import type { EventLog, People } from "../api.ts";
import { greetingName } from "../display-board.ts";

/** What the lobby screen shows over its picture. */
export interface LobbyState {
  /** A whole sentence to the person who has just come in, or null. */
  readonly greeting: string | null;
}

export interface Lobby {
  readonly current: LobbyState;
  subscribe(listener: (state: LobbyState) => void): () => void;
}

export interface LobbyBoardParts {
  readonly events: Pick<EventLog, "subscribe">;
  readonly people: Pick<People, "get">;
  /** How much of the name a public screen may show. */
  readonly greet: "name" | "first-name" | "none";
  /** How long a greeting stays. */
  readonly holdMs?: number;
  readonly timers?: Timers;
  readonly clock?: Pick<Clock, "date">;
}

const nobody: LobbyState = { greeting: null };

/** Greets whoever was let in by face, for a few seconds; the newest greeting replaces the one before. */
export class LobbyBoard implements Lobby {
  readonly #parts: Required<LobbyBoardParts>;
  readonly #listeners = new Set<(state: LobbyState) => void>();
  #current = nobody;
  #callOff: () => void = () => {};
  #unsubscribe: (() => void) | undefined;

  constructor(parts: LobbyBoardParts) {
    this.#parts = { holdMs: 8000, timers: systemTimers, clock: systemClock, ...parts };
  }

  get current(): LobbyState {
    return this.#current;
  }

  start(): void {
    const { clock, holdMs } = this.#parts;
    this.#unsubscribe ??= this.#parts.events.subscribe((event) => {
      // An event that waited (on a full disk, say) greets nobody who has long gone by.
      const ageMs = clock.date().getTime() - Date.parse(event.time);
      if (event.type === "granted" && typeof event.person === "string" && !(ageMs > holdMs)) this.#greet(event.person);
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#callOff();
    this.#listeners.clear();
  }

  subscribe(listener: (state: LobbyState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #greet(personId: string): void {
    const { people, greet, timers, holdMs } = this.#parts;
    const name = greetingName(people.get(personId)?.name ?? "", greet);
    this.#callOff();
    this.#set({ greeting: name === "" ? "Welcome" : `Welcome, ${name}` });
    this.#callOff = timers.after(holdMs, () => this.#set(nobody));
  }

  #set(state: LobbyState): void {
    this.#current = state;
    for (const listener of this.#listeners) listener(state);
  }
}
