import fc from "fast-check";
import { expect } from "vitest";
import { fromModeEvent } from "../../src/daemon/door/carried-over.ts";
import { alarmNames, doorRules, initialDoor, next, nextWakeMs, publicDoor } from "../../src/daemon/door/machine.ts";
import type { AlarmName, DoorEffect, DoorEvent, DoorMachineState, DoorRules } from "../../src/daemon/door/types.ts";
import { maxLeaseMs } from "../../src/hal/relay-guard/protocol.ts";
import { AlarmBookkeeper, must, PermissionBookkeeper } from "./door-bookkeepers.ts";
import { ModelGuard } from "./model-guard.ts";

/** One thing that happens to a door; a history is a list of them, small enough to be read when it is shrunk. */
export type Happening =
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "stall"; readonly ms: number }
  | { readonly do: "unlock"; readonly source: "face" | "request"; readonly seconds: number }
  | { readonly do: "mode"; readonly mode: "normal" | "passage" | "lockdown" }
  | { readonly do: "lock" | "rex" | "probe" | "kill-guard" | "start-guard" | "restart" | "hear" | "weld" | "mend" }
  | { readonly do: "contact" | "tamper"; readonly isActive: boolean }
  | { readonly do: "schedule"; readonly says: boolean | null }
  | { readonly do: "acknowledge"; readonly alarm: AlarmName };

const at = <T extends Happening["do"]>(name: T) => fc.constant({ do: name });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 4000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 60_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stall" as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("unlock" as const),
      source: fc.constantFrom("face" as const, "request" as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(0, 255, 256, -1, Number.NaN)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      mode: fc.constantFrom("normal" as const, "passage" as const, "lockdown" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("contact" as const, "contact" as const, "tamper" as const),
      isActive: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("schedule" as const), says: fc.constantFrom(true, true, false, null) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("acknowledge" as const), alarm: fc.constantFrom(...alarmNames) }),
  },
  { weight: 10, arbitrary: at("hear") },
  ...(["lock", "rex", "probe", "kill-guard", "restart", "weld", "mend"] as const).map((name) => ({
    weight: 1,
    arbitrary: at(name),
  })),
  { weight: 3, arbitrary: at("start-guard") },
);

/** A door's rules and what happens to it. */
export const histories = fc.record({
  rules: fc.record({ relockOnOpen: fc.boolean(), rexOpens: fc.boolean(), firstInUnlock: fc.boolean() }),
  happenings: fc.array(happening, { minLength: 5, maxLength: 70, size: "max" }),
});

/** Plays a history on the machine with a model of the guard, and has the bookkeepers look at each step. */
export class DoorHistory {
  readonly guard = new ModelGuard();
  openings = 0;
  leases = 0;
  readonly raised = new Set<string>();
  readonly #rules: DoorRules;
  readonly #permissions: PermissionBookkeeper;
  readonly #alarms = new AlarmBookkeeper();
  #state: DoorMachineState = initialDoor();
  #nowMs = 1_000_000;
  #says: boolean | null = false;
  #lastModeEvent: string | null = null;

  constructor(rules: Partial<DoorRules>) {
    this.#rules = doorRules(rules);
    this.#permissions = new PermissionBookkeeper(this.#rules);
    this.guard.start();
    this.#hear();
  }

  play(happenings: readonly Happening[]): void {
    for (const one of happenings) {
      this.#happen(one);
      this.#check();
    }
  }

