import { describe, expect, it } from "vitest";
import { lastingSignal } from "../../../../src/daemon/door/alarms.ts";
import { doorRules, publicDoor } from "../../../../src/daemon/door/machine.ts";
import type { AlarmName, DoorEvent } from "../../../../src/daemon/door/types.ts";
import { DoorBench, written } from "../../../support/door-bench.ts";

const rules = doorRules();
const ready = () => new DoorBench(rules).guardStarts();
const acknowledge = (alarm: AlarmName): DoorEvent => ({ type: "acknowledge", alarm, by: "guard room" });
const states = (door: DoorBench) => door.state.alarms.map(({ name, state }) => `${name} ${state}`);
const tamper = (door: DoorBench, isActive: boolean): DoorEvent => ({
  type: "input",
  line: "tamper",
  isActive,
  atMs: door.nowMs,
});

/** How to bring each alarm about, and how to end its cause. */
const causes: [alarm: AlarmName, begin: (door: DoorBench) => void, end: (door: DoorBench) => void][] = [
  ["forced", (door) => door.feed(door.contact(true)), (door) => door.feed(door.contact(false))],
  [
    "held",
    (door) => {
      door.opens(5).after(1000, door.contact(true), door.locked());
      door.after(rules.heldMs);
    },
    (door) => door.feed(door.contact(false)),
  ],
  ["tamper", (door) => door.feed(tamper(door, true)), (door) => door.feed(tamper(door, false))],
  [
    "lock-fault",
    (door) => door.feed({ type: "read-back", isOpen: true }),
    (door) => door.feed({ type: "strike", isOpen: false, cause: "fault" }, { type: "read-back", isOpen: false }),
  ],
];

describe.each(causes)("the alarm %s", (alarm, begin, end) => {
  it("is raised once and stays while its cause does", () => {
    const door = ready();
    begin(door);
    expect(states(door)).toEqual([`${alarm} raised`]);
    door.after(60_000);
    expect(door.state.alarms.filter(({ name }) => name === alarm)).toHaveLength(1);
    expect(publicDoor(door.state).alarms).toContain(alarm);
  });

  it("is silenced by an acknowledgement, which does not end its cause", () => {
    const door = ready();
    begin(door);
    const effects = door.feed(acknowledge(alarm));
    expect(effects.at(-1)).toBeDefined();
    expect(effects).toContainEqual({ type: "acknowledged", isKnown: true });
    expect(lastingSignal(door.state)).toBe("quiet");
    expect(publicDoor(door.state).alarms).toEqual([alarm]);
    expect(door.state.alarms[0]).toMatchObject({ state: "acknowledged", by: "guard room" });
  });

  it("is over once it is acknowledged and its cause is gone", () => {
    const door = ready();
    begin(door);
    door.feed(acknowledge(alarm));
    end(door);
    expect(door.state.alarms).toEqual([]);
  });

  it("that nobody has seen stays resolved until somebody has", () => {
    const door = ready();
    begin(door);
    end(door);
    expect(states(door)).toEqual([`${alarm} resolved`]);
    expect(publicDoor(door.state).alarms).toEqual([]);
    expect(lastingSignal(door.state)).toBe("quiet");
    door.feed(acknowledge(alarm));
    expect(door.state.alarms).toEqual([]);
  });

  it("is raised anew when its cause comes back", () => {
    const door = ready();
    begin(door);
    end(door);
    door.after(10_000);
    begin(door);
    expect(states(door)).toEqual([`${alarm} raised`]);
  });

  it("cannot be acknowledged twice, nor before it is raised", () => {
    const door = ready();
    expect(door.feed(acknowledge(alarm))).toEqual([{ type: "acknowledged", isKnown: false }]);
    begin(door);
    door.feed(acknowledge(alarm));
    expect(door.feed(acknowledge(alarm))).toEqual([{ type: "acknowledged", isKnown: false }]);
  });
});

