import { Socket } from "node:net";
import { connect as connectMqtt, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import { maxPayloadBytes } from "../requests/handler.ts";
import { type BackoffLimits, backoffMs, defaultBackoff } from "./backoff.ts";
import type { MqttCredentials } from "./credentials.ts";
import { ProtocolVersion } from "./protocol-version.ts";
import { ClientSession, type MqttMessage, type MqttSession } from "./session.ts";

/** What a part of the daemon wants to know about the connection. */
export interface MqttListener {
  /** A new connection. What must be in place before we call ourselves online is awaited. */
  connected?(session: MqttSession): Promise<void> | void;
  lost?(): void;
  message?(message: MqttMessage, session: MqttSession): void;
}

export interface BrokerConnectionOptions {
  readonly url: string;
  readonly clientId: string;
  readonly availabilityTopic: string;
  /** Called before each attempt; throws LINTEL_E_CONFIG. */
  credentials(): MqttCredentials;
  readonly logger: Logger;
  readonly random: Random;
  readonly clock: Clock;
  readonly backoff?: BackoffLimits;
}

/** A connection that lived this long was a good one: the next loss starts with the shortest wait. */
const goodConnectionMs = 5_000;
const farewellMs = 500;

const online = JSON.stringify({ state: "online" });
const offline = JSON.stringify({ state: "offline" });

/**
 * The connection to the broker, made again for ever. Each attempt is a client of its own with a clean session: nothing
 * that a broker or a library kept from an earlier connection is ever delivered or sent, so a reconnect can open nothing.
 * MQTT 5 is tried first; a broker that refuses the version gets 3.1.1.
 */
export class BrokerConnection {
  readonly #options: BrokerConnectionOptions;
  readonly #listeners: MqttListener[] = [];
  readonly #version = new ProtocolVersion();
  #failures = 0;
  #client: MqttClient | undefined;
  #session: ClientSession | undefined;
  #retry: NodeJS.Timeout | undefined;
  #connectedAtMs = 0;
  #isRunning = false;
  #isComplaining = false;

  constructor(options: BrokerConnectionOptions) {
    this.#options = options;
  }

  get session(): MqttSession | undefined {
    return this.#session;
  }

  attach(listener: MqttListener): void {
    this.#listeners.push(listener);
  }

  /** Begins to connect and returns at once: a door does not wait for a broker. Throws when a credential is missing. */
  start(): void {
    this.#options.credentials();
    this.#isRunning = true;
    this.#attempt();
  }

  /** Says goodbye as `offline` if the broker answers in time, and disconnects. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    clearTimeout(this.#retry);
    const client = this.#client;
    const session = this.#session;
    if (!client) return;
    if (session) {
      const said = session
        .publish(this.#options.availabilityTopic, offline, { isRetained: true })
        .catch(() => undefined);
      await within(farewellMs, said);
    }
    const ended = client.endAsync(session === undefined).catch(() => undefined);
    await within(farewellMs, ended);
    client.stream.destroy();
  }

  /** Cuts the connection as a dying process does, without a goodbye. The next attempt follows. */
  drop(): void {
    this.#client?.stream.destroy();
  }

  // --- internal ---

  #attempt(): void {
    let client: MqttClient;
    try {
      client = connectMqtt(this.#clientOptions());
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#client = client;
    // An answer follows an acknowledgement: without this it waits 40 ms for the peer's delayed one.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const version = this.#version.current;
    let problem: unknown;
    client.on("error", (error) => {
      problem ??= error;
    });
    client.on("disconnect", (packet) => {
      problem ??= new Error(`the broker ended the connection (reason ${packet.reasonCode ?? 0})`);
    });
    client.once("connect", (packet) => {
      const receiveMaximum = packet.properties?.receiveMaximum ?? 65_535;
      problem = undefined;
      this.#connected(new ClientSession(client, version, receiveMaximum));
    });
    client.on("message", (topic, payload, packet) => {
      if (this.#session && this.#client === client) this.#deliver(toMessage(topic, payload, packet));
    });
    client.once("close", () => this.#closed(client, problem));
  }

  #clientOptions(): IClientOptions {
    const { hostname, port, protocol } = new URL(this.#options.url);
    const isTls = protocol === "mqtts:";
    const properties = {
      sessionExpiryInterval: 0,
      maximumPacketSize: maxPayloadBytes + 64 * 1024,
      receiveMaximum: 100,
    };
    return {
      protocol: isTls ? "mqtts" : "mqtt",
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? (isTls ? 8883 : 1883) : Number(port),
      protocolVersion: this.#version.current,
      clientId: this.#options.clientId,
      clean: true,
      resubscribe: false,
      reconnectPeriod: 0,
      queueQoSZero: false,
      connectTimeout: 10_000,
      keepalive: 20,
      will: { topic: this.#options.availabilityTopic, payload: Buffer.from(offline), qos: 1, retain: true },
      ...(this.#version.current === 5 ? { properties } : {}),
      ...(isTls ? { rejectUnauthorized: true } : {}),
      ...this.#options.credentials(),
    };
  }

  #connected(session: ClientSession): void {
    this.#session = session;
    this.#isComplaining = false;
    this.#options.logger.info({ url: this.#options.url, protocolVersion: session.protocolVersion }, "broker connected");
    this.#connectedAtMs = this.#options.clock.nowMs();
    const ready = this.#listeners.map(async (listener) => listener.connected?.(session));
    Promise.allSettled(ready)
      .then(() => session.publish(this.#options.availabilityTopic, online, { isRetained: true }))
      .catch((error) => this.#options.logger.debug({ error: errorText(error) }, "online not published"));
  }

  #deliver(message: MqttMessage): void {
    const session = this.#session;
    if (!session) return;
    for (const listener of this.#listeners) listener.message?.(message, session);
  }

  #closed(client: MqttClient, problem: unknown): void {
    if (this.#client !== client) return;
    const session = this.#session;
    this.#client = undefined;
    this.#session = undefined;
    client.removeAllListeners("message");
    if (session) {
      session.lose();
      this.#version.lost();
      if (this.#options.clock.nowMs() - this.#connectedAtMs >= goodConnectionMs) this.#failures = 0;
      for (const listener of this.#listeners) listener.lost?.();
    }
    if (!this.#isRunning) return;
    if (!session && this.#version.failed(problem)) {
      this.#attempt();
      return;
    }
    this.#failed(problem ?? new Error("the broker closed the connection"));
  }

  #failed(problem: unknown): void {
    const waitMs = backoffMs(this.#failures, this.#options.backoff ?? defaultBackoff, this.#options.random);
    this.#failures += 1;
    const fields = { url: this.#options.url, error: errorText(problem), retryInMs: Math.round(waitMs) };
    if (this.#isComplaining) this.#options.logger.debug(fields, "broker still not reachable");
    else this.#options.logger.warn(fields, "broker not reachable");
    this.#isComplaining = true;
    this.#retry = setTimeout(() => this.#attempt(), waitMs);
  }
}

// --- internal ---

function toMessage(topic: string, payload: Buffer, packet: IPublishPacket): MqttMessage {
  const { responseTopic, correlationData, messageExpiryInterval } = packet.properties ?? {};
  return {
    topic,
    payload,
    isRetained: packet.retain,
    isDuplicate: packet.dup,
    responseTopic,
    correlationData,
    expiresInMs: messageExpiryInterval === undefined ? undefined : messageExpiryInterval * 1000,
  };
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
