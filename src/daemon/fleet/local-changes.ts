import type { EventLog, EventRecord } from "../api.ts";
import { byFleet } from "./ledger.ts";

/** A person who was changed here, by whatever way, and is not written down for the other doors yet. */
export interface LocalChange {
  readonly id: string;
  /** Removed, or removed in between. */
  readonly wasRemoved: boolean;
}

/** Hears of changes of people from the event log; what the fleet itself did is none. */
export class LocalChanges {
  readonly #changes = new Map<string, LocalChange>();
  readonly #onChange: (change: LocalChange) => void;
  #end = () => {};

  constructor(onChange: (change: LocalChange) => void) {
    this.#onChange = onChange;
  }

  start(events: Pick<EventLog, "subscribe">): void {
    this.#end = events.subscribe((event) => this.#hear(event));
  }

  stop(): void {
    this.#end();
  }

  /** Takes out what was changed so far. */
  take(): readonly LocalChange[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  // --- internal ---

  #hear({ type, person, by, adaptation }: EventRecord): void {
    if (type !== "enrolled" && type !== "updated" && type !== "removed") return;
    if (adaptation !== undefined) return;
    if (typeof person !== "string" || (typeof by === "string" && by.startsWith(byFleet))) return;
    const wasRemoved = type === "removed" || this.#changes.get(person)?.wasRemoved === true;
    const change = { id: person, wasRemoved };
    this.#changes.set(person, change);
    this.#onChange(change);
  }
}
