import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { RequestContext } from "../api.ts";
import type { SignedRequests } from "../keys/signed-requests.ts";
import type { Dispatcher } from "../requests/dispatch.ts";
import type { RefusalLog } from "../requests/refusal-log.ts";
import type { BackoffLimits } from "./backoff.ts";
import { BrokerConnection, type MqttListener } from "./client.ts";
import { type MqttConfig, servesRestrictedRequests } from "./config.ts";
import { readCredentials } from "./credentials.ts";
import { EmbeddedBroker } from "./embedded-broker.ts";
import { LiveEvents } from "./live-events.ts";
import type { DeliveryStatus } from "./missed-events.ts";
import { Outbox, type OutboxCursor } from "./outbox.ts";
import { Publisher } from "./publisher.ts";
import { RequestsOverMqtt } from "./requests-over-mqtt.ts";
import { topicsOf } from "./topics.ts";

export interface MqttServiceOptions {
  readonly config: MqttConfig;
  readonly doorId: string;
  readonly context: Pick<RequestContext, "people" | "door" | "events" | "health">;
  readonly dispatcher: Dispatcher;
  readonly refusals: RefusalLog;
  /** What opens signed requests; needed for `requests: signed`. */
  readonly signed: SignedRequests | undefined;
  readonly cursor: OutboxCursor;
  /** Other parts of the daemon that take messages from the broker. */
  readonly listeners?: readonly MqttListener[];
  /** Content of the topic `info`. */
  info(): Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `$CREDENTIALS_DIRECTORY`. */
  readonly credentialsDirectory?: string | undefined;
  /** A busy port of the embedded broker gives way to a free one (demo). */
  readonly allowOtherPort?: boolean;
  readonly backoff?: BackoffLimits;
  readonly publishing?: { readonly healthIntervalMs?: number; readonly settleMs?: number };
}

const lastAnswersMs = 500;

/** Everything MQTT of one door: the embedded broker if none is named, requests in, state and events out. */
export class MqttService {
  readonly #options: MqttServiceOptions;
  readonly #log: Logger;
  readonly #requests: RequestsOverMqtt;
  readonly #publisher: Publisher;
  readonly #outbox: Outbox;
  readonly #live: LiveEvents;
  #broker: EmbeddedBroker | undefined;
  #connection: BrokerConnection | undefined;

  constructor(options: MqttServiceOptions) {
    const { config, context, clock, dispatcher, refusals } = options;
    this.#options = options;
    const log = options.logger.child({ component: "mqtt" });
    this.#log = log;
    const topics = topicsOf(options.doorId, config.homeAssistant.prefix);
    const isTrusted = servesRestrictedRequests(config);
    const signed = config.requests === "signed" ? options.signed : undefined;
    if (config.requests === "signed" && !signed) throw new Error("signed requests without what opens them");
    this.#requests = new RequestsOverMqtt({ topics, dispatcher, refusals, isTrusted, signed, clock, logger: log });
    this.#publisher = new Publisher({
      ...options.publishing,
      ...{ topics, door: context.door, people: context.people, events: context.events, logger: log },
      info: () => options.info(),
      health: () => context.health(),
    });
    this.#outbox = new Outbox({
      topic: topics.event,
      events: context.events,
      cursor: options.cursor,
      window: config.eventWindow,
      logger: log,
    });
    this.#live = new LiveEvents({ topic: topics.live, events: context.events, logger: log });
  }

  /** The broker's URL; known once started. */
  get url(): string | undefined {
    return this.#options.config.url ?? this.#broker?.url;
  }

  get isConnected(): boolean {
    return this.#connection?.session !== undefined;
  }

  /** How far the broker has been told. */
  get delivery(): DeliveryStatus {
    return this.#outbox.status;
  }

  /** Cuts the connection without a goodbye, as a lost network does; it is made again. */
  dropConnection(): void {
    this.#connection?.drop();
  }

  /** Publishes `health` now. */
  publishHealth(): void {
    this.#publisher.publishHealth();
  }

  /** Does not wait for a broker. Throws LINTEL_E_CONFIG (credentials) or LINTEL_E_UNAVAILABLE (port of our own broker). */
  async start(): Promise<void> {
    const { config, doorId } = this.#options;
    const topics = topicsOf(doorId);
    if (config.url === undefined) {
      this.#broker = new EmbeddedBroker({
        port: config.port,
        allowOtherPort: this.#options.allowOtherPort ?? false,
        logger: this.#log,
        isUnretainable: (topic) => topics.requestName(topic) !== undefined,
        onRetainedRefused: (topic) => this.#requests.retainedRefused(topic),
      });
      await this.#broker.start();
    }
    const connection = new BrokerConnection({
      url: config.url ?? this.#broker?.url ?? "",
      clientId: config.clientId ?? `lintel-${doorId}`,
      availabilityTopic: topics.availability,
      credentials: () => readCredentials(config, this.#options.credentialsDirectory),
      logger: this.#log,
      random: this.#options.random,
      clock: this.#options.clock,
      ...(this.#options.backoff === undefined ? {} : { backoff: this.#options.backoff }),
    });
    const others = this.#options.listeners ?? [];
    for (const part of [this.#requests, this.#publisher, this.#live, this.#outbox, ...others]) connection.attach(part);
    this.#publisher.start();
    this.#live.start();
    this.#outbox.start();
    this.#connection = connection;
    connection.start();
  }

  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastAnswersMs);
    });
    await Promise.race([this.#requests.idle(), limit]);
    clearTimeout(timer);
    this.#outbox.stop();
    this.#live.stop();
    this.#publisher.stop();
    await this.#connection?.stop();
    await this.#broker?.stop();
    this.#connection = undefined;
    this.#broker = undefined;
  }
}
