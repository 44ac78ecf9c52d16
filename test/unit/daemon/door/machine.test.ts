import { describe, expect, it } from "vitest";
import { doorRules, nextWakeMs, publicDoor, situation } from "../../../../src/daemon/door/machine.ts";
import type { DoorEvent } from "../../../../src/daemon/door/types.ts";
import { answers, DoorBench, leases, locks, written } from "../../../support/door-bench.ts";

const rules = doorRules();
const ready = () => new DoorBench(rules).guardStarts();
const unlock = (seconds?: number): DoorEvent => ({
  type: "unlock",
  source: "request",
  ...(seconds === undefined ? {} : { seconds }),
});

describe("the state of the lock", () => {
  it("is unknown until a guard has reported it", () => {
    const door = new DoorBench(rules);
    expect(publicDoor(door.state).lock).toBe("unknown");
    door.feed({ type: "guard-ready" });
    expect(publicDoor(door.state).lock).toBe("unknown");
    door.feed({ type: "strike", isOpen: false, cause: "start" });
    expect(publicDoor(door.state).lock).toBe("locked");
  });

  it("is unlocked only once the guard says so, never because an opening was asked for", () => {
    const door = ready();
    door.feed(unlock(5));
    expect(publicDoor(door.state).lock).toBe("locked");
    expect(situation(door.state)).toBe("opening");
    door.feed(door.opened());
    expect(publicDoor(door.state).lock).toBe("unlocked");
  });

  it("stays unlocked after an order to lock until the guard confirms it", () => {
    const door = ready().opens(5);
    door.feed({ type: "lock", by: "ann" });
    expect(publicDoor(door.state).lock).toBe("unlocked");
    const effects = door.feed({ type: "strike", isOpen: false, cause: "lock", leaseId: "lease-1" });
    expect(publicDoor(door.state).lock).toBe("locked");
    expect(effects).toContainEqual({
      type: "event",
      event: "closed",
      fields: { source: "strike", cause: "lock", by: "ann" },
    });
  });

  it("ignores reports that arrive from no guard", () => {
    const door = new DoorBench(rules);
    door.feed({ type: "strike", isOpen: true, cause: "lease", leaseId: "x" }, { type: "read-back", isOpen: false });
    expect(publicDoor(door.state).lock).toBe("unknown");
  });
});

describe("an unlock", () => {
  it("by request leaves on record who asked for it", () => {
    const door = ready();
    door.feed({ type: "unlock", source: "request", requester: "key frontdesk" });
    const effects = door.feed(door.opened());
    expect(effects).toContainEqual(
      expect.objectContaining({ event: "opened", fields: expect.objectContaining({ requester: "key frontdesk" }) }),
    );
  });

  const table: [name: string, seconds: number | undefined, answer: number | string][] = [
    ["without a time takes the door's own", undefined, 5000],
    ["of one second is the shortest", 1, 1000],
    ["of 255 seconds is the longest", 255, 255_000],
    ["of 256 seconds is refused", 256, "bad-seconds"],
    ["of no time is refused", 0, "bad-seconds"],
    ["of negative time is refused", -5, "bad-seconds"],
    ["that never ends is refused", Number.POSITIVE_INFINITY, "bad-seconds"],
    ["of no number is refused", Number.NaN, "bad-seconds"],
  ];
  it.each(table)("%s", (_name, seconds, answer) => {
    const effects = ready().feed(unlock(seconds));
    expect(answers(effects)).toEqual([answer]);
    expect(leases(effects)).toHaveLength(typeof answer === "number" ? 1 : 0);
  });

  it("is refused while no guard answers", () => {
    const effects = new DoorBench(rules).feed(unlock());
    expect(answers(effects)).toEqual(["lock-unknown"]);
    expect(leases(effects)).toEqual([]);
  });

  it("is refused between the start of a guard and its first word about the strike", () => {
    const door = new DoorBench(rules);
    expect(answers(door.feed({ type: "guard-ready" }, unlock()))).toEqual(["lock-unknown"]);
  });

  it("is refused while the relay does not do what it is told, and accepted once it reads locked again", () => {
    const door = ready();
    door.feed({ type: "read-back", isOpen: true });
    expect(publicDoor(door.state).alarms).toEqual(["lock-fault"]);
    expect(answers(door.feed(unlock()))).toEqual(["lock-fault"]);
    door.feed({ type: "strike", isOpen: false, cause: "fault" }, { type: "read-back", isOpen: false });
    expect(answers(door.feed(unlock()))).toEqual([5000]);
  });

  it("leases the whole time when it fits in one slice", () => {
    const door = ready();
    expect(leases(door.feed(unlock(5)))).toEqual([door.nowMs + 5000]);
  });

  it("leases a long time in slices, renewed at half of each, the last one ending exactly with the permission", () => {
    const door = ready();
    const startMs = door.nowMs;
    door.opens(12);
    for (let step = 0; step < 130; step++) door.after(100);
    const untils = leases(door.effects).map((untilMs) => untilMs - startMs);
    expect(untils).toEqual([5000, 7500, 10_000, 12_000]);
  });

  it("prolongs an opening but never shortens it", () => {
    const door = ready().opens(5);
    door.after(1000, unlock(1));
    expect(door.state.opening?.untilMs).toBe(door.nowMs + 4000);
    door.after(1000, unlock(20));
    expect(door.state.opening?.untilMs).toBe(door.nowMs + 20_000);
  });

  it("never lasts longer than 255 s beyond the newest permission", () => {
    const door = ready().opens(255);
    door.after(10, unlock(255));
    expect(door.state.opening?.untilMs).toBe(door.nowMs + 255_000);
  });

  it("that the guard refuses is over, and the door is locked to be sure", () => {
    const door = ready();
    door.feed(unlock(5));
    const effects = door.feed({ type: "guard-refused", id: "lease-1", reason: "other-clock" });
    expect(locks(effects)).toBe(1);
    expect(door.state.opening).toBeNull();
  });

  it("is not ended by the refusal of something else", () => {
    const door = ready().opens(5);
    door.feed(
      { type: "guard-refused", id: "lease-77", reason: "past" },
      { type: "guard-refused", id: "", reason: "x" },
    );
    expect(door.state.opening).not.toBeNull();
  });

  it("that the guard does not carry out in time ends, and the guard is replaced", () => {
    const door = ready();
    door.feed(unlock(5));
    const effects = door.after(rules.answerMs);
    expect(effects.map(({ type }) => type)).toEqual(["replace-guard", "guard"]);
    expect(door.state.opening).toBeNull();
  });
});

