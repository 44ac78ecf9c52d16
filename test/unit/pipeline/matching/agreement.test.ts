import { describe, expect, test } from "vitest";
import { agreedPerson, type FrameVote } from "../../../../src/pipeline/matching/agreement.ts";

const now = 10_000;
/** Votes 100 ms apart, the last one 50 ms old. */
function votes(...people: (string | null)[]): FrameVote[] {
  return people.map((personId, i) => ({ personId, capturedAtMs: now - 50 - (people.length - 1 - i) * 100 }));
}

describe("two of the last three fresh frames", () => {
  test.each([
    ["nothing", [], null],
    ["one frame", ["ann"], null],
    ["two frames", ["ann", "ann"], "ann"],
    ["with an unknown between", ["ann", null, "ann"], "ann"],
    ["two people", ["ann", "bob"], null],
    ["two to one", ["ann", "bob", "ann"], "ann"],
    ["all different", ["ann", "bob", "eve"], null],
    ["agreement that is over", ["ann", "ann", "bob", "eve"], null],
    ["unknown agrees with unknown", [null, null, null], null],
  ])("%s", (_name, people, expected) => {
    expect(agreedPerson(votes(...people), now)).toBe(expected);
  });

  test("a frame older than a second counts for nothing", () => {
    const old = { personId: "ann", capturedAtMs: now - 1001 };
    expect(agreedPerson([old, { personId: "ann", capturedAtMs: now - 10 }], now)).toBeNull();
    expect(
      agreedPerson(
        [
          { ...old, capturedAtMs: now - 1000 },
          { personId: "ann", capturedAtMs: now },
        ],
        now,
      ),
    ).toBe("ann");
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, now + 1000])(
    "a frame stamped %d counts for nothing",
    (capturedAtMs) => {
      expect(agreedPerson([{ personId: "ann", capturedAtMs }, ...votes("ann")], now)).toBeNull();
    },
  );

  test("the same frame handed in twice is one vote", () => {
    const vote = { personId: "ann", capturedAtMs: now - 20 };
    expect(agreedPerson([vote, vote], now)).toBeNull();
  });

  test("a frame that names two people names nobody", () => {
    const first = { personId: "ann", capturedAtMs: now - 20 };
    const contradiction = { personId: "bob", capturedAtMs: now - 20 };
    expect(agreedPerson([first, contradiction, { personId: "ann", capturedAtMs: now - 10 }], now)).toBeNull();
  });

  test("the order in which frames arrive does not matter", () => {
    expect(agreedPerson(votes("bob", "ann", "bob").reverse(), now)).toBe("bob");
  });

  test.each([
    [1, 2],
    [2, 4],
    [4, 3],
  ])("a rule of %d of %d, which could agree on two people or never, is refused", (m, n) => {
    expect(() => agreedPerson([], now, { m, n, maxAgeMs: 1000 })).toThrow(RangeError);
  });
});
