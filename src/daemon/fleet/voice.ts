import type { KeyObject } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import { canonicalJson } from "../events/canonical-json.ts";
import type { MqttSession } from "../mqtt/session.ts";
import type { DoorDocument } from "./documents.ts";
import { sealJws, signText } from "./envelope.ts";
import type { Membership } from "./membership.ts";
import type { RootHistory } from "./root-history.ts";
import type { Serial } from "./serial.ts";
import type { FleetStore } from "./store.ts";
import type { SyncState } from "./sync-state.ts";
import type { FleetView } from "./view.ts";

export interface VoiceParts {
  readonly site: string;
  readonly self: string;
  readonly topic: string;
  readonly signKey: KeyObject;
  readonly membership: Membership;
  readonly sync: SyncState;
  readonly view: FleetView;
  readonly history: RootHistory;
  readonly store: FleetStore;
  readonly db: { transaction<T>(work: () => T): T };
  readonly serial: Serial;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const stateName = "said-at-ms";
/** Every so often, so that others know that it is still there. */
const heartbeatMs = 60_000;
/** Whoever made a change says so at once; who has heard of one confirms it within this time. */
export const confirmMs = { least: 500, most: 5_000 };
const mostPerDoorMs = 200;

/** What one says all others hear: where there are many doors they take more time, so that each hears five a second. */
export function mostConfirmMs(doors: number): number {
  return Math.max(confirmMs.most, mostPerDoorMs * doors);
}

/** What this door says of itself to the others: what it knows, by root and count, and since when that was whole. */
export class DoorVoice {
  readonly #parts: VoiceParts;
  #session: MqttSession | undefined;
  #callOff: () => void = () => {};
  #dueMs = Number.POSITIVE_INFINITY;
  #saidAtMs = 0;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#saidAtMs = Number(this.#parts.store.state(stateName)) || 0;
  }

  /** What the broker has kept has come in: now there is something to say. */
  connected(session: MqttSession): void {
    this.#session = session;
    this.sayIn(0);
  }

  /** Safe to call twice. */
  lost(): void {
    this.#session = undefined;
    this.#callOff();
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** Some time soon, not all doors at once. */
  confirm(): void {
    const { membership, random } = this.#parts;
    const mostMs = mostConfirmMs(membership.roster?.doors.length ?? 0);
    this.sayIn(confirmMs.least + random() * (mostMs - confirmMs.least));
  }

  /** Says it after this time, or earlier if it was to be said earlier. */
  sayIn(delayMs: number): void {
    if (!this.#session) return;
    const dueMs = this.#parts.clock.nowMs() + delayMs;
    if (dueMs >= this.#dueMs) return;
    this.#callOff();
    this.#dueMs = dueMs;
    this.#callOff = this.#parts.timers.after(delayMs, () => void this.#say());
  }

  // --- internal ---

  async #say(): Promise<void> {
    const { serial, topic, logger } = this.#parts;
    const session = this.#session;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.sayIn(heartbeatMs * (0.9 + 0.2 * this.#parts.random()));
    try {
      const message = await serial.run(() => this.#message());
      if (message !== null) await session?.publish(topic, message, { isRetained: true });
    } catch (error) {
      logger.debug({ error: errorText(error) }, "the fleet was not told how this door stands");
    }
  }

  async #message(): Promise<string | null> {
    const { site, self, signKey, membership, sync, view, history, store, db, clock } = this.#parts;
    const { roster, version } = membership;
    if (roster === null) return null;
    const { root } = view;
    if (sync.isCaughtUp) sync.prove();
    this.#saidAtMs = Math.max(this.#saidAtMs + 1, clock.date().getTime());
    db.transaction(() => {
      store.setState(stateName, String(this.#saidAtMs));
      history.keep(root);
      sync.keep();
    });
    const document: DoorDocument = {
      format: "lintel-fleet-door-1",
      ...{ site, door: self, atMs: this.#saidAtMs, provenAtMs: sync.provenAtMs, root },
      ...{ records: view.size, removed: view.removed, roster: version },
    };
    const jws = await signText(canonicalJson(document), { door: self, privateKey: signKey });
    return sealJws(jws, roster.currentKey);
  }
}
