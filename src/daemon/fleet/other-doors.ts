import { type DoorDocument, maxBytes } from "./documents.ts";
import { readDoor } from "./record-reader.ts";
import type { FleetRefusals } from "./refusals.ts";
import type { Roster } from "./roster.ts";
import type { FleetStore } from "./store.ts";

export interface OtherDoorsParts {
  readonly site: string;
  readonly self: string;
  readonly store: Pick<FleetStore, "doors" | "putDoor">;
  readonly db: { transaction<T>(work: () => T): T };
  readonly refusals: FleetRefusals;
  /** Milliseconds since 1970; null while the clock is not to be believed. */
  trustedNowMs(): number | null;
}

/**
 * What the other doors say of themselves. Only the newest message of each is kept, unopened until somebody asks: a hundred
 * doors that each report to a hundred others would otherwise keep them all busy.
 */
export class OtherDoors {
  readonly #parts: OtherDoorsParts;
  readonly #unopened = new Map<string, Uint8Array>();
  readonly #known = new Map<string, DoorDocument>();
  readonly #here = new Set<string>();

  constructor(parts: OtherDoorsParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const document of this.#parts.store.doors()) this.#known.set(document.door, document);
  }

  /** A new connection: what the broker says now counts, not what it said on an earlier one. */
  connected(): void {
    this.#here.clear();
    this.#unopened.clear();
  }

  /** Keeps the message of a door of the roster. */
  received(door: string, payload: Uint8Array, roster: Roster): void {
    const { self, refusals } = this.#parts;
    if (door === self) return;
    if (!roster.doors.includes(door)) refusals.add("door", "unknown-door");
    else if (payload.length > maxBytes.door) refusals.add("door", "too-large");
    else this.#unopened.set(door, payload);
  }

  /** Opens what came. A door that says something older than it has said before is not listened to. */
  async open(roster: Roster): Promise<void> {
    if (this.#unopened.size === 0) return;
    const { site, refusals, store, db } = this.#parts;
    const nowMs = this.#parts.trustedNowMs();
    const unopened = [...this.#unopened];
    this.#unopened.clear();
    const read = await Promise.all(unopened.map(([door, payload]) => readDoor(door, payload, { site, roster, nowMs })));
    const newer: DoorDocument[] = [];
    for (const answer of read) {
      if (!answer.ok) {
        refusals.add("door", answer.reason);
        continue;
      }
      const document = answer.value;
      const knownMs = this.#known.get(document.door)?.atMs ?? 0;
      if (document.atMs < knownMs) {
        refusals.add("door", "older");
        continue;
      }
      this.#here.add(document.door);
      if (document.atMs > knownMs) newer.push(document);
    }
    db.transaction(() => {
      for (const document of newer) store.putDoor(document);
    });
    for (const document of newer) this.#known.set(document.door, document);
  }

  /** What the doors of the roster have said on this connection. */
  present(roster: Roster): DoorDocument[] {
    return this.known(roster).filter(({ door }) => this.#here.has(door));
  }

  /** What the doors of the roster have ever said last. */
  known(roster: Roster): DoorDocument[] {
    const { self } = this.#parts;
    return [...this.#known.values()].filter(({ door }) => door !== self && roster.doors.includes(door));
  }
}
