import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Door, EventLog, Health, People } from "../api.ts";
import type { MqttListener } from "./client.ts";
import type { MqttSession } from "./session.ts";
import type { Topics } from "./topics.ts";

export interface PublisherOptions {
  readonly topics: Topics;
  readonly door: Pick<Door, "state" | "subscribe">;
  readonly people: Pick<People, "list">;
  readonly events: Pick<EventLog, "subscribe">;
  /** Version, configuration without secrets, models with their hashes. */
  info(): Readonly<Record<string, unknown>>;
  health(): Health;
  readonly logger: Logger;
  readonly healthIntervalMs?: number;
  readonly settleMs?: number;
}

/** Keeps the retained topics `state`, `info` and `health` true: on each connection, on change, health every minute. */
export class Publisher implements MqttListener {
  readonly #options: PublisherOptions;
  readonly #endings: (() => void)[] = [];
  #session: MqttSession | undefined;
  #settling: NodeJS.Timeout | undefined;
  #lastState = "";

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  start(): void {
    const { door, events, healthIntervalMs } = this.#options;
    this.#endings.push(door.subscribe(() => this.#stateChanged()));
    this.#endings.push(
      events.subscribe((event) => {
        if (event.type === "enrolled" || event.type === "removed") this.#stateChanged();
      }),
    );
    const timer = setInterval(() => this.publishHealth(), healthIntervalMs ?? 60_000);
    timer.unref();
    this.#endings.push(() => clearInterval(timer));
  }

  /** A change that was still settling is published at once: the last word of a stopping daemon is "locked". */
  stop(): void {
    for (const end of this.#endings.splice(0)) end();
    if (this.#settling === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#publishState();
  }

  connected(session: MqttSession): void {
    this.#session = session;
    this.#lastState = "";
    this.#publishState();
    this.#publish(this.#options.topics.info, () => this.#options.info());
    this.publishHealth();
  }

  lost(): void {
    this.#session = undefined;
  }

  /** Publishes health now, for a part that has just failed or recovered. */
  publishHealth(): void {
    this.#publish(this.#options.topics.health, () => this.#options.health());
  }

  // --- internal ---

  /** A burst of changes (a contact that bounces) becomes one message with the last of them. */
  #stateChanged(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#publishState();
    }, this.#options.settleMs ?? 20);
  }

  #publishState(): void {
    this.#publish(this.#options.topics.state, () => {
      const state = { ...this.#options.door.state, people: this.#options.people.list().length };
      const text = JSON.stringify(state);
      if (text === this.#lastState) return undefined;
      this.#lastState = text;
      return state;
    });
  }

  #publish(topic: string, payload: () => Readonly<Record<string, unknown>> | undefined): void {
    const session = this.#session;
    if (!session) return;
    const content = payload();
    if (content === undefined) return;
    session
      .publish(topic, JSON.stringify(content), { isRetained: true })
      .catch((error) => this.#options.logger.debug({ topic, error: errorText(error) }, "not published"));
  }
}
