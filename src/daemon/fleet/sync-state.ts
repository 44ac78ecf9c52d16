import type { Clock } from "../../core/clock.ts";
import type { ListTrust } from "./guard.ts";
import type { OtherDoors } from "./other-doors.ts";
import type { RootHistory } from "./root-history.ts";
import type { Roster } from "./roster.ts";
import type { FleetStore } from "./store.ts";
import { judgeSync, type SyncVerdict } from "./sync.ts";
import type { FleetView } from "./view.ts";

export interface SyncStateParts {
  readonly self: string;
  readonly view: FleetView;
  readonly history: RootHistory;
  readonly others: OtherDoors;
  readonly store: Pick<FleetStore, "state" | "setState">;
  readonly clock: Clock;
  /** Milliseconds since 1970; null while the clock is not to be believed. */
  trustedNowMs(): number | null;
  /** `fleet.trustOldListHours` in milliseconds. */
  readonly windowMs: number;
}

const stateName = "proven-at-ms";

/**
 * What is kept is of an earlier day: a door of a fleet, now or later, trusts its list only once it has caught up anew. True
 * when it is in one.
 */
export function distrustList(store: Pick<FleetStore, "state" | "setState">): boolean {
  store.setState(stateName, "0");
  return store.state("site") !== undefined;
}

/** Whether this door has caught up with its site, and since when it last knew that it had. */
export class SyncState implements ListTrust {
  readonly #parts: SyncStateParts;
  #verdict: SyncVerdict | "not-connected" = "not-connected";
  #isSettled = false;
  #provenAtMs: number | null = null;
  /** On the monotonic clock: counts while the time of day is not to be believed. */
  #provenSinceStartMs: number | null = null;
  #timesBehind = 0;

  constructor(parts: SyncStateParts) {
    this.#parts = parts;
  }

  /** A door that has just been put into a fleet trusts the people it has. */
  start(): void {
    const kept = this.#parts.store.state(stateName);
    if (kept === undefined) this.prove();
    else this.#provenAtMs = Number(kept) || null;
  }

  get verdict(): SyncVerdict | "not-connected" {
    return this.#verdict;
  }

  get isCaughtUp(): boolean {
    return this.#verdict === "caught-up";
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Milliseconds since 1970; null: never, or never by a clock that counts. */
  get provenAtMs(): number | null {
    return this.#provenAtMs;
  }

  isListTrusted(): boolean {
    const { clock, windowMs } = this.#parts;
    if (this.isCaughtUp) return true;
    if (this.#provenSinceStartMs !== null && clock.nowMs() - this.#provenSinceStartMs <= windowMs) return true;
    const nowMs = this.#parts.trustedNowMs();
    return nowMs !== null && this.#provenAtMs !== null && nowMs - this.#provenAtMs <= windowMs;
  }

  connected(): void {
    this.#verdict = "settling";
    this.#isSettled = false;
    this.#timesBehind = 0;
  }

  lost(): void {
    if (this.isCaughtUp) this.prove();
    this.#verdict = "not-connected";
    this.#isSettled = false;
  }

  /** What the broker had kept has come in. */
  settled(): void {
    this.#isSettled = true;
  }

  /** From here on the door has everything to catch up with anew. */
  fallBehind(): void {
    if (this.#verdict === "not-connected") return;
    this.#verdict = "behind";
    this.#isSettled = false;
    this.#timesBehind = 0;
  }

  /** Notes that the door has everything now. */
  prove(): void {
    this.#provenSinceStartMs = this.#parts.clock.nowMs();
    this.#provenAtMs = this.#parts.trustedNowMs() ?? this.#provenAtMs;
  }

  /** Writes down what was noted. */
  keep(): void {
    if (this.#provenAtMs !== null) this.#parts.store.setState(stateName, String(this.#provenAtMs));
  }

  /** Judges anew while catching up. `arriving`: doors whose records are about to be taken. */
  async judge(roster: Roster, arriving: readonly string[] = []): Promise<void> {
    if (this.#verdict === "not-connected") return;
    const verdict = await this.#judge(roster, arriving);
    this.#verdict = verdict;
    if (verdict === "caught-up") this.prove();
  }

  /**
   * Looks whether a door that has caught up still stands with the others. A change that is on its way is no difference: twice
   * in a row it must be. True when it has fallen behind.
   */
  async hasFallenBehind(roster: Roster): Promise<boolean> {
    const verdict = await this.#judge(roster, []);
    this.#timesBehind = verdict === "behind" ? this.#timesBehind + 1 : 0;
    if (this.#timesBehind === 0) this.prove();
    return this.#timesBehind >= 2;
  }

  // --- internal ---

  async #judge(roster: Roster, arriving: readonly string[]): Promise<SyncVerdict> {
    const { others, view, history, self, windowMs } = this.#parts;
    await others.open(roster);
    const spoke = new Set([...others.known(roster).map(({ door }) => door), ...arriving, ...view.authors]);
    return judgeSync({
      doors: others.present(roster),
      hasOthers: roster.doors.some((door) => door !== self && spoke.has(door)),
      isSettled: this.#isSettled,
      rosterSize: roster.doors.length,
      isOwnRoot: (root) => history.stepOf(root) !== undefined,
      nowMs: this.#parts.trustedNowMs(),
      provenAtMs: this.#provenAtMs,
      windowMs,
    });
  }
}
