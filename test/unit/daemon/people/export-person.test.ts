import { expect, test } from "vitest";
import { names, withoutOthers } from "../../../../src/daemon/people/export-person.ts";

test.each([
  [{ person: "dana" }, true],
  [{ imitated: "dana" }, true],
  [{ runnerUp: { person: "dana", distance: 0.5 } }, true],
  [{ people: ["eve", "dana"] }, true],
  [{ person: "eve" }, false],
  [{ person: "dana.2" }, false],
  [{ reason: "dana", mode: "dana", by: "dana" }, false],
  [{ person: null }, false],
  [{}, false],
])("the event %j names dana: %s", (event, expected) => {
  expect(names(event, "dana")).toBe(expected);
});

test("an exported event keeps its facts and hides the ids of other people", () => {
  const event = {
    ...{ seq: 7, time: "2026-05-10T12:00:00.000Z", type: "granted" as const, hash: "ab" },
    ...{ person: "dana", runnerUp: { person: "eve", distance: 0.61 }, people: ["dana", "eve"], track: 3 },
  };
  expect(withoutOthers(event, "dana")).toEqual({
    ...event,
    runnerUp: { person: "(somebody else)", distance: 0.61 },
    people: ["dana", "(somebody else)"],
  });
});
