import { expect, test } from "vitest";
import { SecondFactors } from "../../../../src/daemon/access/second-factor.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

function rig() {
  const clock = new ManualClock();
  const factors = new SecondFactors({ clock, window: { beforeMs: 30_000, afterMs: 10_000 } });
  return { clock, factors, seen: (sinceMs = clock.nowMs()) => [...factors.seen("dana", sinceMs)] };
}

test.each([
  ["30 s before the face counts", 30_000, ["badge"]],
  ["longer before does not", 30_001, []],
])("a badge shown %s", (_name, beforeMs, expected) => {
  const { clock, factors, seen } = rig();
  factors.shown({ kind: "badge", person: "dana" });
  clock.advance(beforeMs);
  expect(seen()).toEqual(expected);
});

test.each([
  ["10 s after the face counts", 10_000, ["badge"]],
  ["later does not", 10_001, []],
])("a badge shown %s", (_name, afterMs, expected) => {
  const { clock, factors, seen } = rig();
  const sinceMs = clock.nowMs();
  clock.advance(afterMs);
  factors.shown({ kind: "badge", person: "dana" });
  expect(seen(sinceMs)).toEqual(expected);
});

test("a badge counts for its own person only, and for its own kind", () => {
  const { factors, seen } = rig();
  factors.shown({ kind: "badge", person: "eve" });
  factors.shown({ kind: "presence", person: "dana" });
  expect(seen()).toEqual(["presence"]);
});

test("what opened the door is used up", () => {
  const { factors, seen } = rig();
  factors.shown({ kind: "badge", person: "dana" });
  factors.used("dana");
  expect(seen()).toEqual([]);
});

test("a badge shown again counts anew", () => {
  const { clock, factors, seen } = rig();
  factors.shown({ kind: "badge", person: "dana" });
  clock.advance(40_000);
  expect(seen()).toEqual([]);
  factors.shown({ kind: "badge", person: "dana" });
  expect(seen()).toEqual(["badge"]);
});

test("a face that has waited keeps a badge from before it came while others show theirs", () => {
  const { clock, factors, seen } = rig();
  factors.shown({ kind: "badge", person: "dana" });
  clock.advance(25_000);
  const sinceMs = clock.nowMs();
  clock.advance(10_000);
  factors.shown({ kind: "badge", person: "eve" });
  expect(seen(sinceMs)).toEqual(["badge"]);
});
