import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../../../src/core/random.ts";
import { doorRules, initialDoor, next, nextWakeMs, publicDoor } from "../../../../src/daemon/door/machine.ts";
import type { DoorEffect, DoorEvent, DoorMachineState } from "../../../../src/daemon/door/types.ts";
import { maxLeaseMs } from "../../../../src/hal/relay-guard/protocol.ts";
import { ModelGuard } from "../../../support/model-guard.ts";

/**
 * Random histories of a door: people, operators, buttons, a guard that dies and comes back, reports that are late,
 * a process that stands still. What may never happen is checked after each step against a bookkeeper of its own that
 * knows only what was asked and answered.
 */
class History {
  readonly #random: Random;
  readonly #rules: ReturnType<typeof doorRules>;
  readonly guard = new ModelGuard();
  #state: DoorMachineState = initialDoor();
  #nowMs = 1_000_000;
  /** The bookkeeper: until when anybody may enter, and whether passage mode holds the door. */
  #allowedUntilMs = 0;
  #isPassage = false;
  #isLockdown = false;
  steps = 0;
  openings = 0;
  leases = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#rules = doorRules({ relockOnOpen: this.#random() < 0.7, rexOpens: this.#random() < 0.7 });
    this.guard.start();
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#passTime();
      this.#hearReports();
      this.#act();
      this.#check();
      this.steps++;
    }
  }

  /** Once no guard dies and nobody asks for anything, the strike closes within the longest permission. */
  rest(): void {
    this.guard.die();
    this.guard.start();
    for (let turn = 0; turn < 5; turn++) {
      this.#nowMs += 500;
      this.#hearReports(1);
    }
    this.#feed({ type: "mode", mode: "normal", by: "test" });
    for (let second = 0; second < 40; second++) {
      this.#nowMs += 500;
      if (!this.guard.isUp) this.guard.start();
      this.guard.passTime(this.#nowMs);
      this.#feed({ type: "tick" });
      this.#hearReports(1);
    }
    expect(publicDoor(this.#state).lock).toBe("locked");
    expect(this.#state.opening).toBeNull();
  }

  #passTime(): void {
    const isStalled = this.#random() < 0.03;
    const targetMs = this.#nowMs + this.#random() * (isStalled ? 20_000 : 1500);
    if (!isStalled) {
      for (let wakeMs = this.#wakeMs(); wakeMs <= targetMs; wakeMs = this.#wakeMs()) {
        this.#nowMs = Math.max(this.#nowMs, wakeMs) + this.#random() * 5;
        this.guard.passTime(this.#nowMs);
        this.#hearReports();
        this.#feed({ type: "tick" });
        this.#check();
      }
    }
    this.#nowMs = Math.max(this.#nowMs, targetMs);
    this.guard.passTime(this.#nowMs);
  }

  #wakeMs(): number {
    return nextWakeMs(this.#state, this.#rules);
  }

  #hearReports(probability = 0.9): void {
    while (this.guard.reports.length > 0 && this.#random() < probability) {
      const report = this.guard.reports.shift();
      if (report) this.#feed(report);
    }
  }

  #act(): void {
    const draw = this.#random();
    const atMs = this.#nowMs;
    if (draw < 0.25) this.#feed({ type: "unlock", source: "face", seconds: Math.floor(this.#random() * 30) });
    else if (draw < 0.3) this.#feed({ type: "lock", by: "test" });
    else if (draw < 0.34) this.#feed({ type: "mode", mode: "passage", by: "test" });
    else if (draw < 0.37) this.#feed({ type: "mode", mode: "lockdown", by: "test" });
    else if (draw < 0.42) this.#feed({ type: "mode", mode: "normal", by: "test" });
    else if (draw < 0.46) this.#feed({ type: "input", line: "requestToExit", isActive: this.#random() < 0.5, atMs });
    else if (draw < 0.6) this.#feed({ type: "input", line: "contact", isActive: this.#random() < 0.5, atMs });
    else if (draw < 0.63) this.guard.die();
    else if (draw < 0.7 && !this.guard.isUp) this.guard.start();
    else if (draw < 0.75) this.guard.command({ type: "probe" }, this.#nowMs);
    else this.#feed({ type: "tick" });
  }

  #feed(event: DoorEvent): void {
    const { state, effects } = next(this.#state, event, { nowMs: this.#nowMs, rules: this.#rules });
    this.#state = state;
    this.#account(event, effects);
    for (const effect of effects) this.#carryOut(effect);
  }

  /** The bookkeeper's own idea of what is allowed, from the question and the answer alone. */
  #account(event: DoorEvent, effects: readonly DoorEffect[]): void {
    const answer = effects.find((effect) => effect.type === "answer")?.answer;
    if (answer?.ok) {
      expect(this.#isLockdown, "accepted in lockdown").toBe(false);
      this.#allowedUntilMs = Math.max(this.#allowedUntilMs, this.#nowMs + answer.openMs);
    }
    if (event.type === "lock" || event.type === "guard-gone" || event.type === "guard-ready") this.#forbid();
    if (event.type !== "mode") return;
    const isRefused = effects.some((effect) => effect.type === "event" && effect.event === "request-refused");
    if (isRefused) return;
    if (event.mode === "lockdown" || (event.mode === "normal" && this.#isPassage)) this.#forbid();
    this.#isLockdown = event.mode === "lockdown";
    this.#isPassage = event.mode === "passage";
    if (event.mode === "lockdown") {
      expect(effects[0], "lockdown locks first").toEqual({ type: "guard", command: { type: "lock" } });
    }
  }

  #forbid(): void {
    this.#allowedUntilMs = 0;
    this.#isPassage = false;
  }

  #carryOut(effect: DoorEffect): void {
    if (effect.type === "replace-guard") this.guard.die();
    if (effect.type === "event" && effect.event === "mode" && effect.fields.mode === "normal") this.#isPassage = false;
    if (effect.type !== "guard") return;
    if (effect.command.type === "lease") {
      const { untilMs } = effect.command;
      expect(this.#isLockdown, "leased in lockdown").toBe(false);
      expect(untilMs, "leased further than the guard accepts").toBeLessThanOrEqual(this.#nowMs + maxLeaseMs);
      if (!this.#isPassage) {
        expect(untilMs, "leased beyond what was allowed").toBeLessThanOrEqual(this.#allowedUntilMs);
      }
      this.leases++;
    }
    const wasOpen = this.guard.isOpen;
    this.guard.command(effect.command, this.#nowMs);
    if (this.guard.isOpen && !wasOpen) this.openings++;
  }

  #check(): void {
    if (this.guard.isOpen && !this.#isPassage) {
      // A mode that was left keeps nothing open: what is open now was allowed by an answer.
      expect(this.#allowedUntilMs, "open without permission").toBeGreaterThan(this.#nowMs - 1);
    }
    if (this.#isLockdown) expect(this.guard.isOpen, "open in lockdown").toBe(false);
    if (publicDoor(this.#state).mode === "passage") expect(this.#state.opening?.kind).toBe("passage");
  }
}

describe("a thousand random histories of a door", () => {
  it("never lease beyond what was allowed, never open without permission, always lock on lockdown, and end locked", () => {
    let openings = 0;
    let leases = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const history = new History(seed);
      try {
        history.run(60);
        history.rest();
      } catch (error) {
        throw new Error(`seed ${seed}, step ${history.steps}`, { cause: error });
      }
      openings += history.openings;
      leases += history.leases;
    }
    // The histories are worth something only if doors do open in them.
    expect(openings).toBeGreaterThan(3000);
    expect(leases).toBeGreaterThan(openings);
  });
});
