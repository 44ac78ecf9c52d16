import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { driveSafe } from "../../src/hal/relay-guard/lock-once.ts";
import { type ChipRig, startChip } from "../support/chip-process.ts";
import { type Spoken, speak } from "../support/processes.ts";

const guardPath = "dist/hal/relay-guard/main.js";
/** What a busy machine may add; every other mechanism that could lock would be later than this. */
const lateMs = 400;
const strike = 0;
const contact = 1;

describe("the relay guard as a process", () => {
  let rig: ChipRig;
  const started: Spoken[] = [];

  const startGuard = async (): Promise<Spoken> => {
    const guard = speak(guardPath, { gpio: rig.gpio });
    started.push(guard);
    await guard.heard(({ type, cause }) => type === "strike" && cause === "start");
    return guard;
  };
  const lease = (guard: Spoken, id: string, aheadMs: number): number => {
    const untilMs = systemClock.nowMs() + aheadMs;
    guard.send({ type: "lease", id, untilMs });
    return untilMs;
  };
  const opened = () => rig.observer.waitFor((edge) => edge.line === strike && edge.isActive, 3000);
  const locked = () => rig.observer.waitFor((edge) => edge.line === strike && !edge.isActive, 12_000);

  beforeEach(async () => {
    rig = await startChip();
  });
  afterEach(async () => {
    for (const { process: child } of started.splice(0)) child.kill("SIGKILL");
    await rig.stop();
  });

  it("opens for a lease and locks by itself at its end", async () => {
    const guard = await startGuard();
    const untilMs = lease(guard, "a", 300);
    const edge = await locked();
    expect(edge.cause).toBe("set");
    expect(edge.atMs - untilMs).toBeLessThan(lateMs);
    expect(edge.atMs - untilMs).toBeGreaterThan(-5);
    await guard.heard(({ type, isOpen, cause }) => type === "strike" && isOpen === false && cause === "deadline");
  });

  it("never touches the strike for a lease beyond ten seconds, from another clock, in the past, or unreadable", async () => {
    const guard = await startGuard();
    lease(guard, "long", 10_500);
    guard.send({ type: "lease", id: "wall", untilMs: Date.now() + 5000 });
    lease(guard, "past", -1);
    guard.send({ type: "lease", id: "text", untilMs: "soon" });
    guard.process.stdin.write('{"type":"lease","id":"cut"\n');
    guard.send({ type: "open-sesame" });
    guard.send({ type: "probe" });
    const state = await guard.heard(({ type }) => type === "state");
    expect(state.isOpen).toBe(false);
    expect(guard.said.filter(({ type }) => type === "refused").map(({ reason }) => reason)).toEqual([
      "too-long",
      "other-clock",
      "past",
      "malformed",
      "malformed",
      "malformed",
    ]);
    expect(await rig.observer.record()).toEqual([]);
  });

  it("is released by the chip when it is killed in the middle of an opening", async () => {
    const guard = await startGuard();
    lease(guard, "a", 9000);
    await opened();
    const killedMs = systemClock.nowMs();
    guard.process.kill("SIGKILL");
    const edge = await locked();
    expect(edge.cause).toBe("released");
    expect(edge.atMs - killedMs).toBeLessThan(500);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("locks and ends in good order on %s", async (signal) => {
    const guard = await startGuard();
    lease(guard, "a", 9000);
    await opened();
    guard.process.kill(signal);
    expect(await guard.ended).toBe(0);
    expect((await locked()).cause).toBe("set");
  });

  it("locks at once when its input closes", async () => {
    const guard = await startGuard();
    lease(guard, "a", 9000);
    await opened();
    const closedMs = systemClock.nowMs();
    guard.process.stdin.end();
    const edge = await locked();
    expect(edge.cause).toBe("set");
    expect(edge.atMs - closedMs).toBeLessThan(500);
    expect(await guard.ended).toBe(0);
    await guard.heard(({ type, cause }) => type === "strike" && cause === "parent-gone");
  });

  it("keeps its deadline though nobody reads what it says", async () => {
    const guard = await startGuard();
    guard.process.stdout.pause();
    const untilMs = lease(guard, "a", 1500);
    await opened();
    // More reports than a pipe holds.
    for (let index = 0; index < 4000; index++) await rig.observer.drive(contact, index % 2 === 0 ? 1 : 0);
    const edge = await locked();
    expect(edge.atMs - untilMs).toBeLessThan(lateMs);
  });

  it("leaves the strike alone when a second guard wants the same chip", async () => {
    const first = await startGuard();
    lease(first, "a", 5000);
    await opened();
    const second = speak(guardPath, { gpio: rig.gpio });
    started.push(second);
    const fault = await second.heard(({ type }) => type === "fault");
    expect(fault.reason).toContain("busy");
    expect(await second.ended).toBe(69);
    first.send({ type: "probe" });
    expect((await first.heard(({ type }) => type === "state")).isOpen).toBe(true);
    expect(await rig.observer.record()).toHaveLength(1);
  });

  it("ends with an error when the chip is lost", async () => {
    const guard = await startGuard();
    rig.chip.process.kill("SIGKILL");
    expect(await guard.ended).toBe(69);
    expect((await guard.heard(({ type }) => type === "fault")).reason).toContain("lost");
  });

  it("ends with an error when a welded relay stays open", async () => {
    const guard = await startGuard();
    lease(guard, "a", 9000);
    await opened();
    await rig.observer.stick(strike, 1);
    guard.send({ type: "lock" });
    expect(await guard.ended).toBe(69);
    expect((await guard.heard(({ type }) => type === "fault")).reason).toContain("open after locking");
    await rig.observer.stick(strike, null);
  });

  it("names a wrong configuration and ends with the code that says so", async () => {
    const guard = speak(guardPath, { gpio: { driver: "magic" } });
    expect(await guard.ended).toBe(78);
    expect(guard.said.map(({ type }) => type)).toEqual(["fault"]);
  });

  it("drives the door safe once without a guard, and says who is in the way when there is one", async () => {
    await driveSafe(rig.gpio);
    await startGuard();
    await expect(driveSafe(rig.gpio)).rejects.toThrow("busy");
  });
});
