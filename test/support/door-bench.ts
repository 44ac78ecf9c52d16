import { initialDoor, next } from "../../src/daemon/door/machine.ts";
import type { DoorEffect, DoorEvent, DoorMachineState, DoorRules } from "../../src/daemon/door/types.ts";

/** A door machine in somebody's hand: feeds it events at chosen times and keeps what it did. */
export class DoorBench {
  state: DoorMachineState;
  nowMs = 100_000;
  readonly effects: DoorEffect[] = [];
  readonly #rules: DoorRules;

  constructor(rules: DoorRules, mode: "normal" | "lockdown" = "normal", isScheduleSuspended = false) {
    this.#rules = rules;
    this.state = initialDoor({ mode, isScheduleSuspended });
  }

  /** Feeds events at the present time; returns the effects of these alone. */
  feed(...events: DoorEvent[]): readonly DoorEffect[] {
    const before = this.effects.length;
    for (const event of events) {
      const { state, effects } = next(this.state, event, { nowMs: this.nowMs, rules: this.#rules });
      this.state = state;
      this.effects.push(...effects);
    }
    return this.effects.slice(before);
  }

  /** Lets time pass, then feeds. */
  after(ms: number, ...events: DoorEvent[]): readonly DoorEffect[] {
    this.nowMs += ms;
    return this.feed(...(events.length > 0 ? events : [{ type: "tick" } as const]));
  }

  /** A guard that starts with a locked strike and a closed door. */
  guardStarts(): this {
    this.feed({ type: "guard-ready" }, { type: "strike", isOpen: false, cause: "start" }, this.contact(false));
    return this;
  }

  /** An unlock that the guard has carried out. */
  opens(seconds: number, person = "ann"): this {
    this.feed({ type: "unlock", source: "face", seconds, person }, this.opened());
    return this;
  }

  /** The guard's report that the present lease opened the strike. */
  opened(): DoorEvent {
    return { type: "strike", isOpen: true, cause: "lease", leaseId: this.state.opening?.lease.id ?? "none" };
  }

  /** The guard's report that it has locked as told. */
  locked(): DoorEvent {
    return { type: "strike", isOpen: false, cause: "lock", leaseId: `lease-${this.state.leases}` };
  }

  contact(isOpen: boolean): DoorEvent {
    return { type: "input", line: "contact", isActive: isOpen, atMs: this.nowMs };
  }
}

export function leases(effects: readonly DoorEffect[]): readonly number[] {
  return effects.flatMap((effect) =>
    effect.type === "guard" && effect.command.type === "lease" ? [effect.command.untilMs] : [],
  );
}

export function locks(effects: readonly DoorEffect[]): number {
  return effects.filter((effect) => effect.type === "guard" && effect.command.type === "lock").length;
}

/** The events written, as `type` or `type:detail`. */
export function written(effects: readonly DoorEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "event") return [];
    const { state } = effect.fields;
    const detail = effect.fields.source ?? effect.fields.mode ?? (state === "raised" ? undefined : state);
    return [typeof detail === "string" ? `${effect.event}:${detail}` : effect.event];
  });
}

export function answers(effects: readonly DoorEffect[]): readonly (number | string)[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "answer") return [];
    return [effect.answer.ok ? effect.answer.openMs : effect.answer.reason];
  });
}
