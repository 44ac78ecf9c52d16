import type { DoorEffect, DoorEvent, DoorMachineState, DoorRules } from "../../src/daemon/door/types.ts";

/** Throws what is broken. Cheaper than an expectation, of which a history has thousands. */
export function must(isSo: boolean, broken: string): void {
  if (!isSo) throw new Error(broken);
}

/** Who knows only what was asked, answered and written, and says from that alone what may be. */

interface Step {
  readonly event: DoorEvent;
  readonly effects: readonly DoorEffect[];
  readonly nowMs: number;
}

/** Until when the door may be open, and why. */
export class PermissionBookkeeper {
  readonly #rules: DoorRules;
  #allowedUntilMs = 0;
  #isCommandedPassage = false;
  /** What the schedule last said, and whether anything outranks it. */
  #isPassageTime = false;
  /** Only a plain no: after it nothing that was ordered before counts. */
  #isScheduleOver = true;
  #isOverruled = false;
  #hasSomebodyCome = false;
  #isLockdown = false;

  constructor(rules: DoorRules) {
    this.#rules = rules;
  }

  account({ event, effects, nowMs }: Step): void {
    const answer = effects.find((effect) => effect.type === "answer")?.answer;
    if (answer?.ok) {
      must(!this.#isLockdown, "accepted in lockdown");
      must(event.type !== "input" || this.#rules.rexOpens, "opened by a button that only excuses");
      this.#allowedUntilMs = Math.max(this.#allowedUntilMs, nowMs + answer.openMs);
      if (event.type === "unlock" && event.source === "face") this.#hasSomebodyCome = true;
    }
    if (event.type === "schedule") this.#accountSchedule(event.isPassageTime);
    if (event.type === "lock") this.#overrule();
    if (event.type === "guard-gone" || event.type === "guard-ready") this.#forbid();
    if (event.type === "mode") this.#accountMode(event, effects);
    // What the machine gives up by itself is not owed to anybody any more.
    const modes = effects.flatMap((effect) =>
      effect.type === "event" && effect.event === "mode" ? [effect.fields.mode] : [],
    );
    if (modes.at(-1) === "normal") this.#isCommandedPassage = false;
  }

  /** A lease is no longer than what was allowed. */
  expectLease(untilMs: number, nowMs: number): void {
    must(!this.#isLockdown, "leased in lockdown");
    must(this.#isPassage() || untilMs <= this.#allowedUntilMs, "leased beyond what was allowed");
    must(untilMs <= nowMs + this.#rules.sliceMs, "leased for longer than a slice");
  }

  /** The strike is open at this moment. */
  expectOpen(nowMs: number): void {
    must(!this.#isLockdown, "open in lockdown");
    must(this.#isPassage() || this.#allowedUntilMs > nowMs, "open without permission");
  }

  /** A restart forgets every permission and no order to lock. */
  restarted(): void {
    this.#forbid();
    this.#isPassageTime = false;
    this.#isScheduleOver = true;
    this.#hasSomebodyCome = false;
  }

  // --- internal ---

  #isPassage(): boolean {
    if (this.#isCommandedPassage) return true;
    return this.#isPassageTime && !this.#isOverruled && (!this.#rules.firstInUnlock || this.#hasSomebodyCome);
  }

  #accountSchedule(says: boolean | null): void {
    this.#isPassageTime = says === true;
    this.#isScheduleOver = says === false;
    if (says !== false) return;
    this.#isOverruled = false;
    this.#hasSomebodyCome = false;
  }

  #accountMode({ mode }: Extract<DoorEvent, { type: "mode" }>, effects: readonly DoorEffect[]): void {
    const isRefused = effects.some((effect) => effect.type === "event" && effect.event === "request-refused");
    if (isRefused) return;
    this.#isLockdown = mode === "lockdown";
    if (mode === "lockdown") {
      const [first] = effects;
      const isLock = first?.type === "guard" && first.command.type === "lock";
      must(isLock || first?.type === "replace-guard", "lockdown does something else before it locks");
      this.#overrule();
    } else if (mode === "normal") {
      // A timed opening outlives this order; passage does not.
      if (!this.#isScheduleOver) this.#isOverruled = true;
      if (this.#isCommandedPassage) this.#forbid();
    } else {
      this.#isCommandedPassage = true;
      this.#isOverruled = false;
    }
  }

  #overrule(): void {
    this.#forbid();
    if (!this.#isScheduleOver) this.#isOverruled = true;
  }

  #forbid(): void {
    this.#allowedUntilMs = 0;
    this.#isCommandedPassage = false;
  }
}

/** Alarms are raised once, for a reason, and end. */
export class AlarmBookkeeper {
  readonly #up = new Set<string>();
  readonly #unseen = new Set<string>();

  account(step: Step & { before: DoorMachineState; state: DoorMachineState; rules: DoorRules }): void {
    for (const effect of step.effects) {
      const { state } = effect.type === "event" ? effect.fields : { state: undefined };
      if (effect.type === "event" && typeof state === "string") this.#accountEvent(effect.event, state);
    }
    this.#accountForced(step);
    for (const { name, state } of step.state.alarms) {
      if (name === "lock-fault" || name === "held-warning") continue;
      must(this.#up.has(name) === (state !== "resolved"), `${name} is ${state} but not so written`);
    }
  }

  restarted(): void {
    this.#up.clear();
    this.#unseen.clear();
  }

  expectAllOver(): void {
    must(this.#up.size === 0, `alarms still up: ${[...this.#up].join()}`);
    must(this.#unseen.size === 0, `alarms nobody could acknowledge: ${[...this.#unseen].join()}`);
  }

  // --- internal ---

  #accountEvent(name: string, state: string): void {
    if (state === "raised") {
      must(!this.#up.has(name), `${name} raised twice`);
      this.#up.add(name);
      this.#unseen.add(name);
    } else if (state === "resolved") {
      must(this.#up.has(name), `${name} resolved without being raised`);
      this.#up.delete(name);
    } else {
      must(this.#unseen.has(name), `${name} acknowledged without being raised`);
      this.#unseen.delete(name);
    }
  }

  /** A closed door that opens while nothing allows it is forced, always; with a permission it never is. */
  #accountForced({ before, effects, event, nowMs }: Parameters<AlarmBookkeeper["account"]>[0]): void {
    if (event.type !== "input" || event.line !== "contact" || !event.isActive || before.contact !== "closed") return;
    const isForced = effects.some((effect) => effect.type === "event" && effect.event === "forced");
    const { opening } = before;
    const isAllowed = opening?.isConfirmed && opening.untilMs > nowMs && opening.lease.untilMs > nowMs;
    must(!isAllowed || !isForced, "forced with permission");
    const isExcused = before.excusedUntilMs >= nowMs - 1000 || opening !== null || before.lock === "unlocked";
    must(isExcused || isForced, "opened without permission and not forced");
  }
}
