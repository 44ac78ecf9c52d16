import { describe, expect, it } from "vitest";
import { doorRules, publicDoor, situation } from "../../../../src/daemon/door/machine.ts";
import type { DoorEvent } from "../../../../src/daemon/door/types.ts";
import { DoorBench, leases, locks, written } from "../../../support/door-bench.ts";

const rules = doorRules();
const ready = () => new DoorBench(rules).guardStarts();
const press = (door: DoorBench): DoorEvent => ({
  type: "input",
  line: "requestToExit",
  isActive: true,
  atMs: door.nowMs,
});

describe("the door contact", () => {
  it("locks the strike as soon as the door opens, so that nobody follows on the same grant", () => {
    const door = ready().opens(20);
    const effects = door.after(1500, door.contact(true));
    expect(locks(effects)).toBe(1);
    expect(written(effects)).toEqual(["opened:contact"]);
    door.feed({ type: "strike", isOpen: false, cause: "lock", leaseId: "lease-1" });
    expect(leases(door.after(10_000))).toEqual([]);
    expect(written(door.effects)).not.toContain("not-taken");
  });

  it("leaves the strike open to its end where relocking on open is switched off", () => {
    const door = new DoorBench(doorRules({ relockOnOpen: false })).guardStarts().opens(5);
    expect(locks(door.after(1000, door.contact(true)))).toBe(0);
    expect(situation(door.state)).toBe("open");
  });

  it("that opens on a locked door is forced until it closes", () => {
    const door = ready();
    expect(written(door.feed(door.contact(true)))).toEqual(["opened:contact", "forced"]);
    expect(publicDoor(door.state)).toMatchObject({ contact: "open", alarms: ["forced"] });
    expect(written(door.after(1000, door.contact(false)))).toEqual(["closed:contact", "forced:resolved"]);
    expect(publicDoor(door.state).alarms).toEqual([]);
  });

  it("is forced in lockdown too", () => {
    const door = ready();
    door.feed({ type: "mode", mode: "lockdown", by: "x" });
    expect(written(door.feed(door.contact(true)))).toContain("forced");
  });

  const moments: [name: string, msAfterLock: number, isForced: boolean][] = [
    ["within the grace after the lock", 900, false],
    ["after the grace", 1100, true],
  ];
  it.each(moments)("that opens %s", (_name, ms, isForced) => {
    const door = ready().opens(5);
    door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    expect(written(door.after(ms, door.contact(true))).includes("forced")).toBe(isForced);
  });

  it("is judged by when it happened, not by when we heard of it", () => {
    const door = ready().opens(5);
    door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    const happened = { ...door.contact(true), atMs: door.nowMs + 950 } as DoorEvent;
    expect(written(door.after(1300, happened))).not.toContain("forced");
  });

  it.each([
    ["from the future", 60_000],
    ["long past", -60_000],
    ["that is no number", Number.NaN],
  ])("is not excused by a stamp %s", (_name, offMs) => {
    const door = ready().opens(5);
    door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    door.after(10_000);
    expect(written(door.feed({ ...door.contact(true), atMs: door.nowMs + offMs } as DoorEvent))).toContain("forced");
  });

  it("raises held once when the door stays open, and clears it when it closes", () => {
    const door = ready().opens(5);
    door.after(1000, door.contact(true));
    door.feed({ type: "strike", isOpen: false, cause: "lock", leaseId: "lease-1" });
    expect(written(door.after(rules.heldMs - 1))).toEqual([]);
    expect(written(door.after(1))).toEqual(["held"]);
    expect(written(door.after(60_000))).toEqual([]);
    expect(publicDoor(door.state).alarms).toEqual(["held"]);
    door.feed(door.contact(false));
    expect(publicDoor(door.state).alarms).toEqual([]);
  });

  it("that is open when first seen is a state, not an event, but is held in time", () => {
    const door = new DoorBench(rules);
    door.feed({ type: "guard-ready" }, { type: "strike", isOpen: false, cause: "start" }, door.contact(true));
    expect(written(door.effects)).toEqual([]);
    expect(written(door.after(rules.heldMs))).toEqual(["held"]);
  });

  it("that repeats itself is no event", () => {
    const door = ready();
    expect(door.feed(door.contact(false), door.contact(false))).toEqual([]);
  });
});

describe("the request-to-exit button", () => {
  it("opens for the door's own time and excuses the opening of the door", () => {
    const door = ready();
    const effects = door.feed(press(door), door.opened());
    expect(written(effects)).toEqual(["rex", "opened:strike"]);
    expect(leases(effects)).toEqual([door.nowMs + rules.openMs]);
    expect(written(door.after(500, door.contact(true)))).toEqual(["opened:contact"]);
  });

  it("only excuses the opening where the way out is mechanical", () => {
    const door = new DoorBench(doorRules({ rexOpens: false })).guardStarts();
    expect(leases(door.feed(press(door)))).toEqual([]);
    expect(written(door.after(2000, door.contact(true)))).toEqual(["opened:contact"]);
  });

  it("excuses even in lockdown, when it opens nothing: whoever leaves does not break in", () => {
    const door = ready();
    door.feed({ type: "mode", mode: "lockdown", by: "x" }, press(door));
    expect(written(door.after(1000, door.contact(true)))).toEqual(["opened:contact"]);
    expect(leases(door.effects)).toEqual([]);
  });

  it("does nothing when it is let go", () => {
    const door = ready();
    expect(door.feed({ type: "input", line: "requestToExit", isActive: false, atMs: door.nowMs })).toEqual([]);
  });
});

describe("the tamper switch", () => {
  it("raises its alarm once and clears it when the housing is closed", () => {
    const door = ready();
    const tamper = (isActive: boolean): DoorEvent => ({ type: "input", line: "tamper", isActive, atMs: door.nowMs });
    expect(written(door.feed(tamper(true), tamper(true)))).toEqual(["tamper"]);
    expect(publicDoor(door.state).alarms).toEqual(["tamper"]);
    door.feed(tamper(false));
    expect(publicDoor(door.state).alarms).toEqual([]);
  });
});
