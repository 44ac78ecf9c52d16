import { describe, expect, it } from "vitest";
import { type Clip, loopClip, turningClip } from "../../../../src/simulation/clips.ts";
import { type Manner, type Visit, WalkerMotion } from "../../../../src/simulation/motion.ts";
import { type GestureVisit, visit } from "../../../support/gesture-visit.ts";

const standing: Visit = { id: "a", enterMs: -60_000, leaveMs: undefined, from: "left", standM: 0.8, besideM: 0 };

/** A recording does what it shows, whatever the display asks for. */
function recording(clip: Clip): (seed: number) => GestureVisit["head"] {
  return (seed) => {
    const walker = new WalkerMotion(seed, standing);
    const history = clip(seed, -20_000);
    return (tMs) => walker.at(tMs, history);
  };
}

function person(manner?: Manner): (seed: number) => GestureVisit["head"] {
  return (seed) => {
    const walker = new WalkerMotion(seed, standing, manner);
    return (tMs, history) => walker.at(tMs, history);
  };
}

function visits(head: (seed: number) => GestureVisit["head"], depth: GestureVisit["depth"], count: number) {
  return Array.from({ length: count }, (_, seed) => visit({ seed, head: head(seed), fromMs: 0, depth }));
}

const passed = (all: ReturnType<typeof visits>) => all.filter(({ isPassed }) => isPassed).length;

// Nothing but the challenge stands between these and the door: passive finds all of them live.
describe("the challenge alone", () => {
  it("refuses every recording of a head that only turns, whichever way and whenever it turns", () => {
    expect(passed(visits(recording(turningClip), "at-once", 40))).toBe(0);
  });

  it.each([
    ["at-once", 7],
    ["both-sides", 9],
  ] as const)(
    "lets in few recordings that do all five actions in a loop (depth %s: at most %d of 100)",
    (depth, most) => {
      const all = visits(recording(loopClip), depth, 100);
      expect(passed(all)).toBeLessThanOrEqual(most);
      // Most give a wrong answer, which leaves them a second attempt and no third.
      expect(all.reduce((sum, { attempts }) => sum + attempts, 0)).toBeLessThan(250);
    },
  );

  it.each([
    ["who say nothing", undefined],
    ["who talk", { talks: true }],
    ["who talk, and show depth only when they have turned to both sides", { talks: true }],
  ] as const)("lets in people %s, within six seconds", (name, manner) => {
    const all = visits(person(manner), name.includes("both sides") ? "both-sides" : "at-once", 30);
    expect(passed(all)).toBe(30);
    expect(all.filter(({ afterMs }) => (afterMs ?? Number.POSITIVE_INFINITY) > 6000).length).toBeLessThanOrEqual(1);
  });
});
