import { errorText } from "../../../core/errors.ts";
import type { Logger } from "../../../core/logger.ts";
import type { Random } from "../../../core/random.ts";
import type { Timers } from "../../../core/timers.ts";
import type { MqttListener } from "../client.ts";
import type { MqttMessage, MqttSession } from "../session.ts";
import type { HomeAssistantConfig } from "./config.ts";
import { type Announcement, birthTopic, discoveryPayload, discoveryTopic } from "./discovery.ts";

/** One text that is kept over restarts; empty: none. */
export interface KeptText {
  get(): string;
  set(text: string): void;
}

export interface AnnouncerOptions {
  readonly config: HomeAssistantConfig;
  readonly announcement: Announcement;
  /** On which topic the door was announced: it is cleared there when that is switched off, also after a restart. */
  readonly announcedOn: KeptText;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** Many doors hear the same birth message; they answer within this time. */
const spreadMs = 2000;

/**
 * Announces the door to Home Assistant on each connection and whenever Home Assistant has started; takes the announcement
 * back where it is switched off. Nothing is sent to a broker whose user never asked for it.
 */
export class HomeAssistantAnnouncer implements MqttListener {
  readonly #options: AnnouncerOptions;
  #session: MqttSession | undefined;
  #callOff: (() => void) | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  async connected(session: MqttSession): Promise<void> {
    this.#session = session;
    await this.#takeBack(session);
    const { config, logger } = this.#options;
    if (!config.enabled) return;
    this.#announce();
    try {
      await session.subscribe(birthTopic(config.prefix));
    } catch (error) {
      logger.error({ error: errorText(error) }, "Home Assistant's birth message not subscribed");
    }
  }

  lost(): void {
    this.#session = undefined;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  message({ topic, payload, isRetained }: MqttMessage): void {
    const { config, timers, random } = this.#options;
    if (!config.enabled || isRetained || topic !== birthTopic(config.prefix)) return;
    if (Buffer.from(payload).toString("utf8") !== "online") return;
    this.#callOff ??= timers.after(random() * spreadMs, () => {
      this.#callOff = undefined;
      this.#announce();
    });
  }

  // --- internal ---

  #announce(): void {
    const { config, announcement, announcedOn, logger } = this.#options;
    const topic = discoveryTopic(config.prefix, announcement.doorId);
    // Noted first: what may lie in the broker is known, whatever happens now.
    if (announcedOn.get() !== topic) announcedOn.set(topic);
    this.#session
      ?.publish(topic, JSON.stringify(discoveryPayload(announcement)), { isRetained: true })
      .catch((error) => logger.error({ topic, error: errorText(error) }, "not announced to Home Assistant"));
  }

  /** An empty retained message removes the device. */
  async #takeBack(session: MqttSession): Promise<void> {
    const { config, announcement, announcedOn, logger } = this.#options;
    const before = announcedOn.get();
    if (before === "") return;
    if (config.enabled && before === discoveryTopic(config.prefix, announcement.doorId)) return;
    try {
      await session.publish(before, "", { isRetained: true });
      announcedOn.set("");
      logger.info({ topic: before }, "no longer announced to Home Assistant");
    } catch (error) {
      logger.debug({ topic: before, error: errorText(error) }, "announcement not taken back yet");
    }
  }
}
