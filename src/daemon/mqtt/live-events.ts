import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventLog, EventRecord } from "../api.ts";
import type { MqttListener } from "./client.ts";
import type { MqttSession } from "./session.ts";

/** With so many unacknowledged a newer event is left out: it still comes on `event`. */
const mostOnTheirWay = 100;

/**
 * Says each event once more, at once, on a topic of its own. On `event` they come in order, so behind a long queue after
 * an outage; here only what happens now is said, and nothing that is over: what reacts to the moment (a light, a
 * notification) listens here and is not set off by yesterday. The event log stays the record.
 */
export class LiveEvents implements MqttListener {
  readonly #topic: string;
  readonly #events: Pick<EventLog, "subscribe">;
  readonly #logger: Logger;
  #session: MqttSession | undefined;
  #end: (() => void) | undefined;
  #onTheirWay = 0;

  constructor(options: {
    readonly topic: string;
    readonly events: Pick<EventLog, "subscribe">;
    readonly logger: Logger;
  }) {
    this.#topic = options.topic;
    this.#events = options.events;
    this.#logger = options.logger;
  }

  start(): void {
    // In a turn of its own: whoever appends an event is deciding about the door.
    this.#end = this.#events.subscribe((event) => void setImmediate(() => this.#say(event)));
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#session = undefined;
  }

  connected(session: MqttSession): void {
    this.#session = session;
  }

  lost(): void {
    this.#session = undefined;
  }

  // --- internal ---

  #say(event: EventRecord): void {
    if (!this.#session || this.#onTheirWay >= mostOnTheirWay) return;
    this.#onTheirWay += 1;
    // Home Assistant wants the type under this name.
    this.#session
      .publish(this.#topic, JSON.stringify({ ...event, event_type: event.type }))
      .catch((error) => this.#logger.debug({ seq: event.seq, error: errorText(error) }, "live event not published"))
      .finally(() => {
        this.#onTheirWay -= 1;
      });
  }
}
