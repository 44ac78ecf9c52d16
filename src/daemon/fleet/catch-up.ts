import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { MqttSession } from "../mqtt/session.ts";
import type { Inbox } from "./inbox.ts";
import type { FleetTopics } from "./topics.ts";

export interface CatchUpParts {
  readonly topics: FleetTopics;
  readonly inbox: Inbox;
  /** Whether this door can read the site's messages at all. */
  isMember(): boolean;
  /** Everything that the broker has kept has come in, as far as silence can tell. */
  settled(session: MqttSession): void;
  readonly logger: Logger;
}

/** How long nothing may come before the next part is asked for; longer each time in vain. */
const patienceMs = { least: 50, most: 1_600 };

/** Asks the broker for everything it has kept: the roster, the doors, then the people part by part. */
export class CatchUp {
  readonly #parts: CatchUpParts;
  #session: MqttSession | undefined;
  #round = 0;
  #patienceMs = patienceMs.least;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** A new connection; rejects when not even the roster may be read. */
  async connected(session: MqttSession): Promise<void> {
    this.#session = session;
    this.succeeded();
    await session.subscribe(this.#parts.topics.roster);
    this.begin();
  }

  lost(): void {
    this.#session = undefined;
    this.#round += 1;
  }

  /** The door has everything: next time it need not wait longer than at first. */
  succeeded(): void {
    this.#patienceMs = patienceMs.least;
  }

  /** Starts from the beginning, in place of what may be under way. Nothing happens without a connection. */
  begin(): void {
    const session = this.#session;
    this.#round += 1;
    if (session === undefined) return;
    this.#run(session, this.#round).catch((error) =>
      this.#parts.logger.debug({ error: errorText(error) }, "fleet: catching up was broken off"),
    );
  }

  // --- internal ---

  async #run(session: MqttSession, round: number): Promise<void> {
    const { topics, inbox, settled } = this.#parts;
    const isOver = () => this.#round !== round;
    const waitMs = this.#patienceMs;
    if (!(await inbox.quiet(waitMs, isOver)) || !this.#parts.isMember()) return;
    for (const filter of [topics.doorFilter, ...topics.personFilters]) {
      await session.subscribe(filter);
      if (!(await inbox.quiet(waitMs, isOver))) return;
    }
    this.#patienceMs = Math.min(waitMs * 2, patienceMs.most);
    settled(session);
  }
}
