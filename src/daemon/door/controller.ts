import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { GuardCommand, GuardMessage } from "../../hal/relay-guard/protocol.ts";
import type { Door, DoorMode, DoorState, EventLog, UnlockAnswer } from "../api.ts";
import { AlarmBook } from "./alarm-book.ts";
import { lastingSignal } from "./alarms.ts";
import { alarmNames, type CarriedOver, initialDoor, next, nextWakeMs, publicDoor, situation } from "./machine.ts";
import type { DoorEffect, DoorEvent, DoorMachineState, DoorRules, UnlockSource } from "./types.ts";

/** The way to the relay guard. False: the command was not taken (no guard, or it does not read). */
export interface GuardChannel {
  send(command: GuardCommand): boolean;
  /** Ends the guard at once; the chip takes its lines back, and another guard is started. */
  replace(reason: string): void;
}

/** The operator's standing order for passage (`door.passageSchedule`). */
export interface PassageSchedule {
  /** Whether the door shall stand unlocked at this moment; null where nobody can say, as with a clock that is not set. */
  isPassageTime(at: Date): boolean | null;
}

export interface DoorControllerOptions {
  readonly rules: DoorRules;
  /** From before a restart of the daemon: what locks, never what opens. */
  readonly carriedOver?: CarriedOver;
  readonly events: EventLog;
  readonly guard: GuardChannel;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** How often the relay is read back, and the schedule looked up. */
const probeEveryMs = 1000;
/** A lockdown is written down again this often, so that no retention of events ever forgets it. */
const restateModeMs = 12 * 3600 * 1000;

/** Runs the door machine: feeds it, carries out what it says, wakes it in time, and asks the guard for a read-back. */
export class DoorController implements Door {
  readonly #options: DoorControllerOptions;
  readonly #listeners = new Set<(state: DoorState) => void>();
  #machine: DoorMachineState;
  #state: DoorState;
  #nextProbeMs = 0;
  #restateDueMs: number;
  #schedule: PassageSchedule | null = null;
  #isScheduleFailing = false;
  #signal = "quiet";
  readonly #alarmBook: AlarmBook;
  #cancelTimer = () => {};
  #isRunning = false;

  constructor(options: DoorControllerOptions) {
    this.#options = options;
    this.#machine = initialDoor(options.carriedOver);
    this.#alarmBook = new AlarmBook(options.clock);
    this.#restateDueMs = options.clock.nowMs() + restateModeMs;
    const since = options.clock.date().toISOString();
    this.#state = { ...publicDoor(this.#machine), alarmDetails: [], since };
  }

  get state(): DoorState {
    return this.#state;
  }

  start(): void {
    this.#isRunning = true;
    this.#arm();
  }

