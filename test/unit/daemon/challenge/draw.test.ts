import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  afterFlatTurn,
  drawSequence,
  insteadOfBlinks,
  laterSequences,
  sequences,
} from "../../../../src/daemon/challenge/draw.ts";
import { challengeActions } from "../../../../src/pipeline/liveness/challenge/actions.ts";

describe("the sequences that may be drawn", () => {
  it("are 38, each of three different actions", () => {
    expect(new Set(sequences.map((actions) => actions.join()))).toHaveProperty("size", 38);
    for (const actions of sequences) expect(new Set(actions).size).toBe(3);
  });

  it("are 108 after a failed challenge, each of four different actions", () => {
    expect(new Set(laterSequences.map((actions) => actions.join()))).toHaveProperty("size", 108);
    for (const actions of laterSequences) expect(new Set(actions).size).toBe(4);
  });

  it("each have a turn, which shows depth, and something for eyes or mouth, which a stiff mask cannot do", () => {
    for (const actions of [...sequences, ...laterSequences]) {
      expect(actions.includes("turn-left") || actions.includes("turn-right")).toBe(true);
      expect(actions.includes("blink-twice") || actions.includes("open-mouth")).toBe(true);
    }
  });

  it("never ask for two blinks and three other things, also where a turn shows no depth", () => {
    const withBlinks = sequences.filter((actions) => actions.includes("blink-twice"));
    expect(withBlinks).toHaveLength(20);
    for (const actions of withBlinks) {
      const turned = actions.findIndex((action) => action.startsWith("turn")) + 1;
      const left = afterFlatTurn(actions.slice(0, turned), actions.slice(turned)) ?? [];
      expect(turned + left.length, actions.join()).toBe(3);
    }
  });
});

describe("in place of blinks that were not seen", () => {
  const random = () => 0.999;

  it("the mouth is asked for where nothing else of eyes or mouth is: a stiff mask gets past neither", () => {
    for (const value of [0, 0.5, 0.999]) {
      expect(insteadOfBlinks(() => value, { done: [], left: ["turn-left", "look-up"] })).toBe("open-mouth");
    }
  });

  it("something is drawn that was not asked for and will not be", () => {
    const drawn = [0, 0.3, 0.6, 0.999].map((value) =>
      insteadOfBlinks(() => value, { done: ["turn-left"], left: ["open-mouth"] }),
    );
    expect(drawn).toEqual(["turn-right", "turn-right", "look-up", "look-up"]);
  });

  it("there is always something, and never blinks again, whatever was drawn", () => {
    for (const actions of sequences.filter((actions) => actions.includes("blink-twice"))) {
      const at = actions.indexOf("blink-twice");
      const [done, left] = [actions.slice(0, at), actions.slice(at + 1)];
      const instead = insteadOfBlinks(random, { done, left });
      expect(challengeActions).toContain(instead);
      expect([...actions]).not.toContain(instead);
      const rest = [...done, ...left, instead];
      expect(rest.includes("open-mouth"), actions.join()).toBe(true);
    }
  });
});

describe("a draw", () => {
  it("is never the one before, and each of the others comes about as often", () => {
    const random = seededRandom(11);
    const counts = new Map<string, number>();
    let previous: ReturnType<typeof drawSequence> | null = null;
    for (let n = 0; n < 3800; n++) {
      const drawn = drawSequence(random, previous);
      expect(drawn.join()).not.toBe(previous?.join());
      counts.set(drawn.join(), (counts.get(drawn.join()) ?? 0) + 1);
      previous = drawn;
    }
    expect(counts.size).toBe(38);
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

describe("after a turn that showed no depth", () => {
  it.each([
    [
      "the other turn takes the place of what is not needed",
      ["turn-left"],
      ["look-up", "blink-twice"],
      ["turn-right", "blink-twice"],
    ],
    ["what eyes or mouth must do stays", ["look-up", "turn-right"], ["open-mouth"], ["turn-left", "open-mouth"]],
    [
      "of two things for eyes and mouth one stays",
      ["turn-left"],
      ["open-mouth", "blink-twice"],
      ["turn-right", "open-mouth"],
    ],
    ["the other turn is added where nothing is left", ["blink-twice", "look-up", "turn-left"], [], ["turn-right"]],
    [
      "the other turn comes sooner where it would have come anyway",
      ["turn-left"],
      ["blink-twice", "turn-right"],
      ["turn-right", "blink-twice"],
    ],
  ] as const)("%s", (_name, done, left, next) => {
    expect(afterFlatTurn(done, left)).toEqual(next);
  });

  it.each([
    ["both sides were turned to", ["turn-left", "turn-right"], ["open-mouth"]],
    ["the last thing was no turn", ["turn-left", "look-up"], ["open-mouth"]],
  ] as const)("nothing changes when %s", (_name, done, left) => {
    expect(afterFlatTurn(done, left)).toBeNull();
  });

  it("every sequence still asks for something of eyes or mouth, and for nothing twice", () => {
    for (const actions of sequences) {
      const turned = actions.findIndex((action) => action.startsWith("turn"));
      const done = actions.slice(0, turned + 1);
      const all = [...done, ...(afterFlatTurn(done, actions.slice(turned + 1)) ?? [])];
      expect(all).toEqual(expect.arrayContaining(["turn-left", "turn-right"]));
      expect(all.includes("blink-twice") || all.includes("open-mouth"), actions.join()).toBe(true);
      expect(new Set(all).size).toBe(all.length);
    }
  });
});
