import { describe, expect, it } from "vitest";
import { planDay } from "../../../../src/cli/soak/plan.ts";
import { skipTime, stepsOf } from "../../../../src/cli/soak/skip-time.ts";
import { seededRandom } from "../../../../src/core/random.ts";

const day = (seed: number) =>
  planDay({
    ...{ hours: 24, visits: 200, rounds: 3, random: seededRandom(seed) },
    hardFaults: ["database"],
    faults: ["broker", "disk", "camera"],
  });

describe("the plan of a day", () => {
  it("has every visit and every fault as often as asked for, in order, within the day", () => {
    const turns = day(1);
    const count = (fault: string) => turns.filter((turn) => turn.kind === "fault" && turn.fault === fault).length;
    expect(turns.filter(({ kind }) => kind === "visit")).toHaveLength(200);
    expect(["database", "broker", "disk", "camera"].map(count)).toEqual([1, 3, 3, 3]);
    expect(turns.map(({ atMs }) => atMs)).toEqual(turns.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(turns.every(({ atMs }) => atMs >= 0 && atMs <= 24 * 3_600_000)).toBe(true);
  });

  it("sends known people, strangers and photographs", () => {
    const who = new Set(day(1).map((turn) => turn.kind === "visit" && turn.who));
    for (const name of ["enrolled", "stranger", "print"]) expect(who).toContain(name);
  });

  it("ends the control plane early and leaves the last third quiet, so that lives are long enough to see growth", () => {
    const faults = day(1).flatMap((turn) => (turn.kind === "fault" ? [turn] : []));
    const others = faults.filter(({ fault }) => fault !== "database").map(({ atMs }) => atMs);
    expect(faults.find(({ fault }) => fault === "database")?.atMs).toBeLessThan(Math.min(...others));
    expect(Math.max(...others)).toBeLessThan((24 * 3_600_000 * 2) / 3);
  });

  it("is the same for the same seed and another for another", () => {
    expect(day(1)).toEqual(day(1));
    expect(day(1)).not.toEqual(day(2));
  });
});

describe("time that is skipped", () => {
  it.each([
    [0, 0],
    [-5, 0],
    [9_999, 0],
    [10_000, 1],
    [50_000, 1],
    [50_001, 2],
    [3_600_000, 72],
  ])("%d ms are %d equal jumps, none of them so short that it would look like a child's silence", (ms, count) => {
    const steps = stepsOf(ms);
    expect(steps.count).toBe(count);
    expect(steps.count * steps.stepMs).toBeCloseTo(count === 0 ? 0 : ms, 6);
    if (count > 0) expect(steps.stepMs).toBeGreaterThanOrEqual(10_000);
  });

  it("adds up to what was asked for", async () => {
    const jumps: number[] = [];
    await skipTime({ skip: (ms) => void jumps.push(ms) }, 120_000);
    expect(jumps).toHaveLength(3);
    expect(jumps.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(120_000, 6);
  });
});
