import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog } from "../api.ts";
import type { Ledger } from "./ledger.ts";
import { type LocalChange, LocalChanges } from "./local-changes.ts";
import type { Membership } from "./membership.ts";
import type { Republisher } from "./republisher.ts";
import type { Roster } from "./roster.ts";
import type { Serial } from "./serial.ts";
import type { SyncState } from "./sync-state.ts";
import { confirmMs, type DoorVoice } from "./voice.ts";

export interface LocalWriterParts {
  readonly ledger: Ledger;
  readonly membership: Pick<Membership, "roster">;
  readonly republisher: Pick<Republisher, "need" | "give">;
  readonly sync: Pick<SyncState, "isSettled">;
  readonly voice: Pick<DoorVoice, "sayIn">;
  readonly serial: Serial;
  readonly events: Pick<EventLog, "subscribe">;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** Changes one after the other are told together. */
const ownChangeMs = 150;

/** Writes down what is changed at this door, and tells the others. */
export class LocalWriter {
  readonly #parts: LocalWriterParts;
  readonly #changes: LocalChanges;
  #callOff: () => void = () => {};

  constructor(parts: LocalWriterParts) {
    this.#parts = parts;
    this.#changes = new LocalChanges((change) => this.#changed(change));
  }

  start(): void {
    this.#changes.start(this.#parts.events);
  }

  stop(): void {
    this.lost();
    this.#changes.stop();
  }

  lost(): void {
    this.#callOff();
  }

  /** Writes what was changed so far. Part of the series. */
  async writeChanges(): Promise<void> {
    const { ledger } = this.#parts;
    for (const { id, wasRemoved } of this.#changes.take()) {
      const topic = ledger.noteLocal(id, wasRemoved && !ledger.isHere(id));
      if (await ledger.writeLocal(topic, { wasRemoved })) this.#tell(topic);
    }
  }

  /** From here on this roster counts; what was changed while nobody listened is written. */
  use(roster: Roster): void {
    const { ledger } = this.#parts;
    ledger.use(roster);
    for (const topic of ledger.unwritten()) this.#write(topic, () => ledger.writeLocal(topic));
  }

  /** What a door has signed that is none of ours any more is signed anew by whoever comes first. */
  takeOrphansLater(): void {
    const { timers, random, ledger, membership } = this.#parts;
    this.#callOff();
    const delayMs = confirmMs.least + random() * (confirmMs.most - confirmMs.least);
    this.#callOff = timers.after(delayMs, () => {
      if (membership.roster === null) return;
      for (const topic of ledger.orphans()) {
        this.#write(topic, async () => ledger.isOrphan(topic) && ledger.writeLocal(topic, { isForced: true }));
      }
    });
  }

  // --- internal ---

  #changed({ id, wasRemoved }: LocalChange): void {
    const { membership, ledger, serial } = this.#parts;
    if (membership.roster === null) return;
    ledger.noteLocal(id, wasRemoved);
    serial.run(() => this.writeChanges()).catch((error) => this.#complain(error));
  }

  #write(topic: string, write: () => Promise<boolean>): void {
    this.#parts.serial
      .run(async () => {
        if (await write()) this.#tell(topic);
      })
      .catch((error) => this.#complain(error));
  }

  #tell(topic: string): void {
    const { republisher, sync, voice } = this.#parts;
    republisher.need(topic);
    if (!sync.isSettled) return;
    void republisher.give(topic);
    voice.sayIn(ownChangeMs);
  }

  #complain(error: unknown): void {
    this.#parts.logger.error({ error: errorText(error) }, "a change could not be told to other doors");
  }
}
