import { describe, expect, it } from "vitest";
import { RelayGuard } from "../../../../src/hal/relay-guard/guard.ts";
import type { GuardMessage } from "../../../../src/hal/relay-guard/protocol.ts";
import { FakeTime, settle } from "../../../support/fake-time.ts";
import { MemoryLines, startedGuard as started } from "../../../support/guard-rig.ts";

describe("the relay guard", () => {
  it("starts with a strike that was driven locked, and says so once the inputs are known", async () => {
    const { messages, lines } = await started(["contact"]);
    expect(lines.sets.map(({ isActive }) => isActive)).toEqual([false]);
    expect(messages.map(({ type }) => type)).toEqual(["ready", "input", "strike"]);
    expect(messages[2]).toMatchObject({ isOpen: false, cause: "start" });
  });

  it("refuses to start with a strike that reads open", async () => {
    const time = new FakeTime();
    const lines = new MemoryLines(time);
    lines.stuckAt = true;
    const messages: GuardMessage[] = [];
    const fatal: string[] = [];
    const guard = new RelayGuard({
      driver: "memory",
      lines,
      inputs: new Map(),
      signals: [],
      clock: time,
      timers: time,
      send: (message) => messages.push(message),
      onFatal: (reason) => fatal.push(reason),
    });
    await guard.start();
    expect(messages.map(({ type }) => type)).toEqual(["fault"]);
    expect(fatal).toEqual(["the strike reads open after locking"]);
  });

  it("opens for a lease and locks by itself not later than its end and at most 3 ms before", async () => {
    const { time, lines, lease, strikes } = await started();
    const untilMs = time.nowMs() + 5000;
    lease("a", 5000);
    await time.advance(6000);
    expect(lines.sets.slice(1).map(({ isActive }) => isActive)).toEqual([true, false]);
    const lockedAtMs = lines.sets[2]?.atMs ?? 0;
    expect(lockedAtMs).toBeLessThanOrEqual(untilMs);
    expect(lockedAtMs).toBeGreaterThanOrEqual(untilMs - 3);
    expect(strikes().slice(1)).toMatchObject([
      { isOpen: true, cause: "lease", leaseId: "a" },
      { isOpen: false, cause: "deadline", leaseId: "a" },
    ]);
  });

  const refused: [name: string, aheadMs: number, reason: string][] = [
    ["beyond ten seconds", 10_001, "too-long"],
    ["that ends now", 0, "past"],
    ["that has ended", -500, "past"],
    ["stamped with the wall clock", 1.7e12, "other-clock"],
    ["stamped from the start of another process", -900_000, "other-clock"],
    ["that never ends", Number.POSITIVE_INFINITY, "other-clock"],
    ["that is no number", Number.NaN, "other-clock"],
  ];
  it.each(refused)("refuses a lease %s", async (_name, aheadMs, reason) => {
    const { time, lines, lease, messages } = await started();
    lease("a", aheadMs);
    await time.advance(20_000);
    expect(messages.at(-1)).toMatchObject({ type: "refused", id: "a", reason });
    expect(lines.sets.some(({ isActive }) => isActive)).toBe(false);
  });

  it("accepts a lease of exactly ten seconds", async () => {
    const { lease, lines } = await started();
    lease("a", 10_000);
    expect(lines.isOpen).toBe(true);
  });

  it("does not open a second time for a replayed lease", async () => {
    const { time, guard, lines, messages } = await started();
    const command = { type: "lease", id: "a", untilMs: time.nowMs() + 5000 } as const;
    guard.command(command);
    guard.command({ type: "lock" });
    guard.command(command);
    await settle();
    expect(lines.isOpen).toBe(false);
    expect(messages.filter(({ type }) => type === "refused")).toMatchObject([{ id: "a", reason: "replayed" }]);
  });

  it("prolongs an opening by a new lease, without a gap, and ends it with the last one", async () => {
    const { time, lines, lease, strikes } = await started();
    lease("a", 2000);
    await time.advance(1500);
    lease("b", 2000);
    await time.advance(1900);
    expect(lines.isOpen).toBe(true);
    await time.advance(200);
    expect(lines.isOpen).toBe(false);
    expect(lines.sets.map(({ isActive }) => isActive)).toEqual([false, true, false]);
    expect(strikes().at(-1)).toMatchObject({ cause: "deadline", leaseId: "b" });
  });

  it("takes a shorter lease at its word", async () => {
    const { time, lines, lease } = await started();
    lease("a", 9000);
    lease("b", 100);
    await time.advance(100);
    expect(lines.isOpen).toBe(false);
  });

  it("locks at once when told, with nothing left that could open again", async () => {
    const { time, guard, lines, lease, strikes } = await started();
    lease("a", 5000);
    guard.command({ type: "lock" });
    expect(lines.isOpen).toBe(false);
    await time.advance(10_000);
    expect(strikes().slice(1)).toMatchObject([{ isOpen: true }, { isOpen: false, cause: "lock", leaseId: "a" }]);
    expect(time.waiting).toBe(0);
  });

  it("locks at the next wake of any kind when its timer is late", async () => {
    const { time, guard, lines, lease } = await started();
    lease("a", 1000);
    time.jump(3000);
    guard.command({ type: "probe" });
    expect(lines.isOpen).toBe(false);
  });

  it("does not renew a lease that has run out unnoticed without locking first", async () => {
    const { time, lines, lease } = await started();
    lease("a", 1000);
    time.jump(3000);
    lease("b", 1000);
    expect(lines.sets.map(({ isActive }) => isActive)).toEqual([false, true, false, true]);
  });

  it("locks when its parent is gone and accepts nothing afterwards", async () => {
    const { guard, lines, lease, messages } = await started();
    lease("a", 5000);
    await guard.stop("parent-gone");
    lease("b", 5000);
    expect(lines.isOpen).toBe(false);
    expect(messages.at(-2)).toMatchObject({ type: "strike", isOpen: false, cause: "parent-gone" });
    expect(messages.at(-1)).toMatchObject({ type: "refused", reason: "stopping" });
  });

  it("answers a probe with what the chip reads, in the order of what happened before", async () => {
    const { guard, lease, messages } = await started();
    lease("a", 5000);
    guard.command({ type: "probe" });
    guard.command({ type: "lock" });
    guard.command({ type: "probe" });
    await settle();
    const order = messages.slice(2).map((message) => ("isOpen" in message ? [message.type, message.isOpen] : []));
    expect(order.at(0)).toEqual(["strike", true]);
    expect(order.slice(-2)).toEqual([
      ["strike", false],
      ["state", false],
    ]);
  });

  it("drives the strike back when the chip reads open without a lease, and gives up when it stays open", async () => {
    const { guard, lines, messages, fatal } = await started();
    lines.stuckAt = true;
    guard.command({ type: "probe" });
    await settle();
    expect(messages.at(-2)).toMatchObject({ type: "state", isOpen: true });
    expect(messages.at(-1)).toMatchObject({ type: "fault" });
    expect(lines.sets.at(-1)?.isActive).toBe(false);
    expect(fatal).toHaveLength(1);
  });

  it("locks and gives up when an opened strike reads locked", async () => {
    const { lines, lease, fatal, strikes } = await started();
    lines.stuckAt = false;
    lease("a", 5000);
    await settle();
    expect(fatal).toEqual(["the strike reads locked after opening"]);
    expect(lines.sets.at(-1)?.isActive).toBe(false);
    expect(strikes()).toHaveLength(1);
  });

  it("gives up once when the chip does not answer or is lost", async () => {
    const { guard, lines, lease, fatal, messages } = await started();
    lines.isBroken = true;
    lease("a", 5000);
    await settle();
    guard.lost("cable");
    expect(fatal).toEqual(["no answer"]);
    expect(messages.filter(({ type }) => type === "fault")).toHaveLength(1);
  });

  it("reports input edges with the stamp of the chip", async () => {
    const { guard, messages } = await started(["contact"]);
    guard.edge({ line: "contact", isActive: true, atMs: 1_000_123.5 });
    expect(messages.at(-1)).toEqual({ type: "input", line: "contact", isActive: true, atMs: 1_000_123.5 });
  });

  it("keeps a bounded memory of used leases", async () => {
    const { time, guard, lines } = await started();
    for (let index = 0; index < 10_000; index++) {
      guard.command({ type: "lease", id: `l${index}`, untilMs: time.nowMs() + 100 });
    }
    guard.command({ type: "lease", id: "l9000", untilMs: time.nowMs() + 5000 });
    await time.advance(200);
    expect(lines.isOpen).toBe(false);
  });
});
