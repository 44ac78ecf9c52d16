import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventLog, EventRecord } from "../api.ts";
import type { MqttListener } from "./client.ts";
import { type DeliveryStatus, MissedEvents, type SeqRange } from "./missed-events.ts";
import { Pace } from "./pace.ts";
import type { MqttSession } from "./session.ts";

/** Where delivery stands, kept over restarts: every event up to and including `get()` has been acknowledged. */
export interface OutboxCursor {
  get(): number;
  advance(seq: number): void;
  /** Back to before the first event. */
  restart(): void;
}

export interface OutboxOptions {
  readonly topic: string;
  readonly events: Pick<EventLog, "read" | "subscribe">;
  readonly cursor: OutboxCursor;
  /** Most events on their way at once. */
  readonly window: number;
  readonly logger: Logger;
  /** Most events sent in a tenth of a second; absent: 100. */
  readonly mostPerSlot?: number;
  /** Pause after the broker refused an event or the log could not be read, in ms. */
  readonly pauseMs?: number;
}

/**
 * After so many acknowledged events the cursor is written, and when nothing is on its way, then at most once in so many ms:
 * each write is a full sync, and neither a long queue nor one event after the other must make thousands of them. What was
 * acknowledged since the last write is sent again after a crash.
 */
const savedEvery = 256;
const restMs = 1000;

/**
 * A long queue goes out at 1000 events a second at most, however fast the broker acknowledges: it passes them on to
 * consumers that may be slower, and drops for them what it cannot keep (mosquitto: all beyond 1000, unless told otherwise).
 */
const slotMs = 100;
const mostPerSlot = 100;

/**
 * Brings every event of the log to the broker: in order, at least once. The log itself is the queue; only the cursor is
 * kept beside it, and it advances when the broker has acknowledged. An outage of any length costs no memory and no disk;
 * after it (or after a restart) publishing goes on from the cursor, so a consumer may see a `seq` again but never misses
 * one. The only exception are events that retention removed meanwhile: the next one says so as `gapBefore`.
 */
export class Outbox implements MqttListener {
  readonly #options: OutboxOptions;
  readonly #missed: MissedEvents;
  readonly #pace: Pace;
  #session: MqttSession | undefined;
  #end: (() => void) | undefined;
  /** On their way, oldest first. */
  #inFlight: { readonly seq: number; isAcknowledged: boolean }[] = [];
  #buffer: EventRecord[] = [];
  #nextSeq = 0;
  /** Acknowledged without a gap and not yet written to the cursor; null: nothing is. */
  #acknowledgedSeq: number | null = null;
  #isFillPending = false;
  #pause: NodeJS.Timeout | undefined;
  /** Runs after the cursor was written because nothing was on its way. */
  #rest: NodeJS.Timeout | undefined;
  #problem: string | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#missed = new MissedEvents(options.logger);
    this.#pace = new Pace({
      ...{ slotMs, mostPerSlot: options.mostPerSlot ?? mostPerSlot },
      onRoom: () => this.#fillSoon(),
    });
  }

  get status(): DeliveryStatus {
    const deliveredSeq = this.#acknowledgedSeq ?? this.#options.cursor.get();
    return { deliveredSeq, missed: this.#missed.summary, problem: this.#problem };
  }

  start(): void {
    // Read while the disk is well: health asks for it at any time.
    this.#options.cursor.get();
    this.#end = this.#options.events.subscribe((event) => this.#appended(event));
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.lost();
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#pace.stop();
  }

  connected(session: MqttSession): void {
    this.#begin(session);
  }

  lost(): void {
    this.#interrupt();
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

  #interrupt(): void {
    this.#saveCursor();
    this.#session = undefined;
    this.#inFlight = [];
    this.#buffer = [];
  }

  #appended(event: EventRecord): void {
    if (event.seq <= this.#options.cursor.get()) {
      // The cursor belongs to another log (a database put back from a copy): deliver this one from its beginning.
      this.#options.logger.warn({ seq: event.seq }, "event log restarted");
      this.#options.cursor.restart();
      this.#acknowledgedSeq = null;
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
      this.#fill();
      const unsaved = (this.#acknowledgedSeq ?? 0) - this.#options.cursor.get();
      if (unsaved >= savedEvery) this.#saveCursor();
      else if (this.#inFlight.length === 0) this.#saveUnlessResting();
    });
  }

  #saveUnlessResting(): void {
    if (this.#rest !== undefined || this.#acknowledgedSeq === null) return;
    this.#saveCursor();
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      if (this.#inFlight.length === 0) this.#saveUnlessResting();
    }, restMs);
    this.#rest.unref();
  }

  /** Half of what the broker takes at once is left to answers and states, which must not wait behind a long queue. */
  #fill(): void {
    const session = this.#session;
    if (!session) return;
    const most = Math.max(1, Math.min(this.#options.window, Math.floor(session.receiveMaximum / 2)));
    try {
      while (this.#inFlight.length < most && this.#pace.hasRoom) {
        const event = this.#next();
        if (!event) return;
        this.#send(event, session);
      }
    } catch (error) {
      this.#pauseAfter(error, "events cannot be read for the broker");
    }
  }

  #next(): EventRecord | undefined {
    if (this.#buffer.length === 0) {
      this.#buffer = [...this.#options.events.read(this.#nextSeq, this.#options.window * 4)];
    }
    const event = this.#buffer.shift();
    if (!event) return undefined;
    const gapBefore: SeqRange = { from: this.#nextSeq, through: event.seq - 1 };
    this.#nextSeq = event.seq + 1;
    if (gapBefore.through < gapBefore.from) return event;
    this.#missed.add(gapBefore);
    return { ...event, gapBefore };
  }

  #send(event: EventRecord, session: MqttSession): void {
    const entry = { seq: event.seq, isAcknowledged: false };
    this.#inFlight.push(entry);
    this.#pace.pass();
    session.publish(this.#options.topic, JSON.stringify(event)).then(
      () => {
        entry.isAcknowledged = true;
        if (this.#session === session) this.#advance();
      },
      (error) => {
        // The broker is there but will not take it (access rights).
        if (this.#session === session && this.#inFlight.includes(entry)) {
          this.#pauseAfter(error, "broker refuses events");
        }
      },
    );
  }

  #advance(): void {
    let acknowledged: number | undefined;
    while (this.#inFlight[0]?.isAcknowledged) acknowledged = this.#inFlight.shift()?.seq;
    if (acknowledged === undefined) return;
    this.#acknowledgedSeq = acknowledged;
    this.#problem = null;
    this.#fillSoon();
  }

  /** Nothing is skipped: tried again from the cursor, after a while. */
  #pauseAfter(error: unknown, text: string): void {
    const session = this.#session;
    if (this.#problem === null) this.#options.logger.error({ error: errorText(error) }, text);
    this.#problem = `${text}: ${errorText(error)}`;
    this.#interrupt();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      if (session && this.#end) this.#begin(session);
    }, this.#options.pauseMs ?? 10_000);
    this.#pause.unref();
  }

  #saveCursor(): void {
    if (this.#acknowledgedSeq === null) return;
    this.#options.cursor.advance(this.#acknowledgedSeq);
    this.#acknowledgedSeq = null;
  }
}
