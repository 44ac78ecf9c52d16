import { randomUUID } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { Clearance } from "../admission/other-doors.ts";
import type { DoorState, InterlockRefusal } from "../api.ts";
import type { MqttListener } from "../mqtt/client.ts";
import type { MqttMessage, MqttSession } from "../mqtt/session.ts";
import { initialInterlock, isClear, next, nextWakeMs } from "./machine.ts";
import { interlockTopic, readInterlockMessage } from "./messages.ts";
import type { InterlockEffect, InterlockEvent, InterlockRules, InterlockState } from "./types.ts";

export interface InterlockOptions {
  readonly rules: InterlockRules;
  readonly door: { readonly state: DoorState; subscribe(listener: (state: DoorState) => void): () => void };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** A mark that was never used before; only tests choose it. */
  readonly newNonce?: () => string;
}

/** After a refusal the partners are asked again this much later, while somebody still stands there. */
const retryMs = 500;

/** Asks the other doors, and answers them, over the broker. */
export class Interlock implements MqttListener {
  readonly #options: InterlockOptions;
  readonly #inboxes: ReadonlyMap<string, string>;
  readonly #waiting = new Set<(refusal: InterlockRefusal | null) => void>();
  #machine: InterlockState = initialInterlock;
  #session: MqttSession | undefined;
  #refused: { readonly refusal: InterlockRefusal; readonly atMs: number } | null = null;
  #last: InterlockRefusal | null = null;
  #endDoor = () => {};
  #cancelTimer = () => {};
  #isRunning = false;

  constructor(options: InterlockOptions) {
    this.#options = options;
    const { self, partners } = options.rules;
    this.#inboxes = new Map(partners.map((partner) => [interlockTopic(self, partner), partner]));
  }

  /** Why the door was last kept shut. */
  get last(): InterlockRefusal | null {
    return this.#last;
  }

  start(): void {
    const { door } = this.#options;
    this.#isRunning = true;
    this.#endDoor = door.subscribe((state) => this.#dispatch({ type: "door", isShut: isShut(state) }));
    this.#dispatch({ type: "door", isShut: isShut(door.state) });
  }

  /** Agrees to nothing any more; who still waits is refused. */
  stop(): void {
    if (!this.#isRunning) return;
    this.#dispatch({ type: "connection", isConnected: false });
    this.#isRunning = false;
    this.#endDoor();
    this.#cancelTimer();
  }

  /** For a face: answers at once, and asks the partners where that has to be done. */
  ask(): Clearance {
    const nowMs = this.#options.clock.nowMs();
    this.#dispatch({ type: "tick" });
    if (this.#isRunning && isClear(this.#machine, nowMs)) return { kind: "clear" };
    if (this.#machine.claim !== null) return { kind: "waiting", isBusy: false };
    const before = this.#refused;
    if (before === null || nowMs - before.atMs >= retryMs) {
      this.#refused = null;
      this.#dispatch({ type: "want", nonce: this.#nonce() });
    }
    const { refusal } = this.#refused ?? {};
    if (!refusal) return { kind: "waiting", isBusy: false };
    if (refusal.why === "open" || refusal.why === "claims") return { kind: "waiting", isBusy: true };
    // Told once: whoever comes next is asked for anew.
    this.#refused = null;
    return { kind: "refused" };
  }

  /** For a request: null when every partner has agreed; never later than the timeout. */
  claim(): Promise<InterlockRefusal | null> {
    if (!this.#isRunning) return Promise.resolve({ partner: null, why: "not-connected" });
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#dispatch({ type: "want", nonce: this.#nonce() });
    });
  }

  /** Takes up what the partners have agreed to, right before the door is told to open. False: it must not be. */
  use(): boolean {
    this.#dispatch({ type: "used" });
    return this.#isRunning && this.#machine.claim?.phase === "used";
  }

  /** What was agreed to is given back, unless the door has been opened on it. */
  withdraw(): void {
    this.#dispatch({ type: "withdraw" });
  }

  async connected(session: MqttSession): Promise<void> {
    this.#session = session;
    try {
      for (const topic of this.#inboxes.keys()) await session.subscribe(topic);
    } catch (error) {
      this.#options.logger.error({ error: errorText(error) }, "interlock not subscribed: the door stays shut");
      return;
    }
    if (this.#session === session) this.#dispatch({ type: "connection", isConnected: true });
  }

  lost(): void {
    this.#session = undefined;
    this.#dispatch({ type: "connection", isConnected: false });
  }

  message({ topic, payload, isRetained }: MqttMessage): void {
    const from = this.#inboxes.get(topic);
    // What a broker has kept says how things were.
    if (from === undefined || isRetained) return;
    const message = readInterlockMessage(payload);
    if (message) this.#dispatch({ type: "message", from, message });
    else this.#options.logger.warn({ topic }, "no message of an interlock");
  }

  // --- internal ---

  #nonce(): string {
    return this.#options.newNonce?.() ?? randomUUID();
  }

  #dispatch(event: InterlockEvent): void {
    if (!this.#isRunning) return;
    const { clock, rules } = this.#options;
    const { state, effects } = next(this.#machine, event, { nowMs: clock.nowMs(), rules });
    this.#machine = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
  }

  #carryOut(effect: InterlockEffect): void {
    if (effect.type === "send") {
      const topic = interlockTopic(effect.to, this.#options.rules.self);
      // A message that does not arrive is an answer that does not come: the timeout sees to it.
      this.#session
        ?.publish(topic, JSON.stringify(effect.message))
        .catch((error) => this.#options.logger.debug({ topic, error: errorText(error) }, "not published"));
      return;
    }
    const { refusal } = effect;
    if (refusal) {
      this.#last = refusal;
      this.#refused = { refusal, atMs: this.#options.clock.nowMs() };
      this.#options.logger.info({ ...refusal }, "the interlock keeps the door shut");
    }
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(refusal);
  }

  #arm(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const { clock, timers, rules } = this.#options;
    const dueMs = nextWakeMs(this.#machine, rules);
    if (!this.#isRunning || dueMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = timers.after(dueMs - clock.nowMs(), () => this.#dispatch({ type: "tick" }));
  }
}

/** Locked and closed, both known: doubt counts as open. */
function isShut({ lock, contact }: DoorState): boolean {
  return lock === "locked" && contact === "closed";
}
