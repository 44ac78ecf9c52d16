import { describe, expect, it } from "vitest";
import { fromModeEvent } from "../../../../src/daemon/door/carried-over.ts";
import { doorRules, publicDoor } from "../../../../src/daemon/door/machine.ts";
import type { DoorEvent } from "../../../../src/daemon/door/types.ts";
import { DoorBench, leases, written } from "../../../support/door-bench.ts";

const rules = doorRules();
const ready = (options: Partial<typeof rules> = {}) => new DoorBench(doorRules(options)).guardStarts();
const says = (isPassageTime: boolean | null): DoorEvent => ({ type: "schedule", isPassageTime });
const mode = (name: "normal" | "passage" | "lockdown"): DoorEvent => ({ type: "mode", mode: name, by: "ann" });
/** In passage by the schedule, with the strike open. */
const scheduled = () => {
  const door = ready();
  door.feed(says(true), door.opened());
  return door;
};
/** The schedule says so each second for a while. */
const seconds = (door: DoorBench, count: number, word: boolean | null = true) => {
  const before = door.effects.length;
  for (let second = 0; second < count; second++) door.after(1000, says(word));
  return door.effects.slice(before);
};

describe("a weekly schedule", () => {
  it("unlocks the door when its time begins and locks it when it ends", () => {
    const door = ready();
    expect(written(door.feed(says(true), door.opened()))).toEqual(["mode:passage", "opened:strike"]);
    expect(publicDoor(door.state)).toMatchObject({ mode: "passage", lock: "unlocked" });
    const ended = door.after(1000, says(false));
    expect(ended[0]).toEqual({ type: "guard", command: { type: "lock" } });
    expect(written(ended)).toEqual(["mode:normal"]);
  });

  it("that cannot say (an unset clock) keeps the door locked, and locks it", () => {
    const door = ready();
    expect(leases(seconds(door, 5, null))).toEqual([]);
    const open = scheduled();
    expect(open.after(1000, says(null))[0]).toEqual({ type: "guard", command: { type: "lock" } });
  });

  it("waits for a guard and opens with its word, not with that of the guard", () => {
    const door = new DoorBench(rules);
    door.feed(says(true));
    expect(leases(door.guardStarts().effects)).toEqual([]);
    expect(leases(door.after(1000, says(true)))).toHaveLength(1);
  });

  it.each([
    ["lockdown", mode("lockdown")],
    ["a relay that reads wrong", { type: "read-back", isOpen: true } as const],
  ])("does not open in %s", (_name, event) => {
    const door = ready();
    door.feed(event);
    expect(leases(seconds(door, 5))).toEqual([]);
  });

  it("opens again after the loss of the guard, because it is the operator's standing order, but not at once", () => {
    const door = scheduled();
    door.feed({ type: "guard-gone", reason: "killed" });
    door.guardStarts();
    expect(publicDoor(door.state).mode).toBe("normal");
    expect(leases(seconds(door, 9))).toEqual([]);
    expect(leases(seconds(door, 2))).toHaveLength(1);
  });

  const orders: [name: string, event: DoorEvent][] = [
    ["to lock", { type: "lock", by: "ann" }],
    ["to be normal", mode("normal")],
  ];
  it.each(orders)("is outranked by an order %s until its present time is over", (_name, event) => {
    const door = scheduled();
    door.feed(event, door.locked());
    expect(leases(seconds(door, 60))).toEqual([]);
    expect(leases(seconds(door, 5, null))).toEqual([]);
    expect(leases(seconds(door, 5))).toEqual([]);
    seconds(door, 20, false);
    expect(leases(seconds(door, 1))).toHaveLength(1);
  });

  it("does not begin again when a lockdown is lifted in the middle of it", () => {
    const door = scheduled();
    door.feed(mode("lockdown"), door.locked(), mode("normal"));
    expect(leases(seconds(door, 60))).toEqual([]);
  });

  it("stays outranked over a restart, by what the last mode event says", () => {
    const door = scheduled();
    door.feed({ type: "lock", by: "ann" });
    const last = door.effects.findLast((effect) => effect.type === "event" && effect.event === "mode");
    if (last?.type !== "event") throw new Error("no mode event");
    const carried = fromModeEvent(JSON.stringify(last.fields));
    expect(carried).toEqual({ mode: "normal", isScheduleSuspended: true });
    const next = new DoorBench(rules, carried.mode, carried.isScheduleSuspended).guardStarts();
    expect(leases(seconds(next, 30))).toEqual([]);
    seconds(next, 1, false);
    expect(leases(seconds(next, 1))).toHaveLength(1);
  });

  it("goes on after an ordinary restart: the end of the process is no order", () => {
    const door = scheduled();
    door.feed({ type: "shutdown" });
    const last = door.effects.findLast((effect) => effect.type === "event" && effect.event === "mode");
    expect(last).toMatchObject({ fields: { mode: "normal", by: "shutdown" } });
    if (last?.type === "event") expect(fromModeEvent(JSON.stringify(last.fields)).isScheduleSuspended).toBe(false);
  });

  it("does not end a passage that was commanded, before or during its time", () => {
    const before = ready();
    before.feed(mode("passage"), before.opened(), says(true));
    expect(leases(before.after(1000, says(false)))).toEqual([]);
    expect(publicDoor(before.state).mode).toBe("passage");
    const during = scheduled();
    during.feed(mode("passage"));
    seconds(during, 3, false);
    expect(publicDoor(during.state).mode).toBe("passage");
  });

  it("is taken up again by a command for passage after it was outranked", () => {
    const door = scheduled();
    door.feed({ type: "lock", by: "ann" });
    door.feed(door.locked());
    expect(leases(door.feed(mode("passage")))).toHaveLength(1);
  });

  it("ends the alarm of a door that is held open: now it may be", () => {
    const door = ready().opens(5);
    door.after(1000, door.contact(true), door.locked());
    door.after(rules.heldMs);
    door.feed(says(true));
    expect(publicDoor(door.state).alarms).toEqual([]);
  });
});

