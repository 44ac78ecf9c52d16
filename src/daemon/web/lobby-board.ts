import { type Clock, systemClock } from "../../core/clock.ts";
import { systemTimers, type Timers } from "../../core/timers.ts";
import type { EventLog, People, Person } from "../api.ts";
import type { WallState } from "../art/wall.ts";
import { type GreetingStyle, greetingName } from "../display-board.ts";

/** What the lobby screen shows. */
export interface LobbyState {
  /** A whole sentence to the person who has just come in, or null. */
  readonly greeting: string | null;
  readonly wall: WallState;
  /** The screen is to be dark, and when that changes (ISO 8601, so that it also does while we are away). */
  readonly blank: { readonly isBlank: boolean; readonly changesAt: string | null };
  /** How long a picture stays while the screen is on its own. */
  readonly changeSeconds: number;
}

export interface Lobby {
  readonly current: LobbyState;
  subscribe(listener: (state: LobbyState) => void): () => void;
  /** The JPEG of one of the pictures; null: there is none of that key. */
  picture(key: string): Promise<Buffer | null>;
  /** What is painted now; null: nothing. */
  preview(): Promise<Buffer | null>;
}

export interface LobbyBoardParts {
  readonly events: Pick<EventLog, "subscribe">;
  readonly people: Pick<People, "get">;
  readonly wall: {
    readonly current: WallState;
    subscribe(listener: (state: WallState) => void): () => void;
    picture(key: string): Promise<Buffer | null>;
    preview(): Promise<Buffer | null>;
  };
  /** How much of the name a screen may show, of people who did not say. */
  readonly greet: GreetingStyle;
  /** False: of those people no name is shown in the lobby at all. */
  readonly showNames: boolean;
  readonly changeSeconds: number;
  /** When the screen is dark; absent: never. */
  readonly blank?: { isOpen(at: Date): boolean; nextChange(at: Date): Date | null } | undefined;
  /** How long a greeting stays. */
  readonly holdMs?: number;
  readonly timers?: Timers;
  readonly clock?: Pick<Clock, "date">;
}

/** Clocks jump and machines sleep: the blanking schedule is asked at least this often. */
const blankCheckMs = 30_000;

/** Greets whoever was let in by face, for a few seconds; keeps the picture, tonight's work and the blanking current. */
export class LobbyBoard implements Lobby {
  readonly #parts: LobbyBoardParts & Required<Pick<LobbyBoardParts, "holdMs" | "timers" | "clock">>;
  readonly #listeners = new Set<(state: LobbyState) => void>();
  readonly #endings: (() => void)[] = [];
  #greeting: string | null = null;
  #wasBlank = false;
  #callOffGreeting: () => void = () => {};
  #callOffBlank: () => void = () => {};

  constructor(parts: LobbyBoardParts) {
    this.#parts = { holdMs: 8000, timers: systemTimers, clock: systemClock, ...parts };
  }

  get current(): LobbyState {
    const { wall, changeSeconds, blank, clock } = this.#parts;
    const now = clock.date();
    return {
      greeting: this.#greeting,
      wall: wall.current,
      blank: {
        isBlank: blank?.isOpen(now) ?? false,
        changesAt: blank?.nextChange(now)?.toISOString() ?? null,
      },
      changeSeconds,
    };
  }

  start(): void {
    if (this.#endings.length > 0) return;
    const { clock, holdMs, wall, events } = this.#parts;
    this.#endings.push(
      events.subscribe((event) => {
        // An event that waited (on a full disk, say) greets nobody who has long gone by.
        const ageMs = clock.date().getTime() - Date.parse(event.time);
        if (event.type === "granted" && typeof event.person === "string" && !(ageMs > holdMs))
          this.#greet(event.person);
      }),
      wall.subscribe(() => this.#tell()),
    );
    this.#watchBlank();
  }

  stop(): void {
    for (const end of this.#endings.splice(0)) end();
    this.#callOffGreeting();
    this.#callOffBlank();
    this.#listeners.clear();
  }

  subscribe(listener: (state: LobbyState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  picture(key: string): Promise<Buffer | null> {
    return this.#parts.wall.picture(key);
  }

  preview(): Promise<Buffer | null> {
    return this.#parts.wall.preview();
  }

  // --- internal ---

  /** The person's own choice counts; of the others the house's, and only where it shows names at all. */
  #nameOf(person: Person | undefined): string {
    const { greet, showNames } = this.#parts;
    return greetingName(person?.name ?? "", person?.greet ?? (showNames ? greet : "none"));
  }

  #greet(personId: string): void {
    const { people, timers, holdMs } = this.#parts;
    const name = this.#nameOf(people.get(personId));
    this.#callOffGreeting();
    this.#greeting = name === "" ? "Welcome" : `Welcome, ${name}`;
    this.#callOffGreeting = timers.after(holdMs, () => {
      this.#greeting = null;
      this.#tell();
    });
    this.#tell();
  }

  #watchBlank(): void {
    const { blank, clock, timers } = this.#parts;
    if (!blank) return;
    const now = clock.date();
    const isBlank = blank.isOpen(now);
    if (isBlank !== this.#wasBlank) this.#tell();
    this.#wasBlank = isBlank;
    const changeMs = (blank.nextChange(now)?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
    this.#callOffBlank = timers.after(Math.min(blankCheckMs, changeMs), () => this.#watchBlank());
  }

  #tell(): void {
    const { current } = this;
    for (const listener of this.#listeners) listener(current);
  }
}