describe("the end of an opening", () => {
  it("is written with its cause and, where the door was not opened, with not-taken", () => {
    const door = ready().opens(5);
    const ended = door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    expect(written(ended)).toEqual(["closed:strike"]);
    expect(written(door.after(rules.graceMs))).toEqual(["not-taken"]);
    expect(door.effects.at(-1)).toMatchObject({ fields: { by: "face", person: "ann" } });
  });

  it("is no not-taken when the door opens in the last moment", () => {
    const door = ready().opens(5);
    door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    const effects = door.after(400, door.contact(true));
    expect(effects).toContainEqual({
      type: "event",
      event: "opened",
      fields: { source: "contact", by: "face", person: "ann" },
    });
    expect(written(door.after(5000))).toEqual([]);
  });

  it("is no not-taken where no contact is wired", () => {
    const door = new DoorBench(rules);
    door.feed({ type: "guard-ready" }, { type: "strike", isOpen: false, cause: "start" });
    door.opens(5);
    door.after(5000, { type: "strike", isOpen: false, cause: "deadline", leaseId: "lease-1" });
    expect(written(door.after(5000))).toEqual([]);
    expect(publicDoor(door.state).contact).toBe("unknown");
  });

  it("that the guard does not report in time has the guard replaced", () => {
    const door = ready().opens(5);
    door.after(5000);
    const effects = door.after(rules.lockWithinMs);
    expect(effects[0]).toMatchObject({ type: "replace-guard" });
    expect(publicDoor(door.state)).toMatchObject({ lock: "unlocked", alarms: ["lock-fault"] });
  });

  it("comes with the guard's deadline when this process was too late to renew", () => {
    const door = ready().opens(20);
    const effects = door.after(6000);
    expect(leases(effects)).toEqual([]);
    expect(door.state.opening).toBeNull();
    expect(locks(effects)).toBe(1);
  });

  it("is not brought about by the report of an earlier lease that crosses a newer one", () => {
    const door = ready().opens(5);
    door.feed({ type: "lock", by: "x" }, unlock(5));
    door.feed({ type: "strike", isOpen: false, cause: "lock", leaseId: "lease-1" });
    expect(door.state.opening).not.toBeNull();
    door.feed(door.opened());
    expect(situation(door.state)).toBe("open");
  });

  it("is ordered again when the guard opens after the permission has ended", () => {
    const door = ready();
    door.feed(unlock(5), { type: "lock", by: "x" });
    const effects = door.feed({ type: "strike", isOpen: true, cause: "lease", leaseId: "lease-1" });
    expect(locks(effects)).toBe(1);
    expect(publicDoor(door.state).lock).toBe("unlocked");
  });
});

describe("the read-back", () => {
  it("that agrees changes nothing", () => {
    const door = ready().opens(5);
    expect(door.feed({ type: "read-back", isOpen: true })).toEqual([]);
  });

  it("that is open against the report locks, raises a fault and is written", () => {
    const door = ready();
    const effects = door.feed({ type: "read-back", isOpen: true });
    expect(locks(effects)).toBe(1);
    expect(written(effects)).toEqual(["opened:strike"]);
    expect(publicDoor(door.state)).toMatchObject({ lock: "unlocked", alarms: ["lock-fault"] });
  });

  it("that is locked in the middle of an opening ends it", () => {
    const door = ready().opens(20);
    const effects = door.feed({ type: "read-back", isOpen: false });
    expect(locks(effects)).toBe(1);
    expect(door.state.opening).toBeNull();
    expect(leases(door.after(3000))).toEqual([]);
  });
});

describe("the next wake", () => {
  it("is never in the past after a tick, or the machine would spin", () => {
    const door = ready();
    door.feed(unlock(20), door.opened());
    for (let step = 0; step < 60; step++) {
      door.after(500);
      expect(nextWakeMs(door.state, rules)).toBeGreaterThan(door.nowMs);
    }
    expect(nextWakeMs(ready().state, rules)).toBe(Number.POSITIVE_INFINITY);
  });
});
