import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { MqttSession } from "../mqtt/session.ts";
import type { Serial } from "./serial.ts";

export interface RepublisherParts {
  /** The message that stands for a person now; null when it is not ours to give. */
  messageFor(topicId: string): Promise<string | null>;
  /** Whether this door wrote what counts of a person. */
  isOwn(topicId: string): boolean;
  topic(topicId: string): string;
  readonly serial: Serial;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** Messages on their way to the broker at once. */
const window = 32;
/** Who did not write a record waits this long for who did, before it helps the broker out. */
const patienceMs = { least: 2_000, most: 10_000 };
/** A broker that keeps losing the same record is helped this often. */
const healEveryMs = 30_000;

/**
 * Sees to it that the broker keeps what this door knows: after a connection it gives what the broker did not hand out (a
 * broker without persistence, one that was restored from an old copy, an old bridge). First whoever wrote it; the others
 * wait a random while and give only what nobody else gave.
 */
export class Republisher {
  readonly #parts: RepublisherParts;
  readonly #missing = new Set<string>();
  readonly #healedAtMs = new Map<string, number>();
  #session: MqttSession | undefined;
  #callOff: () => void = () => {};
  #isComplaining = false;

  constructor(parts: RepublisherParts) {
    this.#parts = parts;
  }

  /** How many records the broker does not have yet, as far as we know. */
  get missing(): number {
    return this.#missing.size;
  }

  connected(session: MqttSession, topicIds: Iterable<string>): void {
    this.lost();
    this.#session = session;
    for (const topicId of topicIds) this.#missing.add(topicId);
  }

  lost(): void {
    this.#session = undefined;
    this.#callOff();
    this.#missing.clear();
  }

  /** Written here, or to be sealed anew: the broker does not have it as it should. */
  need(topicId: string): void {
    if (this.#session) this.#missing.add(topicId);
  }

  /** The broker has it. */
  seen(topicId: string): void {
    this.#missing.delete(topicId);
  }

  /** Everything that was kept has come in: what did not come is missing. */
  settled(): void {
    const own = [...this.#missing].filter((topicId) => this.#parts.isOwn(topicId));
    void this.#giveAll(own);
    if (this.#missing.size > own.length) this.#helpLater();
  }

  /** The broker has an older one, or rubbish, in its place. */
  heal(topicId: string): void {
    const nowMs = this.#parts.clock.nowMs();
    const healedAtMs = this.#healedAtMs.get(topicId);
    if (healedAtMs !== undefined && nowMs - healedAtMs < healEveryMs) return;
    this.#healedAtMs.set(topicId, nowMs);
    this.#missing.add(topicId);
    this.#helpLater();
  }

  /** Gives one record now; resolves with the broker's acknowledgement. False when it was not given. */
  async give(topicId: string): Promise<boolean> {
    const { serial, messageFor, topic, logger } = this.#parts;
    const session = this.#session;
    if (!session) return false;
    this.#missing.add(topicId);
    try {
      // Built and sent in one step of the series: nothing newer can overtake it and then be overwritten by it.
      const sent = await serial.run(async () => {
        const message = await messageFor(topicId);
        return message === null
          ? null
          : { acknowledged: session.publish(topic(topicId), message, { isRetained: true }) };
      });
      await sent?.acknowledged;
      this.#missing.delete(topicId);
      this.#isComplaining = false;
      return sent !== null;
    } catch (error) {
      if (!this.#isComplaining && this.#session === session) {
        logger.warn({ error: errorText(error) }, "the broker does not take a record of the fleet");
      }
      this.#isComplaining = true;
      return false;
    }
  }

  // --- internal ---

  #helpLater(): void {
    const { timers, random } = this.#parts;
    this.#callOff();
    const delayMs = patienceMs.least + random() * (patienceMs.most - patienceMs.least);
    this.#callOff = timers.after(delayMs, () => void this.#giveAll([...this.#missing]));
  }

  async #giveAll(topicIds: readonly string[]): Promise<void> {
    const session = this.#session;
    const queue = topicIds[Symbol.iterator]();
    const work = async () => {
      for (const topicId of queue) {
        if (this.#session !== session) return;
        if (this.#missing.has(topicId)) await this.give(topicId);
      }
    };
    await Promise.all(Array.from({ length: window }, work));
  }
}
