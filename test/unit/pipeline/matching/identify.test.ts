import { describe, expect, test } from "vitest";
import { identify } from "../../../../src/pipeline/matching/identify.ts";
import type { Top2 } from "../../../../src/pipeline/matching/matrix.ts";

function top2(first: number, second: number | null): Top2 {
  return {
    first: { personId: "ann", templateId: 1, distance: first },
    second: second === null ? null : { personId: "bob", templateId: 2, distance: second },
  };
}

describe("identify", () => {
  test.each([
    ["near, nobody else", 0.3, null, "ann", null],
    ["exactly at the threshold", 0.4, null, "ann", null],
    ["just beyond the threshold", 0.4001, null, null, "unknown"],
    ["near, the other far", 0.3, 0.5, "ann", null],
    ["near, the other exactly the margin away", 0.25, 0.3125, "ann", null],
    ["near, the other too near", 0.25, 0.31, null, "ambiguous"],
    ["two equally near", 0.2, 0.2, null, "ambiguous"],
    ["two equally far", 0.7, 0.7, null, "unknown"],
    ["no number", Number.NaN, null, null, "unknown"],
    ["the other no number", 0.3, Number.NaN, null, "ambiguous"],
  ])("%s", (_name, first, second, person, reason) => {
    expect(identify(top2(first, second), { threshold: 0.4, margin: 0.0625 })).toMatchObject({ person, reason });
  });

  test("a threshold that is no number opens for nobody", () => {
    expect(identify(top2(0.1, null), { threshold: Number.NaN }).person).toBeNull();
  });

  test("an empty gallery knows nobody and reports no distance", () => {
    expect(identify(null, { threshold: 0.4 })).toEqual({
      person: null,
      distance: null,
      runnerUp: null,
      reason: "unknown",
    });
  });

  test("distances are reported for refusals too", () => {
    expect(identify(top2(0.6, 0.7), { threshold: 0.4 })).toEqual({
      person: null,
      distance: 0.6,
      runnerUp: { person: "bob", distance: 0.7 },
      reason: "unknown",
    });
  });
});
