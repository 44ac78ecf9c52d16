import { describe, expect, it } from "vitest";
import { doorRules, publicDoor, situation } from "../../../../src/daemon/door/machine.ts";
import type { DoorEvent } from "../../../../src/daemon/door/types.ts";
import { answers, DoorBench, leases, locks, written } from "../../../support/door-bench.ts";

const rules = doorRules();
const ready = () => new DoorBench(rules).guardStarts();
const unlock = (seconds?: number): DoorEvent => ({
  type: "unlock",
  source: "request",
  ...(seconds === undefined ? {} : { seconds }),
});

describe("lockdown", () => {
  it("locks an open door at once and refuses everything", () => {
    const door = ready().opens(20);
    const effects = door.feed({ type: "mode", mode: "lockdown", by: "guard room" });
    expect(effects[0]).toEqual({ type: "guard", command: { type: "lock" } });
    expect(answers(door.feed(unlock()))).toEqual(["lockdown"]);
    const rex = door.feed({ type: "input", line: "requestToExit", isActive: true, atMs: door.nowMs });
    expect(leases(rex)).toEqual([]);
    expect(written(rex)).toEqual(["rex"]);
  });

  it("outlives the guard, and may be there from the start", () => {
    const door = ready();
    door.feed({ type: "mode", mode: "lockdown", by: "x" }, { type: "guard-gone", reason: "killed" });
    door.guardStarts();
    expect(answers(door.feed(unlock()))).toEqual(["lockdown"]);
    expect(answers(new DoorBench(rules, "lockdown").guardStarts().feed(unlock()))).toEqual(["lockdown"]);
  });

  it("locks once more when it is ordered twice", () => {
    const door = ready();
    const order: DoorEvent = { type: "mode", mode: "lockdown", by: "x" };
    expect(locks(door.feed(order, order))).toBe(2);
    expect(written(door.effects)).toEqual(["mode:lockdown"]);
  });

  it("ends with a command and leaves the door locked", () => {
    const door = ready();
    door.feed({ type: "mode", mode: "lockdown", by: "x" });
    const effects = door.feed({ type: "mode", mode: "normal", by: "x" });
    expect(leases(effects)).toEqual([]);
    expect(answers(door.feed(unlock()))).toEqual([5000]);
  });
});

describe("passage", () => {
  const passage: DoorEvent = { type: "mode", mode: "passage", by: "schedule" };

  it("holds the door open by renewing, with no gap between the leases", () => {
    const door = ready();
    door.feed(passage, door.opened());
    let untilMs = 0;
    for (let step = 0; step < 600; step++) {
      untilMs = leases(door.after(100)).at(-1) ?? untilMs;
      if (step > 30) expect(untilMs).toBeGreaterThan(door.nowMs);
      expect(untilMs).toBeLessThanOrEqual(door.nowMs + 10_000);
    }
    expect(situation(door.state)).toBe("held-open");
  });

  it("answers an unlock with yes and does nothing", () => {
    const door = ready();
    door.feed(passage, door.opened());
    const effects = door.feed(unlock(7));
    expect(answers(effects)).toEqual([7000]);
    expect(leases(effects)).toEqual([]);
    expect(door.state.opening?.kind).toBe("passage");
  });

  it("is not ended by the opening of the door, nor is a door held then", () => {
    const door = ready();
    door.feed(passage, door.opened(), door.contact(true));
    for (let step = 0; step < 40; step++) door.after(1000);
    expect(situation(door.state)).toBe("held-open");
    expect(written(door.effects)).not.toContain("held");
  });

  const endings: [name: string, event: DoorEvent][] = [
    ["an order to lock", { type: "lock", by: "x" }],
    ["the mode normal", { type: "mode", mode: "normal", by: "x" }],
    ["the loss of the guard", { type: "guard-gone", reason: "killed" }],
    ["a fault of the guard", { type: "guard-fault", reason: "chip lost" }],
    ["a relay that reads locked", { type: "read-back", isOpen: false }],
    ["a lease that ran out at the guard", { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" }],
  ];
  it.each(endings)("falls back to normal with %s and does not come back by itself", (_name, event) => {
    const door = ready();
    door.feed(passage, door.opened());
    door.feed(event);
    expect(publicDoor(door.state).mode).toBe("normal");
    door.guardStarts();
    const later = door.after(60_000);
    expect(leases(later)).toEqual([]);
    expect(written(door.effects).filter((name) => name === "mode:normal")).toHaveLength(1);
  });

  it("is refused without a guard, and said so", () => {
    const door = new DoorBench(rules);
    const effects = door.feed(passage);
    expect(written(effects)).toEqual(["request-refused:passage"]);
    door.guardStarts();
    expect(leases(door.after(1000))).toEqual([]);
    expect(publicDoor(door.state).mode).toBe("normal");
  });
});

describe("the loss of the guard", () => {
  it("makes the lock unknown and ends the opening; nothing is opened again when it is back", () => {
    const door = ready().opens(60);
    door.feed({ type: "guard-gone", reason: "killed" });
    expect(publicDoor(door.state)).toMatchObject({ lock: "unknown", contact: "unknown" });
    door.guardStarts();
    expect(publicDoor(door.state)).toMatchObject({ lock: "locked", contact: "closed" });
    for (let step = 0; step < 100; step++) door.after(500);
    expect(leases(door.effects)).toHaveLength(1);
    expect(written(door.effects)).toEqual(["opened:strike", "closed:strike"]);
  });

  it("is noticed when another guard reports without the end of the first", () => {
    const door = ready().opens(60);
    door.guardStarts();
    expect(door.state.opening).toBeNull();
    expect(situation(door.state)).toBe("locked");
  });

  it("does not hide that the door was opened meanwhile", () => {
    const door = ready();
    door.feed({ type: "guard-gone", reason: "killed" });
    door.after(5000, { type: "guard-ready" }, { type: "strike", isOpen: false, cause: "start" }, door.contact(true));
    expect(written(door.effects)).toEqual(["opened:contact", "forced"]);
  });
});
