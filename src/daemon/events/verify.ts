import { type BreakReason, breakOf, type Link } from "./chain.ts";
import { anchorOf, brokenCheckpoint } from "./checkpoint.ts";
import type { EventStore, StoredEvent } from "./event-store.ts";

/** What a walk along the chain found. */
export interface ChainReport {
  /** Events in the log. */
  readonly events: number;
  readonly ok: boolean;
  /** Number of the first event that is altered, missing or out of place; null: none. */
  readonly brokenAt: number | null;
  readonly reason: BreakReason | null;
  /** The last event whose link holds. */
  readonly head: Link;
  /** Events up to this number were removed by age, under a signed checkpoint; 0: none. */
  readonly removedThrough: number;
}

export interface VerifyOptions {
  readonly store: EventStore;
  /** Public keys whose checkpoints are believed. */
  readonly trustedKeys: readonly string[];
  /** A head that was published once: the log must hold it, unless it was removed since. */
  readonly expected?: Link | undefined;
  readonly rowsAtOnce?: number;
}

/**
 * Walks along the chain, a slice of the log a `step`, so that a daemon can do other things in between; events may be
 * appended and old ones removed meanwhile. Finds the first break; says nothing about what was cut off at the end together
 * with the database's own count, which only a head that was published (`expected`) can show.
 */
export class ChainWalk {
  readonly #store: EventStore;
  readonly #options: VerifyOptions;
  readonly #rowsAtOnce: number;
  #anchor: Link;
  #last: Link;
  /** Highest number given out when the walk began: the log must reach it. */
  readonly #mustReach: number;
  #checked = 0;
  #broken: { readonly brokenAt: number; readonly reason: BreakReason } | null = null;
  #sawExpected = false;
  #isDone = false;

  constructor(options: VerifyOptions) {
    this.#store = options.store;
    this.#options = options;
    this.#rowsAtOnce = options.rowsAtOnce ?? 2000;
    this.#mustReach = this.#store.lastSeq();
    this.#anchor = anchorOf(this.#store);
    this.#last = this.#anchor;
    this.#begin();
  }

  /** Events looked at so far. */
  get checked(): number {
    return this.#checked;
  }

  /** Looks at the next slice; false when there is nothing left to do. */
  step(): boolean {
    if (this.#isDone) return false;
    // The first slice begins before any number: what stands below the checkpoint is found too.
    const from = this.#checked === 0 ? Number.MIN_SAFE_INTEGER : this.#last.seq;
    const rows = this.#store.after(from, this.#rowsAtOnce);
    for (const row of rows) {
      if (!this.#follow(row)) return this.#isRemovedMeanwhile();
    }
    if (rows.length < this.#rowsAtOnce) this.#end();
    return !this.#isDone;
  }

  report(): ChainReport {
    const { brokenAt, reason } = this.#broken ?? { brokenAt: null, reason: null };
    return {
      events: this.#store.count(),
      ok: this.#isDone && this.#broken === null,
      brokenAt,
      reason,
      head: this.#last,
      removedThrough: this.#anchor.seq,
    };
  }

  // --- internal ---

  #begin(): void {
    this.#anchor = anchorOf(this.#store);
    this.#last = this.#anchor;
    this.#checked = 0;
    this.#broken = brokenCheckpoint(this.#store.checkpoints(), this.#options.trustedKeys);
    this.#isDone = this.#broken !== null;
    this.#sees(this.#anchor);
  }

  #follow(row: StoredEvent): boolean {
    const reason = breakOf(this.#last, row);
    if (reason !== null) {
      this.#broken = { brokenAt: reason === "missing" ? this.#last.seq + 1 : row.seq, reason };
      return false;
    }
    this.#checked += 1;
    this.#last = { seq: row.seq, hash: row.hash };
    this.#sees(this.#last);
    return this.#broken === null;
  }

  #sees({ seq, hash }: Link): void {
    const { expected } = this.#options;
    if (expected?.seq !== seq) return;
    this.#sawExpected = true;
    if (expected.hash !== hash) this.#broken ??= { brokenAt: seq, reason: "head" };
  }

  /** A break may only mean that old events were removed since the walk began: then it begins anew. */
  #isRemovedMeanwhile(): boolean {
    if (anchorOf(this.#store).seq === this.#anchor.seq) {
      this.#isDone = true;
      return false;
    }
    this.#begin();
    return !this.#isDone;
  }

  #end(): void {
    this.#isDone = true;
    const { expected } = this.#options;
    if (this.#last.seq < this.#mustReach) this.#broken = { brokenAt: this.#last.seq + 1, reason: "missing" };
    else if (expected && !this.#sawExpected && expected.seq > this.#anchor.seq) {
      this.#broken = { brokenAt: this.#last.seq + 1, reason: "head" };
    }
  }
}

/** The whole walk at once. */
export function verifyChain(options: VerifyOptions, onProgress: (checked: number) => void = () => {}): ChainReport {
  const walk = new ChainWalk(options);
  while (walk.step()) onProgress(walk.checked);
  return walk.report();
}
