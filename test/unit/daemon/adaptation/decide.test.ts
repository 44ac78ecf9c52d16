import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AdaptationState,
  adaptationLimits,
  decideAdaptation,
  isOverdue,
  type VisitFacts,
} from "../../../../src/daemon/adaptation/decide.ts";

const nothingYet: AdaptationState = { candidate: null, adaptedOn: [] };
const waiting: AdaptationState = {
  candidate: { since: "2031-05-01", confirmed: 0, lastDay: "2031-05-01" },
  adaptedOn: [],
};
const near = { toVisit: 0.15, toEnrolled: 0.22, toOther: 0.7 };

function visit(changes: Partial<VisitFacts> = {}): VisitFacts {
  return {
    ...{ day: "2031-05-04", distance: 0.22, nearestOwn: 0.22, nearestOther: 0.7, threshold: 0.4 },
    ...{ doubt: null, candidate: null },
    ...changes,
  };
}

const confirming = (changes: Partial<VisitFacts> = {}) => visit({ candidate: near, ...changes });

describe("a look is kept as candidate", () => {
  test("after a visit that was far within the threshold and showed something new", () => {
    expect(decideAdaptation(visit(), nothingYet)).toEqual({ kind: "propose" });
    expect(decideAdaptation(visit({ nearestOther: null }), nothingYet)).toEqual({ kind: "propose" });
  });

  test.each<[string, Partial<VisitFacts>, RegExp]>([
    ["a doubt", { doubt: "no proof of a living head" }, /living head/],
    ["nearer than the threshold, but not by far", { distance: 0.33 }, /not near enough/],
    ["within a loose threshold, but far from every enrolled picture", { distance: 0.31, threshold: 0.43 }, /not near/],
    ["somebody else within the least distance", { nearestOther: 0.44 }, /somebody else/],
    ["somebody else not further off by the margin", { distance: 0.29, threshold: 0.43, nearestOther: 0.43 }, /else/],
    ["what a template shows already", { nearestOwn: 0.1 }, /nothing new/],
    ["a distance that is no number", { distance: Number.NaN }, /not near/],
    ["a threshold that is no number", { threshold: Number.NaN }, /not near/],
  ])("not with %s", (_name, changes, why) => {
    expect(decideAdaptation(visit(changes), nothingYet)).toEqual({ kind: "nothing", why: expect.stringMatching(why) });
  });

  test("not within two weeks of the last adoption", () => {
    const state = { candidate: null, adaptedOn: ["2031-05-01"] };
    expect(decideAdaptation(visit({ day: "2031-05-14" }), state).kind).toBe("nothing");
    expect(decideAdaptation(visit({ day: "2031-05-15" }), state).kind).toBe("propose");
  });
});

describe("a candidate becomes a template", () => {
  test("on the third later day on which the same look came, and not before", () => {
    let state = waiting;
    const kinds = ["2031-05-01", "2031-05-02", "2031-05-02", "2031-05-05", "2031-05-09"].map((day) => {
      const step = decideAdaptation(confirming({ day }), state);
      if (step.kind === "confirm" && state.candidate) {
        state = { ...state, candidate: { ...state.candidate, confirmed: state.candidate.confirmed + 1, lastDay: day } };
      }
      return step.kind;
    });
    expect(kinds).toEqual(["nothing", "confirm", "nothing", "confirm", "adopt"]);
  });

  test("and the oldest adapted one goes when there are two", () => {
    const candidate = { since: "2031-05-01", confirmed: 2, lastDay: "2031-05-03" };
    const step = (adaptedOn: string[]) => decideAdaptation(confirming(), { candidate, adaptedOn });
    expect(step(["2031-01-01"])).toEqual({ kind: "adopt", retires: false });
    expect(step(["2031-01-01", "2031-02-01"])).toEqual({ kind: "adopt", retires: true });
  });

  test.each<[string, Partial<VisitFacts>]>([
    ["another look of the person", { candidate: { ...near, toVisit: 0.33 } }],
    ["a visit that an adapted template let in", { distance: 0.36, nearestOwn: 0.1 }],
    ["a doubt", { doubt: "not every frame showed the person" }],
    ["a clock that went back", { day: "2031-04-30" }],
  ])("not by %s", (_name, changes) => {
    expect(decideAdaptation(confirming(changes), waiting).kind).toBe("nothing");
  });

  test.each<[string, Partial<VisitFacts>, RegExp]>([
    ["when its vectors do not open", { candidate: null }, /cannot be read/],
    ["once the enrolled picture it came from is gone", { candidate: { ...near, toEnrolled: 0.34 } }, /too far/],
    ["once somebody near it was enrolled", { candidate: { ...near, toOther: 0.41 } }, /somebody else/],
  ])("never: it is discarded %s", (_name, changes, why) => {
    expect(decideAdaptation(confirming(changes), waiting)).toEqual({
      kind: "discard",
      why: expect.stringMatching(why),
    });
  });
});

