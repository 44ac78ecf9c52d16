import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { drawSequence, sequences } from "../../../../src/daemon/challenge/draw.ts";
import { challengeActions } from "../../../../src/pipeline/liveness/challenge/actions.ts";

describe("the sequences that may be drawn", () => {
  it("are 56, each of two or three different actions", () => {
    expect(new Set(sequences.map((actions) => actions.join()))).toHaveProperty("size", 56);
    for (const actions of sequences) {
      expect(actions.length).toBeGreaterThanOrEqual(2);
      expect(actions.length).toBeLessThanOrEqual(3);
      expect(new Set(actions).size).toBe(actions.length);
    }
  });

  it("each have a turn, which shows depth, and something for eyes or mouth, which a stiff mask cannot do", () => {
    for (const actions of sequences) {
      expect(actions.includes("turn-left") || actions.includes("turn-right")).toBe(true);
      expect(actions.includes("blink-twice") || actions.includes("open-mouth")).toBe(true);
    }
  });
});

describe("a draw", () => {
  it("is never the one before, and each of the others comes about as often", () => {
    const random = seededRandom(11);
    const counts = new Map<string, number>();
    let previous: ReturnType<typeof drawSequence> | null = null;
    for (let n = 0; n < 5600; n++) {
      const drawn = drawSequence(random, previous);
      expect(drawn.join()).not.toBe(previous?.join());
      counts.set(drawn.join(), (counts.get(drawn.join()) ?? 0) + 1);
      previous = drawn;
    }
    expect(counts.size).toBe(56);
    expect(Math.min(...counts.values())).toBeGreaterThan(60);
    expect(Math.max(...counts.values())).toBeLessThan(145);
  });

  it("asks for every action first at some time", () => {
    expect(new Set(sequences.map(([first]) => first))).toEqual(new Set(challengeActions));
  });

  it.each([1, Number.NaN, -0.1])("throws for a source of chance that gives %d", (value) => {
    expect(() => drawSequence(() => value, null)).toThrow(RangeError);
  });
});
