import { describe, expect, it } from "vitest";
import { type Prompting, reactionsOf, type Visit, WalkerMotion, walkOutMs } from "../../../src/simulation/motion.ts";

const visit = (fields: Partial<Visit> = {}): Visit => ({
  id: "a",
  enterMs: 1_000,
  leaveMs: undefined,
  from: "left",
  standM: 0.8,
  besideM: 0,
  ...fields,
});

/** Every 20 ms from one time to another. */
function states(motion: WalkerMotion, from: number, to: number, history: readonly Prompting[] = []) {
  const found = [];
  for (let t = from; t <= to; t += 20) {
    const state = motion.at(t, history);
    if (state) found.push({ t, ...state });
  }
  return found;
}

const yawRange = (all: readonly { yawDeg: number }[]) =>
  [Math.min(...all.map((s) => s.yawDeg)), Math.max(...all.map((s) => s.yawDeg))] as const;

describe("a walker", () => {
  it("is in the scene from entering until having walked out", () => {
    const motion = new WalkerMotion(1, visit({ leaveMs: 9_000 }));
    expect(motion.at(999, [])).toBeNull();
    expect(motion.at(1_001, [])).not.toBeNull();
    expect(motion.at(9_000 + walkOutMs - 1, [])).not.toBeNull();
    expect(motion.at(9_000 + walkOutMs + 1, [])).toBeNull();
  });

  it("walks in from the side it was told, comes nearer and stops where it stands", () => {
    const motion = new WalkerMotion(1, visit({ from: "right" }));
    const [start, end] = [motion.at(1_010, []), motion.at(6_000, [])];
    expect(start?.xM).toBeGreaterThan(1.2);
    expect(start?.distanceM).toBeGreaterThan(1.7);
    expect(Math.abs(end?.xM ?? 9)).toBeLessThan(0.03);
    expect(end?.distanceM).toBeGreaterThan(0.77);
    expect(end?.distanceM).toBeLessThan(0.83);
  });

  it("never moves by jumps", () => {
    const history: Prompting[] = [
      { atMs: 4_000, prompt: "turn" },
      { atMs: 6_200, prompt: "come-closer" },
      { atMs: 7_000, prompt: null },
      { atMs: 8_000, prompt: "turn" },
    ];
    const all = states(new WalkerMotion(4, visit({ leaveMs: 12_000 })), 1_000, 13_800, history);
    for (let n = 1; n < all.length; n++) {
      expect(Math.abs(all[n]!.yawDeg - all[n - 1]!.yawDeg)).toBeLessThan(4);
      expect(Math.abs(all[n]!.xM - all[n - 1]!.xM)).toBeLessThan(0.05);
      expect(Math.abs(all[n]!.distanceM - all[n - 1]!.distanceM)).toBeLessThan(0.03);
    }
  });

  it.each([1, 2, 3, 4, 5])("turns beyond a few degrees only when asked (seed %i)", (seed) => {
    const motion = new WalkerMotion(seed, visit());
    const [low, high] = yawRange(states(motion, 4_000, 60_000));
    expect(low).toBeGreaterThan(-4);
    expect(high).toBeLessThan(4);
    const [left, right] = yawRange(states(motion, 4_000, 8_000, [{ atMs: 4_000, prompt: "turn" }]));
    expect(right - left).toBeGreaterThan(38);
    expect(Math.max(-left, right)).toBeLessThan(35);
  });

  it("turns back when the prompt is gone", () => {
    const motion = new WalkerMotion(2, visit());
    const history: Prompting[] = [
      { atMs: 4_000, prompt: "turn" },
      { atMs: 4_700, prompt: null },
    ];
    const [left, right] = yawRange(states(motion, 6_100, 20_000, history));
    expect(Math.max(-left, right)).toBeLessThan(4);
  });

  it("reacts after 0.4 to 0.8 s, not at once", () => {
    const history: Prompting[] = Array.from({ length: 200 }, (_, n) => ({
      atMs: n * 1_000,
      prompt: n % 2 === 0 ? ("turn" as const) : null,
    }));
    const delays = reactionsOf(3, "a", history).map((r, n) => r.startMs - n * 2_000);
    expect(delays).toHaveLength(100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(400);
    expect(Math.max(...delays)).toBeLessThanOrEqual(800);
    expect(new Set(delays).size).toBe(100);
  });

  it("moves no muscle of the head when it is asked for a badge", () => {
    const asked: Prompting[] = [{ atMs: 4_000, prompt: "badge" }];
    const motion = new WalkerMotion(1, visit());
    for (let tMs = 3_000; tMs < 9_000; tMs += 100) expect(motion.at(tMs, asked)).toEqual(motion.at(tMs, []));
  });

  it("comes a step closer for each prompt, but never into the camera", () => {
    const motion = new WalkerMotion(2, visit());
    const ask = (n: number): Prompting[] =>
      Array.from({ length: 2 * n }, (_, k) => ({ atMs: 4_000 + k * 500, prompt: k % 2 ? null : "come-closer" }));
    const at = (n: number) => motion.at(30_000, ask(n))?.distanceM ?? 0;
    expect(at(0) - at(1)).toBeCloseTo(0.2, 5);
    expect(at(9)).toBeGreaterThan(0.5);
  });

  it("sways less when asked to hold still", () => {
    const motion = new WalkerMotion(6, visit());
    const spread = (history: readonly Prompting[]) => {
      const roll = states(motion, 6_000, 30_000, history).map((s) => s.rollDeg);
      return Math.max(...roll) - Math.min(...roll);
    };
    expect(spread([{ atMs: 4_000, prompt: "hold-still" }])).toBeLessThan(0.4 * spread([]));
  });

  it("moves the same for the same seed and otherwise for another", () => {
    const run = (seed: number, id: string) => states(new WalkerMotion(seed, visit({ id })), 1_000, 9_000);
    expect(run(1, "a")).toEqual(run(1, "a"));
    expect(run(1, "a")).not.toEqual(run(2, "a"));
    expect(run(1, "a")).not.toEqual(run(1, "b"));
  });
});
