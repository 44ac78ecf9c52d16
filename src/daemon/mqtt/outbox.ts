import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventLog, EventRecord } from "../api.ts";
import type { MqttListener } from "./client.ts";
import type { MqttSession } from "./session.ts";

/** Where delivery stands, kept over restarts: every event up to and including `get()` has been acknowledged. */
export interface OutboxCursor {
  get(): number;
  set(seq: number): void;
}

export interface OutboxOptions {
  readonly topic: string;
  readonly events: Pick<EventLog, "read" | "subscribe">;
  readonly cursor: OutboxCursor;
  /** Most events on their way at once. */
  readonly window: number;
  readonly logger: Logger;
  /** Pause after the broker refused an event, in ms. */
  readonly refusedPauseMs?: number;
}

/**
 * Brings every event of the log to the broker: in order, at least once. The log itself is the queue; only the cursor is
 * kept beside it, and it advances when the broker has acknowledged. An outage of any length costs no memory; after it
 * (or after a restart) publishing goes on from the cursor, so a consumer may see a `seq` again but never misses one.
 */
export class Outbox implements MqttListener {
  readonly #options: OutboxOptions;
  #session: MqttSession | undefined;
  #end: (() => void) | undefined;
  /** On their way, oldest first. */
  #inFlight: { readonly seq: number; isAcknowledged: boolean }[] = [];
  #buffer: EventRecord[] = [];
  #nextSeq = 0;
  /** Acknowledged without a gap, to be written to the cursor at the end of this turn. */
  #acknowledgedSeq: number | undefined;
  #isFillPending = false;
  #pause: NodeJS.Timeout | undefined;
  #isComplaining = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  start(): void {
    this.#end = this.#options.events.subscribe((event) => this.#appended(event));
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.lost();
  }

  connected(session: MqttSession): void {
    this.#begin(session);
  }

  lost(): void {
    this.#saveCursor();
    this.#session = undefined;
    this.#inFlight = [];
    this.#buffer = [];
    clearTimeout(this.#pause);
  }

  // --- internal ---

  #begin(session: MqttSession): void {
    this.#session = session;
    this.#inFlight = [];
    this.#buffer = [];
    this.#nextSeq = this.#options.cursor.get() + 1;
    this.#fillSoon();
  }

  #appended(event: EventRecord): void {
    if (event.seq <= this.#options.cursor.get()) {
      // The cursor belongs to another log (a database put back from a copy): deliver this one from its beginning.
      this.#options.logger.warn({ seq: event.seq }, "event log restarted");
      this.#options.cursor.set(0);
      this.#acknowledgedSeq = undefined;
      if (this.#session) this.#begin(this.#session);
      return;
    }
    this.#fillSoon();
  }

  /** In a turn of its own: whoever appends an event is deciding about the door. */
  #fillSoon(): void {
    if (this.#isFillPending || !this.#session) return;
    this.#isFillPending = true;
    setImmediate(() => {
      this.#isFillPending = false;
      this.#saveCursor();
      this.#fill();
    });
  }

  #fill(): void {
    const session = this.#session;
    if (!session) return;
    const room = Math.min(this.#options.window, session.receiveMaximum) - this.#inFlight.length;
    for (let i = 0; i < room; i++) {
      const event = this.#next();
      if (!event) return;
      this.#send(event, session);
    }
  }

  #next(): EventRecord | undefined {
    if (this.#buffer.length === 0) {
      this.#buffer = [...this.#options.events.read(this.#nextSeq, this.#options.window * 4)];
    }
    const event = this.#buffer.shift();
    if (event) this.#nextSeq = event.seq + 1;
    return event;
  }

  #send(event: EventRecord, session: MqttSession): void {
    const entry = { seq: event.seq, isAcknowledged: false };
    this.#inFlight.push(entry);
    session.publish(this.#options.topic, JSON.stringify(event)).then(
      () => {
        entry.isAcknowledged = true;
        if (this.#session === session) this.#advance();
      },
      (error) => {
        if (this.#session === session && this.#inFlight.includes(entry)) this.#refused(error);
      },
    );
  }

  #advance(): void {
    let acknowledged: number | undefined;
    while (this.#inFlight[0]?.isAcknowledged) acknowledged = this.#inFlight.shift()?.seq;
    if (acknowledged === undefined) return;
    this.#acknowledgedSeq = acknowledged;
    this.#isComplaining = false;
    this.#fillSoon();
  }

  /** The broker is there but will not take it (access rights): try again from the cursor, after a pause. */
  #refused(error: unknown): void {
    this.#saveCursor();
    if (!this.#isComplaining) this.#options.logger.error({ error: errorText(error) }, "broker refuses events");
    this.#isComplaining = true;
    const session = this.#session;
    this.#session = undefined;
    this.#inFlight = [];
    this.#buffer = [];
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (session && this.#end) this.#begin(session);
    }, this.#options.refusedPauseMs ?? 10_000);
    this.#pause.unref();
  }

  #saveCursor(): void {
    if (this.#acknowledgedSeq === undefined) return;
    this.#options.cursor.set(this.#acknowledgedSeq);
    this.#acknowledgedSeq = undefined;
  }
}
