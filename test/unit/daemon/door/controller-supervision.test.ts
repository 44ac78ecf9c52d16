import { describe, expect, it } from "vitest";
import type { DoorState } from "../../../../src/daemon/api.ts";
import type { GuardCommand } from "../../../../src/hal/relay-guard/protocol.ts";
import { controllerRig as rig } from "../../../support/controller-rig.ts";

describe("the lights and sounders of a door", () => {
  const signals = (commands: readonly GuardCommand[]) =>
    commands.flatMap((command) => (command.type === "signal" ? [command.outcome] : []));

  it("say granted when the strike has opened, refused when told, and the alarms as they come and go", () => {
    const { door, guardStarts, say, commands, clock, leaseId } = rig();
    guardStarts();
    say({ type: "input", line: "contact", isActive: false });
    door.unlock(5, { source: "face" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    say({ type: "input", line: "contact", isActive: true });
    say({ type: "strike", isOpen: false, cause: "lock", leaseId: leaseId() });
    door.showRefusal();
    clock.advance(30_000);
    expect(door.acknowledge("held", "guard room")).toBe(true);
    expect(signals(commands)).toEqual(["quiet", "granted", "refused", "warning", "alarm", "quiet"]);
  });

  it("are told of an alarm again when another guard has started", () => {
    const { door, guardStarts, say, commands } = rig();
    guardStarts();
    say({ type: "input", line: "tamper", isActive: true });
    door.guardGone("killed");
    commands.length = 0;
    guardStarts();
    expect(signals(commands)).toEqual(["alarm"]);
  });

  it("that do not work are for the operator to know and change nothing", () => {
    const { door, guardStarts, say, lines } = rig();
    guardStarts();
    say({ type: "signal-fault", line: "buzzer", reason: "no answer" });
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    expect(door.unlock(5, { source: "face" })).toMatchObject({ ok: true });
  });
});

describe("the alarms of a door, as published", () => {
  it("are names, and details with their states, who has seen them and since when", () => {
    const { door, guardStarts, say, clock } = rig();
    guardStarts();
    say({ type: "input", line: "tamper", isActive: true });
    const raisedAt = clock.date().toISOString();
    clock.advance(5000);
    expect(door.state.alarms).toEqual(["tamper"]);
    expect(door.state.alarmDetails).toEqual([{ alarm: "tamper", state: "raised", since: raisedAt, by: null }]);
    door.acknowledge("tamper", "guard room");
    expect(door.state.alarmDetails).toMatchObject([{ state: "acknowledged", by: "guard room" }]);
    expect(door.acknowledge("tamper", "somebody else")).toBe(false);
    say({ type: "input", line: "tamper", isActive: false });
    expect(door.state).toMatchObject({ alarms: [], alarmDetails: [] });
  });

  it("are told to listeners when only the details change", () => {
    const { door, guardStarts, say } = rig();
    guardStarts();
    say({ type: "input", line: "tamper", isActive: true });
    const heard: DoorState[] = [];
    door.subscribe((state) => heard.push(state));
    door.acknowledge("tamper", "guard room");
    expect(heard).toHaveLength(1);
  });

  it.each(["fire", "", "__proto__", "FORCED"])("know no alarm %j", (name) => {
    expect(rig().door.acknowledge(name, "x")).toBe(false);
  });
});

describe("a door that follows a schedule", () => {
  const following = (isPassageTime: (at: Date) => boolean | null) => {
    const bench = rig();
    bench.guardStarts();
    bench.door.follow({ isPassageTime });
    return bench;
  };

  it("asks it each second with the time of day", () => {
    const asked: string[] = [];
    const { clock } = following((at) => {
      asked.push(at.toISOString());
      return false;
    });
    clock.advance(3000);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(new Set(asked).size).toBeGreaterThanOrEqual(3);
  });

  it("unlocks within a second of its beginning and locks within a second of its end", () => {
    let word = false;
    const { door, clock, commands, say, leaseId } = following(() => word);
    clock.advance(1);
    word = true;
    clock.advance(1000);
    expect(door.state.mode).toBe("passage");
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    word = false;
    clock.advance(1000);
    expect(door.state.mode).toBe("normal");
    expect(commands.filter(({ type }) => type === "lock").length).toBeGreaterThan(0);
  });

  it("stays locked when the schedule throws, and complains once", () => {
    const { door, clock, lines } = following(() => {
      throw new Error("no such schedule");
    });
    clock.advance(10_000);
    expect(door.state.mode).toBe("normal");
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("asks no more after its stop", () => {
    let asked = 0;
    const { door, clock } = following(() => {
      asked++;
      return true;
    });
    door.stop();
    const before = asked;
    clock.advance(10_000);
    expect(asked).toBe(before);
  });
});

describe("a lockdown carried over a restart", () => {
  it("refuses from the first moment", () => {
    const { door, guardStarts } = rig({ carriedOver: { mode: "lockdown", isScheduleSuspended: false } });
    guardStarts();
    expect(door.unlock(5, { source: "face" })).toEqual({ ok: false, reason: "lockdown" });
  });

  it("is written down twice a day, so that no retention of events forgets it", () => {
    const { door, guardStarts, clock, events, say } = rig();
    guardStarts();
    door.setMode("lockdown", "ann");
    for (let hour = 0; hour < 25; hour++) {
      clock.standStill(3_600_000);
      clock.advance(1000);
      say({ type: "state", isOpen: false });
    }
    const modes = events.records.filter(({ type }) => type === "mode");
    expect(modes).toMatchObject([{ by: "ann" }, { by: "restated" }, { by: "restated" }]);
    expect(modes.every(({ mode }) => mode === "lockdown")).toBe(true);
  });
});
