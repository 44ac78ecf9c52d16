import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { ArtState } from "../api.ts";
import type { MqttListener } from "./client.ts";
import type { MqttSession } from "./session.ts";
import type { Topics } from "./topics.ts";

export interface ArtTopicsOptions {
  readonly topics: Pick<Topics, "picture" | "artState">;
  /** What is painted and shown; calls back when it changes. */
  readonly art: { readonly state: ArtState };
  readonly wall: {
    subscribe(listener: () => void): () => void;
    picture(key: string, options: { readonly forBroker: true }): Promise<Buffer | null>;
  };
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Progress is published at most this often. */
const everyMs = 5000;

/** Keeps the retained topics `art/image` (the picture of the moment) and `art/state` (queue and progress) true. */
export class ArtTopics implements MqttListener {
  readonly #options: ArtTopicsOptions;
  #session: MqttSession | undefined;
  #unsubscribe: () => void = () => {};
  #callOff: (() => void) | undefined;
  #imageKey: string | null | undefined;
  #state = "";

  constructor(options: ArtTopicsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.wall.subscribe(() => this.#changed());
  }

  stop(): void {
    this.#unsubscribe();
    this.#callOff?.();
    this.#session = undefined;
  }

  connected(session: MqttSession): void {
    this.#session = session;
    this.#imageKey = undefined;
    this.#state = "";
    this.#publish();
  }

  lost(): void {
    this.#session = undefined;
  }

  // --- internal ---

  /** Another picture is told at once, progress when the last word is old enough. */
  #changed(): void {
    if (this.#options.art.state.shown?.key !== this.#imageKey) this.#publish();
    this.#callOff ??= this.#options.timers.after(everyMs, () => {
      this.#callOff = undefined;
      this.#publish();
    });
  }

  #publish(): void {
    const session = this.#session;
    if (!session) return;
    const { art, topics } = this.#options;
    const text = JSON.stringify(art.state);
    if (text !== this.#state) this.#send(session, topics.artState, text);
    this.#state = text;
    const key = art.state.shown?.key ?? null;
    // Where there never was a picture nothing needs to be taken back.
    if (key === this.#imageKey || (key === null && this.#imageKey === undefined)) return;
    this.#imageKey = key;
    void this.#publishImage(session, key);
  }

  async #publishImage(session: MqttSession, key: string | null): Promise<void> {
    const jpeg = key === null ? Buffer.alloc(0) : await this.#options.wall.picture(key, { forBroker: true });
    if (jpeg && key === this.#imageKey) this.#send(session, this.#options.topics.picture, jpeg);
  }

  #send(session: MqttSession, topic: string, payload: string | Uint8Array): void {
    session
      .publish(topic, payload, { isRetained: true })
      .catch((error) => this.#options.logger.debug({ topic, error: errorText(error) }, "not published"));
  }
}
