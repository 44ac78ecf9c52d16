import type { FleetStore } from "./store.ts";

/**
 * The roots this door has gone through, each with a number that only grows. Views only grow too: whoever signs a root that
 * was once ours knows nothing that we do not, and whoever signs one from after a removal has heard of that removal.
 */
export class RootHistory {
  readonly #store: Pick<FleetStore, "roots" | "putRoot">;
  readonly #steps = new Map<string, number>();
  readonly #limit: number;
  #last = 0;

  constructor(store: Pick<FleetStore, "roots" | "putRoot">, limit = 4096) {
    this.#store = store;
    this.#limit = limit;
  }

  /** `lastStep`: the highest number that was ever given out. */
  start(lastStep: number): void {
    this.#steps.clear();
    this.#last = lastStep;
    for (const { step, root } of this.#store.roots()) {
      this.#steps.set(root, step);
      this.#last = Math.max(this.#last, step);
    }
  }

  /** The number that the next root gets. */
  get nextStep(): number {
    return this.#last + 1;
  }

  note(root: string): void {
    if (this.#steps.has(root)) return;
    this.#last += 1;
    this.#steps.set(root, this.#last);
    for (const oldest of this.#steps.keys()) {
      if (this.#steps.size <= this.#limit) break;
      this.#steps.delete(oldest);
    }
  }

  /** Writes the root down, to be known after a restart. Part of a transaction. */
  keep(root: string): void {
    this.note(root);
    const step = this.#steps.get(root);
    if (step !== undefined) this.#store.putRoot({ step, root });
  }

  /** Undefined for a root that was never ours. */
  stepOf(root: string): number | undefined {
    return this.#steps.get(root);
  }
}