test("a look waits for two months", () => {
  expect(isOverdue("2031-05-01", "2031-06-30")).toBe(false);
  expect(isOverdue("2031-05-01", "2031-07-01")).toBe(true);
});

/** Plays visits one a day, each let in whatever its distance, as an attacker may force it; points stand for faces. */
function live(faces: readonly Point[], enrolled: readonly Point[]) {
  const { farthest } = adaptationLimits;
  let state = nothingYet;
  let candidate: Point | null = null;
  const adapted: Point[] = [];
  const proposed: Point[] = [];
  for (const [n, face] of faces.entries()) {
    const day = new Date(Date.UTC(2031, 0, 1 + n)).toISOString().slice(0, 10);
    const distance = nearest(face, enrolled);
    const step = decideAdaptation(
      {
        ...{ day, distance, nearestOwn: nearest(face, [...enrolled, ...adapted]), nearestOther: null, threshold: 0.4 },
        ...{ doubt: null },
        candidate: candidate && {
          toVisit: apart(face, candidate),
          toEnrolled: nearest(candidate, enrolled),
          toOther: null,
        },
      },
      state,
    );
    if (step.kind === "propose") {
      candidate = face;
      proposed.push(face);
      state = { ...state, candidate: { since: day, confirmed: 0, lastDay: day } };
    } else if (step.kind === "confirm" && state.candidate) {
      const { confirmed } = state.candidate;
      state = { ...state, candidate: { ...state.candidate, confirmed: confirmed + 1, lastDay: day } };
    } else if (step.kind === "discard") {
      candidate = null;
      state = { ...state, candidate: null };
    } else if (step.kind === "adopt" && candidate) {
      adapted.push(candidate);
      candidate = null;
      state = { candidate: null, adaptedOn: [...state.adaptedOn, day].slice(-adaptationLimits.mostAdapted) };
    }
  }
  return { adapted, proposed, farthest };
}

type Point = readonly [number, number, number];
const apart = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const nearest = (face: Point, others: readonly Point[]) => Math.min(...others.map((other) => apart(face, other)));

const length = fc.double({ min: -1, max: 1, noNaN: true });
const anyFace = fc.tuple(length, length, length);

describe("a poisoned gallery", () => {
  test("whatever comes, in whatever order, no adapted template lies further from an enrolled one than the bound", () => {
    const small = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    const faces = fc.array(fc.tuple(small, small, small), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(faces, fc.array(anyFace, { minLength: 1, maxLength: 3 }), (some, enrolled) => {
        const around = some.map((offset, i) => shifted(enrolled[i % enrolled.length] ?? [0, 0, 0], offset));
        const { adapted, farthest } = live(around, enrolled);
        for (const one of adapted) expect(nearest(one, enrolled)).toBeLessThanOrEqual(farthest);
      }),
    );
  });

  test("a chain of small steps towards somebody else ends at the bound", () => {
    // Four visits at each place, then a hundredth further, from the person to somebody 0.8 away; each lets itself in.
    const steps = Array.from({ length: 4 * 80 }, (_, i): Point => [Math.floor(i / 4) / 100, 0, 0]);
    const { adapted, farthest } = live(steps, [[0, 0, 0]]);
    expect(adapted.length).toBeGreaterThan(0);
    expect(Math.max(...adapted.map(([x]) => x))).toBeLessThanOrEqual(farthest);
  });

  test("who is beyond the bound and was let in once, or every day, leaves nothing behind", () => {
    const scatter = fc.double({ min: -0.005, max: 0.005, noNaN: true });
    const days = fc.array(fc.tuple(scatter, scatter, scatter), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(days, fc.double({ min: 0.31, max: 0.6, noNaN: true }), (looks, far) => {
        const impostor = looks.map((look) => shifted([far, 0, 0], look));
        expect(live(impostor, [[0, 0, 0]]).proposed).toEqual([]);
      }),
    );
  });
});

function shifted([x, y, z]: Point, [dx, dy, dz]: Point): Point {
  return [x + dx, y + dy, z + dz];
}
