import type { MqttClient } from "mqtt";

/** A message as it came from the broker. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the broker and handed out because we subscribed (or, with MQTT 5, sent to be kept). */
  readonly isRetained: boolean;
  readonly isDuplicate: boolean;
  readonly responseTopic: string | undefined;
  readonly correlationData: Uint8Array | undefined;
  /** What is left of its time; undefined: no limit. */
  readonly expiresInMs: number | undefined;
}

export interface PublishOptions {
  readonly isRetained?: boolean;
  /** MQTT 5 only; left out with 3.1.1. */
  readonly correlationData?: Uint8Array | undefined;
}

/** One live connection. It never comes back: after `lost` there is another session or none. */
export interface MqttSession {
  readonly protocolVersion: 4 | 5;
  /** How many unacknowledged messages the broker takes at once. */
  readonly receiveMaximum: number;
  /** QoS 1; resolves with the broker's acknowledgement, rejects when it refuses or the connection is lost before it. */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
  /** QoS 1, without our own messages where the protocol can (MQTT 5). */
  subscribe(filter: string): Promise<void>;
}

/**
 * The session over one connection of the library; `lose` fails what is still unanswered. No more messages are on their way
 * at once than the broker takes (MQTT 5: more would end the connection); the others follow in their order.
 */
export class ClientSession implements MqttSession {
  readonly protocolVersion: 4 | 5;
  readonly receiveMaximum: number;
  readonly #client: MqttClient;
  readonly #unanswered = new Set<(error: Error) => void>();
  readonly #waiting: (() => void)[] = [];
  #onTheirWay = 0;
  #isLost = false;

  constructor(client: MqttClient, protocolVersion: 4 | 5, receiveMaximum: number) {
    this.#client = client;
    this.protocolVersion = protocolVersion;
    this.receiveMaximum = receiveMaximum;
  }

  publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { correlationData, isRetained } = options;
    const properties =
      correlationData !== undefined && this.protocolVersion === 5
        ? { properties: { correlationData: Buffer.from(correlationData) } }
        : {};
    const message = typeof payload === "string" ? payload : Buffer.from(payload);
    const send = () =>
      this.#client.publishAsync(topic, message, { qos: 1, retain: isRetained ?? false, ...properties });
    return this.#answered(() => this.#inTurn(send));
  }

  subscribe(filter: string): Promise<void> {
    return this.#answered(async () => {
      const flags = this.protocolVersion === 5 ? { nl: true, rap: true, rh: 0 } : {};
      const granted = await this.#client.subscribeAsync(filter, { qos: 1, ...flags });
      if (granted.some((grant) => grant.qos >= 128)) throw new Error("the broker refuses the subscription");
    });
  }

  lose(): void {
    this.#isLost = true;
    for (const reject of this.#unanswered) reject(new Error("connection lost"));
    this.#unanswered.clear();
    this.#waiting.length = 0;
  }

  // --- internal ---

  /** Sends when the broker takes one more, in the order of the calls. */
  #inTurn(send: () => Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        send()
          .then(() => resolve(), reject)
          .finally(() => {
            this.#onTheirWay -= 1;
            this.#sendNext();
          });
      });
      this.#sendNext();
    });
  }

  #sendNext(): void {
    while (this.#onTheirWay < this.receiveMaximum) {
      const send = this.#waiting.shift();
      if (!send) return;
      this.#onTheirWay += 1;
      send();
    }
  }

  #answered(run: () => Promise<void>): Promise<void> {
    if (this.#isLost) return Promise.reject(new Error("connection lost"));
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      run()
        .then(resolve, reject)
        .finally(() => this.#unanswered.delete(reject));
    });
  }
}
