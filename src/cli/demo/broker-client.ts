import { randomUUID } from "node:crypto";
import { connectAsync, type MqttClient } from "mqtt";
import { z } from "zod";

/** An event of the door as it comes over MQTT. */
const eventMessage = z.looseObject({ seq: z.int(), time: z.string(), type: z.string() });
export type EventMessage = z.infer<typeof eventMessage>;

const answerMessage = z.looseObject({
  status: z.enum(["ok", "error"]),
  error: z.string().optional(),
  data: z.unknown(),
  transaction: z.string().optional(),
});
type Answer = z.infer<typeof answerMessage>;

/** Somebody far away with an MQTT client: hears the events of a door and sends requests over a real TCP connection. */
export class BrokerClient {
  readonly #client: MqttClient;
  readonly #base: string;
  readonly #listeners = new Set<(event: EventMessage) => void>();
  readonly #pictures = new Map<string, (payload: Buffer) => void>();
  readonly #answers = new Map<string, (answer: Answer) => void>();

  private constructor(client: MqttClient, base: string) {
    this.#client = client;
    this.#base = base;
    client.on("message", (topic, payload) => this.#take(topic, payload));
  }

  /** Rejects when there is no broker within the time. */
  static async connect(url: string, doorId: string, timeoutMs: number): Promise<BrokerClient> {
    const client = await connectAsync(url, { protocolVersion: 4, connectTimeout: timeoutMs, reconnectPeriod: 200 });
    const found = new BrokerClient(client, `lintel/${doorId}`);
    await client.subscribeAsync(["event", "response/#", "availability"].map((name) => `${found.#base}/${name}`));
    return found;
  }

  onEvent(listener: (event: EventMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends a request and gives back the `data` of its answer; rejects with the door's own words. */
  async request(name: string, data: Readonly<Record<string, unknown>>, timeoutMs = 10_000): Promise<unknown> {
    const transaction = randomUUID();
    const answered = this.#until<Answer>(timeoutMs, (resolve) => this.#answers.set(transaction, resolve));
    await this.#client.publishAsync(`${this.#base}/request/${name}`, JSON.stringify({ ...data, transaction }), {
      qos: 1,
    });
    return dataOf(await answered);
  }

  /** The bytes of the first message on a topic of the door, kept by the broker or to come. */
  async bytes(name: string, timeoutMs: number): Promise<Buffer> {
    const topic = `${this.#base}/${name}`;
    const arrived = this.#until<Buffer>(timeoutMs, (resolve) => this.#pictures.set(topic, resolve));
    // A failed subscription must not leave the promise behind.
    arrived.catch(() => {});
    await this.#client.subscribeAsync(topic, { qos: 1 });
    return arrived.finally(() => this.#pictures.delete(topic));
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  // --- internal ---

  #take(topic: string, payload: Buffer): void {
    this.#pictures.get(topic)?.(payload);
    const message: unknown = parse(payload.toString("utf8"));
    if (topic === `${this.#base}/event`) {
      const event = eventMessage.safeParse(message);
      if (event.success) for (const listener of [...this.#listeners]) listener(event.data);
    } else if (topic.startsWith(`${this.#base}/response/`)) {
      const answer = answerMessage.safeParse(message);
      if (!answer.success) return;
      this.#answers.get(answer.data.transaction ?? "")?.(answer.data);
    }
  }

  #until<T>(timeoutMs: number, begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      begin((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }
}

// --- internal ---

function dataOf(answer: Answer): unknown {
  if (answer.status === "error") throw new Error(answer.error ?? "the door refused");
  return answer.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
