import { describe, expect, it } from "vitest";
import { type ChallengeAction, challengeActions } from "../../../src/pipeline/liveness/challenge/actions.ts";
import {
  type HeadState,
  type Manner,
  type Prompting,
  type Visit,
  WalkerMotion,
} from "../../../src/simulation/motion.ts";

const visit: Visit = { id: "a", enterMs: 0, leaveMs: undefined, from: "left", standM: 0.8, besideM: 0 };
const askedMs = 5000;
const history = (action: ChallengeAction | null): Prompting[] => [{ atMs: askedMs, prompt: action }];

function states(
  action: ChallengeAction | null,
  { seed = 1, manner }: { seed?: number; manner?: Manner } = {},
): HeadState[] {
  const motion = new WalkerMotion(seed, visit, manner);
  return Array.from({ length: 120 }, (_, n) => motion.at(askedMs + 25 * n, history(action))).filter((s) => s !== null);
}

const furthest = (all: readonly HeadState[], of: (state: HeadState) => number) => Math.max(...all.map(of));
const did: Readonly<Record<ChallengeAction, (all: readonly HeadState[]) => boolean>> = {
  "turn-left": (all) => furthest(all, ({ yawDeg }) => yawDeg) > 22,
  "turn-right": (all) => furthest(all, ({ yawDeg }) => -yawDeg) > 22,
  "look-up": (all) => furthest(all, ({ pitchDeg }) => pitchDeg) > 15,
  "blink-twice": (all) => all.filter(({ lids }, n) => lids > 0.9 && (all[n - 1]?.lids ?? 1) <= 0.9).length >= 2,
  "open-mouth": (all) => furthest(all, ({ jaw = 0 }) => jaw) > 1.5,
};

describe("a walker who reads a challenge", () => {
  it.each(challengeActions)("does %s and nothing else", (action) => {
    for (const seed of [1, 2, 3, 4]) {
      const all = states(action, { seed });
      expect(did[action](all)).toBe(true);
      for (const other of challengeActions.filter((name) => name !== action && name !== "blink-twice")) {
        expect(did[other](all), other).toBe(false);
      }
    }
  });

  it("does nothing without one", () => {
    const all = states(null);
    for (const action of challengeActions.filter((name) => name !== "blink-twice"))
      expect(did[action](all)).toBe(false);
  });

  it("begins no sooner than people react", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const motion = new WalkerMotion(seed, visit);
      for (const action of ["turn-left", "look-up", "open-mouth"] as const) {
        for (let ms = 0; ms < 400; ms += 20) {
          expect(motion.at(askedMs + ms, history(action))).toEqual(motion.at(askedMs + ms, []));
        }
      }
    }
  });

  it("comes back to rest when something else is asked", () => {
    const motion = new WalkerMotion(2, visit);
    const then: Prompting[] = [...history("turn-left"), { atMs: askedMs + 1500, prompt: "look-up" }];
    expect(motion.at(askedMs + 1500, then)?.yawDeg).toBeGreaterThan(22);
    const later = motion.at(askedMs + 3200, then);
    expect(Math.abs(later?.yawDeg ?? 90)).toBeLessThan(5);
    expect(later?.pitchDeg).toBeGreaterThan(12);
  });

  it("stops talking to answer", () => {
    const talking = { manner: { talks: true } };
    expect(furthest(states("turn-left", talking).slice(60, 100), ({ jaw = 0 }) => jaw)).toBe(0);
    expect(did["open-mouth"](states("open-mouth", talking))).toBe(true);
  });
});

describe("a mask", () => {
  it.each([
    ["turn-left", true],
    ["turn-right", true],
    ["look-up", true],
    ["blink-twice", false],
    ["open-mouth", false],
  ] as const)("%s: %j", (action, can) => {
    expect(did[action](states(action, { manner: { blinks: false } }))).toBe(can);
  });
});