  /** Locks and accepts nothing any more. */
  stop(): void {
    if (!this.#isRunning) return;
    this.#dispatch({ type: "shutdown" });
    this.#isRunning = false;
    this.#cancelTimer();
  }

  unlock(
    seconds: number | undefined,
    by: { readonly source: UnlockSource; readonly person?: string; readonly requester?: string },
  ): UnlockAnswer {
    if (!this.#isRunning) return { ok: false, reason: "not-running" };
    const effects = this.#dispatch({ type: "unlock", ...by, ...(seconds === undefined ? {} : { seconds }) });
    for (const effect of effects) if (effect.type === "answer") return effect.answer;
    throw new Error("cannot happen: an unlock is always answered");
  }

  lock(by: string): void {
    this.#dispatch({ type: "lock", by });
  }

  setMode(mode: DoorMode, by: string): void {
    this.#dispatch({ type: "mode", mode, by });
  }

  acknowledge(alarm: string, by: string): boolean {
    const name = alarmNames.find((known) => known === alarm);
    if (name === undefined) return false;
    const effects = this.#dispatch({ type: "acknowledge", alarm: name, by });
    return effects.some((effect) => effect.type === "acknowledged" && effect.isKnown);
  }

  /** Follows a schedule from now on. */
  follow(schedule: PassageSchedule): void {
    this.#schedule = schedule;
    this.#consultSchedule();
  }

  /** Lets the lights beside the door say no. */
  showRefusal(): void {
    if (this.#isRunning) this.#options.guard.send({ type: "signal", outcome: "refused" });
  }

  subscribe(listener: (state: DoorState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A message of the guard, in the order of sending. */
  guardSaid(message: GuardMessage): void {
    const event = eventOf(message);
    if (event) return void this.#dispatch(event);
    if (message.type !== "signal-fault") return;
    const { line, reason } = message;
    this.#options.logger.warn({ line, reason }, "a light or sounder does not work; the strike is not concerned");
  }

  /** The guard has ended; whatever it held is locked or about to be. */
  guardGone(reason: string): void {
    this.#dispatch({ type: "guard-gone", reason });
  }

  // --- internal ---

  #dispatch(event: DoorEvent): readonly DoorEffect[] {
    const { rules, clock, logger } = this.#options;
    const before = this.#machine;
    const { state, effects } = next(before, event, { nowMs: clock.nowMs(), rules });
    this.#machine = state;
    const from = situation(before);
    const to = situation(state);
    if (from !== to) logger.info({ on: event.type }, `[${from}] -> [${to}]`);
    for (const effect of effects) this.#carryOut(effect);
    this.#showAlarms(event.type === "strike" && event.cause === "start");
    this.#publish();
    this.#arm();
    return effects;
  }

  #carryOut(effect: DoorEffect): void {
    const { events, guard, logger } = this.#options;
    if (effect.type === "guard") {
      const isSent = guard.send(effect.command);
      if (!isSent) logger.warn({ command: effect.command.type }, "the guard took no command");
    } else if (effect.type === "event") {
      try {
        events.append(effect.event, effect.fields);
      } catch (error) {
        // The door goes on without its records: it must lock even when the disk is full.
        logger.error({ event: effect.event, reason: errorText(error) }, "event not written");
      }
    } else if (effect.type === "signal") {
      guard.send({ type: "signal", outcome: effect.outcome });
    } else if (effect.type === "replace-guard") {
      guard.replace(effect.reason);
    } else if (effect.type === "fault") {
      if (this.#isRunning) logger.error({ reason: effect.reason }, "door fault");
      else logger.info({ reason: effect.reason }, "door shut down");
    }
  }

  #publish(): void {
    const door = publicDoor(this.#machine);
    const was = this.#state;
    const since = door.lock === was.lock ? was.since : this.#options.clock.date().toISOString();
    const now = { ...door, alarmDetails: this.#alarmBook.details(this.#machine.alarms), since };
    if (JSON.stringify(now) === JSON.stringify({ ...was })) return;
    this.#state = now;
    for (const listener of [...this.#listeners]) listener(this.#state);
  }

  #arm(): void {
    this.#cancelTimer();
    if (!this.#isRunning) return;
    const { clock, timers, rules } = this.#options;
    const dueMs = Math.min(this.#nextProbeMs, nextWakeMs(this.#machine, rules));
    this.#cancelTimer = timers.after(dueMs - clock.nowMs(), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs >= this.#nextProbeMs) {
      this.#nextProbeMs = nowMs + probeEveryMs;
      if (this.#machine.guard === "ready") this.#options.guard.send({ type: "probe" });
      this.#consultSchedule();
      this.#restateMode(nowMs);
    }
    this.#dispatch({ type: "tick" });
  }

  /** Lasting signals, when they change and to a guard that has just started. */
  #showAlarms(isNewGuard: boolean): void {
    const signal = lastingSignal(this.#machine);
    if (signal === this.#signal && !isNewGuard) return;
    this.#signal = signal;
    if (this.#machine.guard === "ready") this.#options.guard.send({ type: "signal", outcome: signal });
  }

  #consultSchedule(): void {
    if (!this.#schedule || !this.#isRunning) return;
    let isPassageTime: boolean | null = null;
    try {
      isPassageTime = this.#schedule.isPassageTime(this.#options.clock.date());
      this.#isScheduleFailing = false;
    } catch (error) {
      if (!this.#isScheduleFailing) this.#options.logger.error({ reason: errorText(error) }, "schedule cannot be read");
      this.#isScheduleFailing = true;
    }
    this.#dispatch({ type: "schedule", isPassageTime });
  }

  #restateMode(nowMs: number): void {
    if (nowMs < this.#restateDueMs) return;
    this.#restateDueMs = nowMs + restateModeMs;
    const { mode, schedule } = this.#machine;
    if (mode !== "lockdown") return;
    const fields = { mode, by: "restated", ...(schedule.isSuspended ? { scheduleSuspended: true } : {}) };
    this.#carryOut({ type: "event", event: "mode", fields });
  }
}

function eventOf(message: GuardMessage): DoorEvent | null {
  switch (message.type) {
    case "ready":
      return { type: "guard-ready" };
    case "strike":
      return message;
    case "state":
      return { type: "read-back", isOpen: message.isOpen };
    case "input":
      return message;
    case "refused":
      return { type: "guard-refused", id: message.id, reason: message.reason };
    case "fault":
      return { type: "guard-fault", reason: message.reason };
    case "signal-fault":
      return null;
  }
}
