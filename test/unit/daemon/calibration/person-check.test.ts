import { describe, expect, test } from "vitest";
import { checkPerson, type PersonFacts, type TemplateFacts } from "../../../../src/daemon/calibration/person-check.ts";
import { monthsOf } from "../../../support/visit-months.ts";

const now = new Date("2026-06-01T08:00:00Z");
const good = { faceWidthPx: 150, sharpness: 300, brightness: 130, yawDeg: 3, pitchDeg: 2, rollDeg: 0 };

function template(id: number, changes: Partial<TemplateFacts> = {}): TemplateFacts {
  return { id, createdAt: "2026-01-01T08:00:00Z", quality: good, ownDistance: 0.25, otherDistance: 0.62, ...changes };
}

function person(changes: Partial<PersonFacts> = {}): PersonFacts {
  return {
    person: "dana",
    threshold: 0.4,
    templates: [template(1), template(2), template(3)],
    nearest: { person: "bob", distance: 0.62 },
    months: [],
    ...changes,
  };
}

/** Ten entries a month for six months, the distance going from one value to the other. */
function months(from: number, to: number) {
  return monthsOf(Array.from({ length: 6 }, (_, i) => from + ((to - from) * i) / 5));
}

describe("how sure", () => {
  test.each<[string, PersonFacts, string]>([
    ["near own pictures, far from others", person(), "sure"],
    ["own pictures not far from the threshold", person({ templates: [template(1, { ownDistance: 0.33 })] }), "fair"],
    ["a sibling in the gallery", person({ nearest: { person: "bob", distance: 0.44 } }), "fair"],
    ["own pictures at the threshold", person({ templates: [template(1, { ownDistance: 0.39 })] }), "unsure"],
    ["somebody nearer than the threshold", person({ nearest: { person: "bob", distance: 0.38 } }), "unsure"],
    [
      "a single picture that nobody was compared with yet",
      person({ templates: [template(1, { ownDistance: null })] }),
      "unknown",
    ],
    [
      "a single picture, but known at the door",
      person({ templates: [template(1, { ownDistance: null })], months: months(0.25, 0.25) }),
      "sure",
    ],
    ["no picture at all", person({ templates: [] }), "unknown"],
  ])("%s", (_name, facts, sureness) => {
    expect(checkPerson(facts, now).sureness).toBe(sureness);
  });
});

describe("which picture should be taken again", () => {
  test.each<[string, Partial<TemplateFacts>, RegExp]>([
    ["nearer to somebody else than to the person", { ownDistance: 0.5, otherDistance: 0.38 }, /wrong person/],
    ["far from the person's other pictures", { ownDistance: 0.45 }, /far from/],
    ["small", { quality: { ...good, faceWidthPx: 64 } }, /small \(64 pixels/],
    ["blurred", { quality: { ...good, sharpness: 30 } }, /blurred/],
    ["dark", { quality: { ...good, brightness: 35 } }, /dark/],
    ["bright", { quality: { ...good, brightness: 220 } }, /bright/],
    ["turned away", { quality: { ...good, yawDeg: -31 } }, /turned/],
  ])("one that is %s", (_name, changes, reason) => {
    const { retake, advice } = checkPerson(
      person({ templates: [template(1), template(2, changes), template(3)] }),
      now,
    );
    expect(retake).toMatchObject([{ template: 2, createdAt: "2026-01-01T08:00:00Z" }]);
    expect(retake[0]?.reason).toMatch(reason);
    expect(advice).toContain("Retake one picture.");
  });

  test("none of good ones, and measures that are missing are not held against a picture", () => {
    expect(checkPerson(person(), now).retake).toEqual([]);
    expect(checkPerson(person({ templates: [template(1, { quality: {} })] }), now).retake).toEqual([]);
  });
});

describe("drift", () => {
  test("a face that moves away over the months asks for a new picture, and says when it will be refused", () => {
    const found = checkPerson(person({ months: months(0.28, 0.36) }), now);
    expect(found.isReEnrolmentAdvised).toBe(true);
    expect(found.advice[0]).toBe(
      "The distance of dana has risen from 0.28 (June 2025) to 0.36 (November 2025), by 0.016 a month; " +
        "at this rate the door begins to refuse them about January 2026: take a new picture.",
    );
  });

  test.each([
    ["that stay where they were", months(0.26, 0.27)],
    [
      "of too few months",
      months(0.2, 0.39)
        .slice(0, 4)
        .map((month) => ({ ...month, distances: { 25: 10 } })),
    ],
    ["that are none", []],
  ])("entries %s do not", (_name, some) => {
    const found = checkPerson(person({ months: some }), now);
    expect(found.isReEnrolmentAdvised).toBe(false);
    expect(found.advice).toEqual([]);
  });

  test("a face that only just passes at the door asks for pictures at once, without any trend", () => {
    const found = checkPerson(person({ months: months(0.37, 0.37).slice(0, 1) }), now);
    expect(found.drift).toBeNull();
    expect(found.isReEnrolmentAdvised).toBe(true);
    expect(found.advice[0]).toMatch(/only just/);
  });
});

describe("advice", () => {
  test("nothing to say about somebody who is recognised well", () => {
    expect(checkPerson(person(), now).advice).toEqual([]);
  });

  test("names the look-alike, and asks for a second factor where the door could mistake them", () => {
    const far = checkPerson(person({ nearest: { person: "bob", distance: 0.449 } }), now);
    expect(far.advice).toEqual(["Looks like bob (0.45 apart); ask both for a second factor."]);
    const strict = checkPerson(person({ threshold: 0.38, nearest: { person: "bob", distance: 0.445 } }), now);
    expect(strict.advice[0]).toMatch(/^Looks like bob \(0\.4[45] apart\)\.$/);
  });

  test("one picture, old pictures, no pictures", () => {
    expect(checkPerson(person({ templates: [template(1)] }), now).advice.join()).toMatch(/one picture only/);
    const old = checkPerson(person({ templates: [template(1, { createdAt: "2019-01-01T00:00:00Z" })] }), now);
    expect(old.advice.join()).toMatch(/years old/);
    expect(old.isReEnrolmentAdvised).toBe(true);
    const none = checkPerson(person({ templates: [] }), now);
    expect(none.advice[0]).toMatch(/enrol anew/);
    expect(none.isReEnrolmentAdvised).toBe(true);
  });
});
