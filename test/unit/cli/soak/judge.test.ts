import { describe, expect, it } from "vitest";
import { judgeDelivery } from "../../../../src/cli/soak/judge/delivery.ts";
import { judgeGrowth, type VitalSample } from "../../../../src/cli/soak/judge/growth.ts";
import { judgeOpenings, type Permit, type StrikeEdge } from "../../../../src/cli/soak/judge/openings.ts";

const opening = (fromMs: number, untilMs: number): StrikeEdge[] => [
  { atMs: fromMs, isActive: true },
  { atMs: untilMs, isActive: false },
];
const permit = (atMs: number, openMs = 2000): Permit => ({ atMs, openMs, why: "test" });
const reasons = (edges: StrikeEdge[], permits: Permit[]) => judgeOpenings(edges, permits).map(({ reason }) => reason);

describe("an opening is justified", () => {
  it("by a permit just before it, for as long as that says", () => {
    expect(reasons(opening(1010, 3005), [permit(1000)])).toEqual([]);
  });
  it("when it ends early: a guard that was killed", () => {
    expect(reasons(opening(1010, 1300), [permit(1000)])).toEqual([]);
  });
  it("for longer by another permit while it is open", () => {
    expect(reasons(opening(1010, 4500), [permit(1000), permit(2500)])).toEqual([]);
  });
});

describe("an opening is a breach", () => {
  it.each([
    ["without any permit", opening(1000, 3000), [], "nobody permitted it"],
    ["before its permit", opening(1000, 3000), [permit(1500)], "nobody permitted it"],
    ["long after its permit: a stale grant", opening(9000, 11_000), [permit(1000)], "nobody permitted it"],
    ["beyond its lease", opening(1010, 3400), [permit(1000)], "longer than permitted"],
    ["that never ends", [{ atMs: 1010, isActive: true }], [permit(1000)], "never closed"],
  ] as const)("%s", (_, edges, permits, reason) => {
    expect(reasons([...edges], [...permits])).toEqual([reason]);
  });

  it("when one permit opened twice: whatever came back after a crash must not open again", () => {
    expect(reasons([...opening(1010, 1300), ...opening(1500, 3000)], [permit(1000)])).toEqual(["nobody permitted it"]);
  });

  it("when it outlasts a permit that came only after its end", () => {
    expect(reasons(opening(1010, 4500), [permit(1000), permit(3800)])).toEqual(["longer than permitted"]);
  });
});

const events = (...seqs: number[]) => seqs.map((seq) => ({ seq, hash: `h${seq}` }));

describe("a log is delivered", () => {
  it("when each event came, in order", () => {
    expect(judgeDelivery(events(1, 2, 3), events(1, 2, 3), 0)).toEqual({ problems: [], repeated: 0 });
  });
  it("when some came once more after a break", () => {
    expect(judgeDelivery(events(1, 2, 3, 2, 3, 4), events(1, 2, 3, 4), 0)).toEqual({ problems: [], repeated: 2 });
  });
  it("when the log goes on from a backup, with what the backup had told already", () => {
    expect(judgeDelivery(events(7, 8), events(7, 8), 6)).toEqual({ problems: [], repeated: 0 });
  });
});

describe("a log is not delivered", () => {
  it.each([
    ["when an event is missing in the middle", [1, 3], 3, /1 are missing/],
    ["when its end is missing", [1, 2], 4, /3 to 4 were never delivered/],
    ["when nothing came", [], 2, /1 to 2 were never delivered/],
    ["when a repeat leaves something out", [1, 2, 3, 4, 1, 3, 4], 4, /came once more after 1/],
    ["when it came out of order", [1, 3, 2], 3, /are missing/],
  ])("%s", (_, seqs, head, why) => {
    const log = events(...Array.from({ length: head }, (_unused, i) => i + 1));
    expect(judgeDelivery(events(...seqs), log, 0).problems.join("; ")).toMatch(why);
  });

  it("when what came is not what stands in the log", () => {
    expect(judgeDelivery([{ seq: 1, hash: "other" }], events(1), 0).problems[0]).toMatch(/not what stands in the log/);
  });
});

const rules = { leastLifeMs: 600_000, warmUpMs: 180_000, warmAtMs: 0 };
/** A sample each two seconds. */
const life = (minutes: number, at: (minute: number) => { mb: number; files: number }): VitalSample[] =>
  Array.from({ length: minutes * 30 }, (_, i) => {
    const { mb, files } = at(i / 30);
    return { atMs: 5000 + i * 2000, residentMb: mb, files };
  });

describe("growth of a process", () => {
  it("is none for a heap that goes up and down", () => {
    const samples = life(30, (minute) => ({ mb: 100 + 12 * (minute % 1), files: 30 }));
    expect(judgeGrowth(samples, rules)).toMatchObject({ breaches: [] });
  });
  it("is not judged by what a process needs to get warm", () => {
    const samples = life(30, (minute) => ({ mb: Math.min(100, 40 + 30 * minute), files: 30 }));
    expect(judgeGrowth(samples, rules)).toMatchObject({ breaches: [] });
  });
  it("is not judged by what the first painting or the first full disk takes once", () => {
    const samples = life(30, (minute) => ({ mb: minute < 8 ? 100 : 120, files: 30 }));
    expect(judgeGrowth(samples, rules).breaches).not.toEqual([]);
    expect(judgeGrowth(samples, { ...rules, warmAtMs: 8.5 * 60_000 })).toMatchObject({ breaches: [] });
  });
  it("of one part in ten over a life is found", () => {
    const samples = life(30, (minute) => ({ mb: 100 + minute / 3 + 4 * (minute % 1), files: 30 }));
    expect(judgeGrowth(samples, rules).breaches[0]).toMatch(/resident memory grew by [567]\.\d %/);
  });
  it("in open files is found", () => {
    const samples = life(30, (minute) => ({ mb: 100, files: 30 + Math.floor(minute / 3) }));
    expect(judgeGrowth(samples, rules).breaches[0]).toMatch(/open files grew from 3\d to 3\d/);
  });
  it("is not claimed of a short life", () => {
    expect(
      judgeGrowth(
        life(5, () => ({ mb: 100, files: 30 })),
        rules,
      ),
    ).toMatchObject({ growth: null, breaches: [] });
    expect(judgeGrowth([], rules)).toMatchObject({ growth: null, breaches: [] });
  });
});