  /** Whatever happened: with a sound guard, a closed door and nobody who wants in, all of it ends. */
  rest(): void {
    this.#happen({ do: "mend" });
    this.#happen({ do: "kill-guard" });
    this.#happen({ do: "start-guard" });
    this.#happen({ do: "schedule", says: false });
    this.#hear();
    this.#feed({ type: "mode", mode: "normal", by: "test" });
    this.guard.move("contact", false, this.#nowMs);
    this.guard.move("tamper", false, this.#nowMs);
    for (let second = 0; second < 4; second++) {
      this.#hear();
      if (!this.guard.isUp) this.guard.start();
      this.guard.command({ type: "probe" }, this.#nowMs);
      this.#pass(1000);
    }
    this.#pass(256_000);
    this.#hear();
    expect(publicDoor(this.#state), "at rest").toMatchObject({ lock: "locked", alarms: [], mode: "normal" });
    expect(this.#state.opening, "a permission without end").toBeNull();
    for (const alarm of alarmNames) this.#feed({ type: "acknowledge", alarm, by: "test" });
    expect(this.#state.alarms, "alarms that nobody can end").toEqual([]);
    this.#alarms.expectAllOver();
  }

  // --- internal ---

  #happen(one: Happening): void {
    const { guard } = this;
    switch (one.do) {
      case "pass":
        return this.#pass(one.ms);
      case "stall":
        this.#nowMs += one.ms;
        return guard.passTime(this.#nowMs);
      case "unlock":
        return this.#feed({ type: "unlock", source: one.source, seconds: one.seconds });
      case "mode":
        return this.#feed({ type: "mode", mode: one.mode, by: "test" });
      case "lock":
        return this.#feed({ type: "lock", by: "test" });
      case "rex":
        return this.#feed({ type: "input", line: "requestToExit", isActive: true, atMs: this.#nowMs });
      case "contact":
      case "tamper":
        return guard.move(one.do, one.isActive, this.#nowMs);
      case "schedule":
        this.#says = one.says;
        return this.#feed({ type: "schedule", isPassageTime: one.says });
      case "acknowledge":
        return this.#feed({ type: "acknowledge", alarm: one.alarm, by: "test" });
      case "probe":
        return guard.command({ type: "probe" }, this.#nowMs);
      case "hear":
        return this.#hear();
      case "kill-guard":
        return guard.die();
      case "start-guard":
        if (!guard.isUp) guard.start();
        return;
      case "weld":
        guard.isRelayWrong = true;
        return;
      case "mend":
        guard.isRelayWrong = false;
        return;
      case "restart":
        return this.#restart();
    }
  }

  /** The daemon dies, its guard with it; the next one knows the last `mode` event and nothing else. */
  #restart(): void {
    this.guard.die();
    this.guard.reports.length = 0;
    this.#state = initialDoor(this.#lastModeEvent === null ? undefined : fromModeEvent(this.#lastModeEvent));
    this.#permissions.restarted();
    this.#alarms.restarted();
    this.guard.start();
  }

  /** Time passes; the machine is woken when it wants to be and the schedule is looked up each second. */
  #pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let nextLookMs = this.#nowMs + 1000; ; ) {
      const dueMs = Math.min(nextWakeMs(this.#state, this.#rules), nextLookMs);
      if (dueMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.guard.passTime(this.#nowMs);
      if (this.#nowMs >= nextLookMs) {
        nextLookMs += 1000;
        this.#feed({ type: "schedule", isPassageTime: this.#says });
      } else {
        this.#feed({ type: "tick" });
      }
      must(nextWakeMs(this.#state, this.#rules) > this.#nowMs, "a machine that spins");
      this.#hear();
      this.#check();
    }
    this.#nowMs = endMs;
    this.guard.passTime(endMs);
  }

  #hear(): void {
    for (let report = this.guard.reports.shift(); report; report = this.guard.reports.shift()) this.#feed(report);
  }

  #feed(event: DoorEvent): void {
    const before = this.#state;
    const { state, effects } = next(before, event, { nowMs: this.#nowMs, rules: this.#rules });
    this.#state = state;
    this.#permissions.account({ event, effects, nowMs: this.#nowMs });
    this.#alarms.account({ before, state, event, effects, nowMs: this.#nowMs, rules: this.#rules });
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: DoorEffect): void {
    if (effect.type === "replace-guard") this.guard.die();
    if (effect.type === "event") this.#write(effect);
    if (effect.type !== "guard") return;
    if (effect.command.type === "lease") {
      const { untilMs } = effect.command;
      must(untilMs <= this.#nowMs + maxLeaseMs, "leased further than the guard accepts");
      this.#permissions.expectLease(untilMs, this.#nowMs);
      this.leases++;
    }
    const wasOpen = this.guard.isOpen;
    this.guard.command(effect.command, this.#nowMs);
    if (this.guard.isOpen && !wasOpen) this.openings++;
  }

  #write({ event, fields }: Extract<DoorEffect, { type: "event" }>): void {
    if (event === "mode") this.#lastModeEvent = JSON.stringify(fields);
    if (fields.state === "raised") this.raised.add(event);
  }

  #check(): void {
    const { mode, alarms } = publicDoor(this.#state);
    if (this.guard.isOpen) this.#permissions.expectOpen(this.#nowMs);
    must(mode !== "passage" || this.#state.opening?.kind === "passage", "passage without an opening");
    must(!alarms.includes("held") || !alarms.includes("held-warning"), "warned of what is there");
    must(new Set(this.#state.alarms.map(({ name }) => name)).size === this.#state.alarms.length, "an alarm twice");
  }
}
