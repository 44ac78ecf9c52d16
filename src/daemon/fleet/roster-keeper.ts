import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { MqttSession } from "../mqtt/session.ts";
import type { Membership } from "./membership.ts";

export interface RosterKeeperParts {
  readonly topic: string;
  readonly membership: Pick<Membership, "jws">;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** An older roster at the broker is replaced after this time: one door of many is enough. */
const patienceMs = { least: 1_000, most: 10_000 };

/** Sees to it that the broker keeps the newest roster. */
export class RosterKeeper {
  readonly #parts: RosterKeeperParts;
  #session: MqttSession | undefined;
  #atBroker: string | null = null;
  #callOff: () => void = () => {};

  constructor(parts: RosterKeeperParts) {
    this.#parts = parts;
  }

  connected(session: MqttSession): void {
    this.lost();
    this.#session = session;
  }

  /** Safe to call twice. */
  lost(): void {
    this.#session = undefined;
    this.#atBroker = null;
    this.#callOff();
  }

  /** This is what the broker has. */
  saw(jws: string): void {
    this.#atBroker = jws;
    if (jws === this.#parts.membership.jws) this.#callOff();
  }

  /** Not at once, and only if nobody else has done it by then. */
  giveLater(): void {
    const { timers, random } = this.#parts;
    this.#callOff();
    const delayMs = patienceMs.least + random() * (patienceMs.most - patienceMs.least);
    this.#callOff = timers.after(delayMs, () => void this.give());
  }

  /** Gives it if the broker does not have it. */
  async give(): Promise<void> {
    const { membership, topic, logger } = this.#parts;
    const { jws } = membership;
    if (this.#session === undefined || jws === null || jws === this.#atBroker) return;
    try {
      await this.#session.publish(topic, jws, { isRetained: true });
      this.#atBroker = jws;
    } catch (error) {
      logger.warn({ error: errorText(error) }, "the broker does not take the roster");
    }
  }
}
