/** An event that is not written yet. */
export interface WaitingEvent {
  /** ISO 8601, UTC: when it happened. */
  readonly time: string;
  readonly type: string;
  /** Canonical JSON of its fields. */
  readonly json: string;
}

export interface WaitingLimits {
  readonly events: number;
  readonly bytes: number;
}

/** A day of a busy door, and at most a few MB. */
export const waitingLimits: WaitingLimits = { events: 10_000, bytes: 8 * 1024 * 1024 };

/** Events that the disk did not take, in their order, bounded: what does not fit any more is counted. */
export class WaitingEvents {
  readonly #limits: WaitingLimits;
  #events: WaitingEvent[] = [];
  #bytes = 0;
  /** Lost since the program started. */
  lost = 0;

  constructor(limits: WaitingLimits = waitingLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#events.length;
  }

  /** False when there is no room: the event is lost, and counted. */
  add(event: WaitingEvent): boolean {
    const bytes = sizeOf(event);
    if (this.#events.length >= this.#limits.events || this.#bytes + bytes > this.#limits.bytes) {
      this.lost += 1;
      return false;
    }
    this.#events.push(event);
    this.#bytes += bytes;
    return true;
  }

  /** The oldest ones, without taking them out. */
  first(most: number): readonly WaitingEvent[] {
    return this.#events.slice(0, most);
  }

  /** The oldest ones are written. */
  remove(count: number): void {
    for (const event of this.#events.splice(0, count)) this.#bytes -= sizeOf(event);
  }

  /** What was removed last was not written after all: it goes back to the front, whatever the limits say. */
  putBack(events: readonly WaitingEvent[]): void {
    this.#events = [...events, ...this.#events];
    for (const event of events) this.#bytes += sizeOf(event);
  }
}

// --- internal ---

/** In memory, roughly: two bytes a character would be the most. */
function sizeOf({ json }: WaitingEvent): number {
  return json.length + 100;
}
