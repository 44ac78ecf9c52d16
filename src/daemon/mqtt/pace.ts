/** Lets so many pass in each slot of time, and says when there is room again. */
export class Pace {
  readonly #mostPerSlot: number;
  readonly #slotMs: number;
  readonly #onRoom: () => void;
  #passed = 0;
  #isSomebodyWaiting = false;
  #slot: NodeJS.Timeout | undefined;

  constructor(options: { readonly mostPerSlot: number; readonly slotMs: number; onRoom(): void }) {
    this.#mostPerSlot = options.mostPerSlot;
    this.#slotMs = options.slotMs;
    this.#onRoom = () => options.onRoom();
  }

  /** Whether one more may pass now. After a no `onRoom` is called. */
  get hasRoom(): boolean {
    const hasRoom = this.#passed < this.#mostPerSlot;
    this.#isSomebodyWaiting ||= !hasRoom;
    return hasRoom;
  }

  /** One has passed. */
  pass(): void {
    this.#passed += 1;
    this.#slot ??= setTimeout(() => this.#nextSlot(), this.#slotMs);
  }

  /** Forgets what passed; nobody is called any more. */
  stop(): void {
    clearTimeout(this.#slot);
    this.#slot = undefined;
    this.#passed = 0;
    this.#isSomebodyWaiting = false;
  }

  // --- internal ---

  #nextSlot(): void {
    const isSomebodyWaiting = this.#isSomebodyWaiting;
    this.stop();
    if (isSomebodyWaiting) this.#onRoom();
  }
}
