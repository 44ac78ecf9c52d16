import { describe, expect, it } from "vitest";
import { type Clip, loopClip, turningClip } from "../../../../src/simulation/clips.ts";
import { type HeadState, type Manner, type Visit, WalkerMotion } from "../../../../src/simulation/motion.ts";
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
    ["at-once", 6],
    ["both-sides", 8],
  ] as const)(
    "lets in few recordings that do all five actions in a loop (depth %s: at most %d of 100)",
    (depth, most) => {
      const all = visits(recording(loopClip), depth, 100);
      expect(passed(all)).toBeLessThanOrEqual(most);
      // Most give a wrong answer, which leaves them a second attempt and no third.
      expect(all.reduce((sum, { attempts }) => sum + attempts, 0)).toBeLessThan(250);
    },
  );

  it("lets in no more recordings that pause between their actions, and so are asked for something else than blinks", () => {
    for (const pauseMs of [1500, 2500]) {
      const pausing: Clip = (seed, fromMs) =>
        loopClip(seed, fromMs)
          .filter(({ prompt }) => prompt !== "blink-twice")
          .flatMap(({ prompt }, n) => {
            const atMs = fromMs + n * (1100 + pauseMs);
            return [
              { atMs, prompt },
              { atMs: atMs + 1100, prompt: null },
            ];
          });
      expect(passed(visits(recording(pausing), "both-sides", 100))).toBeLessThanOrEqual(12);
    }
  });

  it("lets in people whose blinks are never seen, most within six seconds, and no mask, which opens no mouth either", () => {
    const behind =
      (hides: Partial<HeadState>) =>
      (seed: number): GestureVisit["head"] => {
        const head = person()(seed);
        return (tMs, history) => {
          const state = head(tMs, history);
          return state && { ...state, ...hides };
        };
      };
    const glasses = visits(behind({ lids: 0 }), "both-sides", 40);
    expect(passed(glasses)).toBe(40);
    expect(glasses.filter(({ afterMs }) => (afterMs ?? Number.POSITIVE_INFINITY) > 6000).length).toBeLessThanOrEqual(3);
    expect(passed(visits(behind({ lids: 0, jaw: 0 }), "at-once", 40))).toBe(0);
  });

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