describe("first-in unlock", () => {
  const waiting = () => {
    const door = ready({ firstInUnlock: true });
    door.feed(says(true));
    return door;
  };

  it("keeps a scheduled door locked until somebody was recognised", () => {
    const door = waiting();
    expect(leases(seconds(door, 60))).toEqual([]);
    door.opens(5);
    expect(publicDoor(door.state).mode).toBe("normal");
    seconds(door, 1);
    expect(publicDoor(door.state).mode).toBe("passage");
  });

  it("is not satisfied from far away, by the button, or by a refusal", () => {
    const door = waiting();
    door.feed({ type: "unlock", source: "request" }, door.opened());
    door.feed({ type: "input", line: "requestToExit", isActive: true, atMs: door.nowMs });
    door.feed({ type: "unlock", source: "face", seconds: 999 });
    seconds(door, 5);
    expect(publicDoor(door.state).mode).toBe("normal");
  });

  it("waits anew the next time, and after a restart", () => {
    const door = waiting();
    door.opens(5);
    seconds(door, 1);
    seconds(door, 1, false);
    door.feed(door.locked());
    const later = seconds(door, 60);
    expect(leases(later)).toEqual([]);
  });

  it("does not hold back a passage that is commanded", () => {
    expect(leases(waiting().feed(mode("passage")))).toHaveLength(1);
  });
});

describe("what is carried over a restart", () => {
  const records: [json: string, mode: "normal" | "lockdown", isScheduleSuspended: boolean][] = [
    ['{"mode":"lockdown","by":"ann"}', "lockdown", false],
    ['{"mode":"normal","by":"ann"}', "normal", false],
    ['{"mode":"passage","by":"ann"}', "normal", false],
    ['{"mode":"passage","by":"ann","scheduleSuspended":true}', "normal", true],
    ['{"mode":"lockdown","by":"ann","scheduleSuspended":"yes"}', "lockdown", false],
    ['{"mode":"open"}', "lockdown", true],
    ["{}", "lockdown", true],
    ["null", "lockdown", true],
    ["{", "lockdown", true],
  ];
  it.each(records)("from %s is %s", (json, expected, isScheduleSuspended) => {
    expect(fromModeEvent(json)).toEqual({ mode: expected, isScheduleSuspended });
  });
});
