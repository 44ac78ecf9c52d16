import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { RecordedEdge } from "../../src/hal/gpio/simulated-protocol.ts";
import { type ChipRig, startChip } from "../support/chip-process.ts";
import { type Said, type Spoken, speak } from "../support/processes.ts";

/** What a busy machine may add; every other mechanism that could lock would be later than this. */
const lateMs = 400;
const strike = 0;
const contact = 1;
const requestToExit = 2;

const isLocked = ({ type, state }: Said) => type === "state" && (state as { lock?: string }).lock === "locked";
const isEvent = (name: string, fields: object = {}) => {
  return ({ type, event }: Said) => {
    if (type !== "event" || typeof event !== "object" || event === null) return false;
    return Object.entries({ type: name, ...fields }).every(([key, value]) => Reflect.get(event, key) === value);
  };
};

describe("a door with a supervised guard", () => {
  let rig: ChipRig;
  let parent: Spoken;
  let guardPid: number;

  const opened = () => rig.observer.waitFor(({ line, isActive }) => line === strike && isActive, 3000);
  const locked = (deadlineMs = 12_000) =>
    rig.observer.waitFor(({ line, isActive }) => line === strike && !isActive, deadlineMs);
  const strikeEdges = async (): Promise<readonly RecordedEdge[]> =>
    (await rig.observer.record()).filter(({ line }) => line === strike);

  beforeEach(async () => {
    rig = await startChip();
    parent = speak("test/support/door-process.mjs", { gpio: rig.gpio });
    guardPid = Number((await parent.heard(isLocked)).guard);
  });
  afterEach(async () => {
    parent.process.kill("SIGCONT");
    parent.process.stdin.end();
    await parent.ended;
    await rig.stop();
  });

  it("opens for the time asked and not longer", async () => {
    parent.send({ unlock: 1 });
    const { atMs } = await opened();
    const edge = await locked();
    expect(edge.atMs - atMs).toBeGreaterThan(900);
    expect(edge.atMs - atMs).toBeLessThan(1000 + lateMs);
    await parent.heard(isEvent("opened", { source: "strike", by: "request" }));
    await parent.heard(isEvent("closed", { source: "strike", cause: "deadline" }));
    await parent.heard(isEvent("not-taken", { by: "request" }));
  });

  it("renews an opening that is longer than one lease without a gap", async () => {
    parent.send({ unlock: 7 });
    const { atMs } = await opened();
    const edge = await locked();
    expect(edge.atMs - atMs).toBeGreaterThan(6900);
    expect(edge.atMs - atMs).toBeLessThan(7000 + lateMs);
    expect(await strikeEdges()).toHaveLength(2);
  });

  it("closes when the guard is killed, starts another one, and does not open again by itself", async () => {
    parent.send({ unlock: 20 });
    await opened();
    const killedMs = systemClock.nowMs();
    process.kill(guardPid, "SIGKILL");
    const edge = await locked();
    expect(edge.cause).toBe("released");
    expect(edge.atMs - killedMs).toBeLessThan(500);
    const back = await parent.heard((said) => isLocked(said) && said.guard !== guardPid);
    expect(Number(back.atMs) - killedMs).toBeLessThan(2000);
    expect(await strikeEdges()).toHaveLength(2);
    parent.send({ unlock: 1 });
    await rig.observer.waitFor(({ line, isActive, sequence }) => line === strike && isActive && sequence > 1, 3000);
  });

  it("falls back from passage to normal when the guard is killed", async () => {
    parent.send({ mode: "passage" });
    await opened();
    process.kill(guardPid, "SIGKILL");
    await locked();
    await parent.heard(isEvent("mode", { mode: "normal", by: "guard-gone" }));
    await parent.heard((said) => isLocked(said) && said.guard !== guardPid);
    expect(await strikeEdges()).toHaveLength(2);
  });

  it("closes at once when the daemon is killed, and the guard ends with it", async () => {
    parent.send({ unlock: 20 });
    await opened();
    const killedMs = systemClock.nowMs();
    parent.process.kill("SIGKILL");
    const edge = await locked();
    expect(edge.cause).toBe("set");
    expect(edge.atMs - killedMs).toBeLessThan(500);
    await expect.poll(() => isAlive(guardPid), { timeout: 3000 }).toBe(false);
  });

  it("closes at the end of the lease when the daemon stands still, and does not open again when it goes on", async () => {
    parent.send({ unlock: 8 });
    const { atMs } = await opened();
    parent.process.kill("SIGSTOP");
    const edge = await locked();
    expect(edge.atMs - atMs).toBeGreaterThan(4900);
    expect(edge.atMs - atMs).toBeLessThan(5000 + lateMs);
    parent.process.kill("SIGCONT");
    await parent.heard(isEvent("closed", { source: "strike" }));
    parent.send({ lock: true });
    expect(await strikeEdges()).toHaveLength(2);
  });

  it("kills and replaces a guard that hangs, and the strike is closed by then", async () => {
    parent.send({ unlock: 20 });
    await opened();
    process.kill(guardPid, "SIGSTOP");
    const edge = await locked();
    expect(edge.cause).toBe("released");
    await parent.heard((said) => isLocked(said) && said.guard !== guardPid, 8000);
    expect(await strikeEdges()).toHaveLength(2);
  });

  it("replaces a guard that hangs over the end of an opening within half a second", async () => {
    parent.send({ unlock: 1 });
    const { atMs } = await opened();
    process.kill(guardPid, "SIGSTOP");
    const edge = await locked();
    expect(edge.cause).toBe("released");
    expect(edge.atMs - atMs).toBeLessThan(1500);
  });

  it("locks at once on lockdown and refuses what is asked then, the exit button too", async () => {
    parent.send({ unlock: 20 });
    await opened();
    parent.send({ mode: "lockdown" });
    await locked(1000);
    parent.send({ unlock: 5 });
    const refused = await parent.heard(({ type, answer }) => type === "answer" && !(answer as { ok: boolean }).ok);
    expect(refused.answer).toEqual({ ok: false, reason: "lockdown" });
    await rig.observer.drive(requestToExit, 1);
    await parent.heard(isEvent("rex"));
    expect(await strikeEdges()).toHaveLength(2);
  });

  it("locks as soon as the door is opened, and calls a door forced that opens without permission", async () => {
    parent.send({ unlock: 5 });
    await opened();
    await rig.observer.drive(contact, 1);
    await locked(500);
    await rig.observer.drive(contact, 0);
    await parent.heard(isEvent("closed", { source: "contact" }));
    expect(parent.said.some(isEvent("forced"))).toBe(false);
  });

  it("calls a door forced that opens while it is locked", async () => {
    await rig.observer.drive(contact, 1);
    await parent.heard(isEvent("forced"));
  });

  it("says that the state of a welded relay is not what it should be", async () => {
    parent.send({ unlock: 1 });
    await opened();
    await rig.observer.stick(strike, 1);
    await parent.heard(({ type, state }) => type === "state" && (state as { lock?: string }).lock === "unknown", 4000);
    await rig.observer.stick(strike, null);
  });
});

function isAlive(pid: number): boolean {
  try {
    // A dead process that nobody has waited for yet is dead.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
