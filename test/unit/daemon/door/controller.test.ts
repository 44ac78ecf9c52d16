import { describe, expect, it } from "vitest";
import type { DoorState } from "../../../../src/daemon/api.ts";
import { controllerRig as rig } from "../../../support/controller-rig.ts";

describe("the door controller", () => {
  it("answers an unlock at once and tells the guard", () => {
    const { door, guardStarts, commands, clock } = rig();
    guardStarts();
    expect(door.unlock(3, { source: "face", person: "ann" })).toEqual({ ok: true, openMs: 3000 });
    expect(commands.at(-1)).toEqual({ type: "lease", id: "lease-1", untilMs: clock.nowMs() + 3000 });
  });

  it("refuses before a guard has reported, and after the stop", () => {
    const { door, guardStarts } = rig();
    expect(door.unlock(3, { source: "request" })).toEqual({ ok: false, reason: "lock-unknown" });
    guardStarts();
    door.stop();
    expect(door.unlock(3, { source: "request" })).toEqual({ ok: false, reason: "not-running" });
  });

  it("renews a long opening by its own timer and stops renewing in time", () => {
    const { door, guardStarts, commands, say, clock, leaseId } = rig();
    guardStarts();
    const startMs = clock.nowMs();
    door.unlock(12, { source: "face" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    clock.advance(11_900);
    const untils = commands.flatMap((command) => (command.type === "lease" ? [command.untilMs - startMs] : []));
    expect(untils).toEqual([5000, 7500, 10_000, 12_000]);
  });

  it("probes the relay each second and raises a fault when it reads open", () => {
    const { door, guardStarts, commands, say, clock, lines } = rig();
    guardStarts();
    clock.advance(3500);
    expect(commands.filter(({ type }) => type === "probe")).toHaveLength(4);
    say({ type: "state", isOpen: true });
    expect(door.state.alarms).toEqual(["lock-fault"]);
    expect(commands.at(-1)).toEqual({ type: "lock" });
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("writes the events of a visit with who it was", () => {
    const { door, guardStarts, events, say, leaseId } = rig();
    guardStarts();
    door.unlock(undefined, { source: "face", person: "ann" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    say({ type: "strike", isOpen: false, cause: "deadline", leaseId: leaseId() });
    expect(events.records).toMatchObject([
      { type: "opened", source: "strike", by: "face", person: "ann" },
      { type: "closed", source: "strike", cause: "deadline" },
    ]);
  });

  it("locks and goes on when the events cannot be written", () => {
    const { door, guardStarts, events, say, commands, lines, leaseId } = rig();
    guardStarts();
    door.unlock(20, { source: "face" });
    events.isFull = true;
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    expect(door.state.lock).toBe("unlocked");
    door.lock("operator");
    expect(commands.at(-1)).toEqual({ type: "lock" });
    expect(lines.filter(({ message }) => message === "event not written")).toHaveLength(1);
  });

  it("tells its listeners of each change once, with the time since when the lock is so", () => {
    const { door, guardStarts, say, clock, leaseId } = rig();
    const heard: DoorState[] = [];
    const end = door.subscribe((state) => heard.push(state));
    guardStarts();
    const lockedSince = door.state.since;
    clock.advance(2000);
    door.setMode("lockdown", "x");
    expect(door.state.since).toBe(lockedSince);
    door.setMode("normal", "x");
    door.unlock(5, { source: "face" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    expect(heard.map(({ lock, mode }) => `${lock} ${mode}`)).toEqual([
      "locked normal",
      "locked lockdown",
      "locked normal",
      "unlocked normal",
    ]);
    expect(Date.parse(door.state.since)).toBeGreaterThan(Date.parse(lockedSince));
    end();
    door.guardGone("killed");
    expect(heard).toHaveLength(4);
  });

  it("logs each transition as [a] -> [b]", () => {
    const { door, guardStarts, say, lines, leaseId } = rig();
    guardStarts();
    door.unlock(5, { source: "face" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    door.guardGone("the relay guard ended by SIGKILL");
    expect(lines.filter(({ level }) => level === "info").map(({ message }) => message)).toEqual([
      "[unknown] -> [locked]",
      "[locked] -> [opening]",
      "[opening] -> [open]",
      "[open] -> [unknown]",
    ]);
  });

  it("asks for another guard when the strike is not reported locked in time", () => {
    const { door, guardStarts, say, clock, replaced, leaseId } = rig();
    guardStarts();
    door.unlock(2, { source: "face" });
    say({ type: "strike", isOpen: true, cause: "lease", leaseId: leaseId() });
    clock.advance(2299);
    expect(replaced).toEqual([]);
    clock.advance(2);
    expect(replaced).toHaveLength(1);
  });

  it("ends an opening that never reached the guard", () => {
    const { door, guardStarts, channel, clock, replaced } = rig();
    guardStarts();
    channel.isOpen = false;
    door.unlock(20, { source: "face" });
    clock.advance(1000);
    expect(replaced).toHaveLength(1);
    expect(door.state.lock).toBe("locked");
  });

  it("orders the lock when it stops, and leaves no timer behind", () => {
    const { door, guardStarts, commands, clock } = rig();
    guardStarts();
    door.stop();
    door.stop();
    const count = commands.length;
    expect(commands.filter(({ type }) => type === "lock")).toHaveLength(1);
    clock.advance(10_000);
    expect(commands).toHaveLength(count);
  });
});