describe("the events of an alarm", () => {
  it("say raised, acknowledged by whom, and resolved, in that order", () => {
    const door = ready();
    door.feed(door.contact(true), acknowledge("forced"), door.contact(false));
    const forced = door.effects.filter((effect) => effect.type === "event" && effect.event === "forced");
    expect(forced).toMatchObject([
      { fields: { state: "raised" } },
      { fields: { state: "acknowledged", by: "guard room" } },
      { fields: { state: "resolved" } },
    ]);
  });

  it("say how long a held door was open", () => {
    const door = ready().opens(5);
    door.after(1000, door.contact(true), door.locked());
    door.after(rules.heldMs);
    expect(door.effects.at(-1)).toMatchObject({ event: "held", fields: { seconds: 30, state: "raised" } });
  });
});

describe("a door that stays open", () => {
  const open = (heldWarningMs: number, seconds = 5) => {
    const door = new DoorBench(doorRules({ heldWarningMs })).guardStarts().opens(seconds);
    door.after(1000, door.contact(true), door.locked());
    return door;
  };

  it("warns before it is held, without an event", () => {
    const door = open(10_000);
    door.after(19_999);
    expect(publicDoor(door.state).alarms).toEqual([]);
    expect(written(door.after(1))).toEqual([]);
    expect(publicDoor(door.state).alarms).toEqual(["held-warning"]);
    expect(lastingSignal(door.state)).toBe("warning");
    expect(written(door.after(10_000))).toEqual(["held"]);
    expect(publicDoor(door.state).alarms).toEqual(["held"]);
    expect(lastingSignal(door.state)).toBe("alarm");
  });

  it("that is closed during the warning leaves nothing behind", () => {
    const door = open(10_000);
    door.after(25_000, door.contact(false));
    expect(door.state.alarms).toEqual([]);
    expect(written(door.after(60_000))).toEqual([]);
  });

  it("is held all the same after its warning was acknowledged", () => {
    const door = open(10_000);
    door.after(20_000);
    door.feed(acknowledge("held-warning"));
    expect(lastingSignal(door.state)).toBe("quiet");
    expect(written(door.after(10_000))).toEqual(["held"]);
  });

  it("gives no warning where none is wanted", () => {
    const door = open(0);
    door.after(29_999);
    expect(publicDoor(door.state).alarms).toEqual([]);
    expect(written(door.after(1))).toEqual(["held"]);
  });

  it("warns from the opening on where the warning is longer than the limit", () => {
    const door = open(600_000);
    expect(publicDoor(door.state).alarms).toEqual(["held-warning"]);
  });

  it("may stay open for as long as its person was given to pass", () => {
    const door = open(10_000, 120);
    expect(written(door.after(119_999))).not.toContain("held");
    expect(written(door.after(1))).toEqual(["held"]);
  });

  it("has the usual limit again for the next person", () => {
    const door = open(10_000, 120);
    door.after(1000, door.contact(false));
    door.after(5000);
    door.opens(5, "bob");
    door.after(1000, door.contact(true), door.locked());
    expect(written(door.after(rules.heldMs))).toContain("held");
  });
});

describe("what the lights and sounders say", () => {
  it("is the alarm as long as any alarm has not been seen, whatever else is acknowledged", () => {
    const door = ready();
    door.feed(door.contact(true), tamper(door, true), acknowledge("forced"));
    expect(lastingSignal(door.state)).toBe("alarm");
    door.feed(acknowledge("tamper"));
    expect(lastingSignal(door.state)).toBe("quiet");
  });

  it("is granted once, when the strike has opened and not before", () => {
    const door = ready();
    const asked = door.feed({ type: "unlock", source: "face", seconds: 5 });
    expect(asked.some(({ type }) => type === "signal")).toBe(false);
    expect(door.feed(door.opened())).toContainEqual({ type: "signal", outcome: "granted" });
  });

  it("is nothing for a strike that opens after the permission has ended", () => {
    const door = ready();
    door.feed({ type: "unlock", source: "face", seconds: 5 }, { type: "lock", by: "x" });
    const effects = door.feed({ type: "strike", isOpen: true, cause: "lease", leaseId: "lease-1" });
    expect(effects.some(({ type }) => type === "signal")).toBe(false);
  });
});
