import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareStamps, nextCounts, type Stamp } from "../../../../src/daemon/fleet/stamp.ts";
import { FleetView } from "../../../../src/daemon/fleet/view.ts";

const stamp = fc.record<Stamp>({
  life: fc.integer({ min: 1, max: 3 }),
  version: fc.integer({ min: 1, max: 4 }),
  isRemoved: fc.boolean(),
  door: fc.constantFrom("a", "b", "c"),
  digest: fc.constantFrom("x", "y"),
});
const record = fc.record({ id: fc.constantFrom("aa01", "aa02", "bb01"), stamp });

const viewOf = (records: readonly { id: string; stamp: Stamp }[]) => {
  const view = new FleetView();
  for (const { id, stamp } of records) view.take(id, stamp);
  return view;
};
const at = (life: number, version: number, isRemoved = false, door = "a"): Stamp => ({
  ...{ life, version, isRemoved, door, digest: "x" },
});

const linesOf = (view: FleetView) =>
  [...view.entries()]
    .map(([id, { life, version, isRemoved, door, digest }]) => [id, life, version, isRemoved, door, digest].join(" "))
    .sort()
    .join();

describe("of two records of one person", () => {
  it("every door chooses the same one: the order is total", () => {
    fc.assert(
      fc.property(stamp, stamp, stamp, (a, b, c) => {
        expect(Math.sign(compareStamps(a, b))).toBe(-Math.sign(compareStamps(b, a)) || 0);
        if (compareStamps(a, b) >= 0 && compareStamps(b, c) >= 0) expect(compareStamps(a, c)).toBeGreaterThanOrEqual(0);
        if (compareStamps(a, b) === 0) expect(a).toEqual(b);
      }),
    );
  });

  it.each([
    ["a removal beats any change of the same life, however late it is heard of", at(1, 2, true), at(1, 9)],
    ["somebody enrolled anew beats the removal before", at(2, 1), at(1, 5, true)],
    ["the later change counts", at(1, 3, false, "a"), at(1, 2, false, "z")],
    ["of changes at the same time the later name of a door counts", at(1, 3, false, "b"), at(1, 3, false, "a")],
    ["a removal at the same time as a change counts", at(1, 3, true, "a"), at(1, 3, false, "z")],
  ])("%s", (_, winner, loser) => {
    expect(compareStamps(winner, loser)).toBeGreaterThan(0);
  });

  it("what is written next is always above what is known", () => {
    fc.assert(
      fc.property(stamp, fc.boolean(), fc.boolean(), (known, isRemoved, isNewLife) => {
        const next = { ...known, ...nextCounts(known, { isRemoved, isNewLife }), isRemoved };
        expect(compareStamps(next, known)).toBeGreaterThan(0);
      }),
    );
  });
});

describe("doors that hear the same records", () => {
  it("end with the same root, in whatever order they came, however often", () => {
    fc.assert(
      fc.property(
        fc
          .array(record, { maxLength: 30 })
          .chain((records) =>
            fc.tuple(
              fc.constant(records),
              fc.shuffledSubarray(records, { minLength: records.length }),
              fc.array(fc.nat(), { maxLength: 10 }),
            ),
          ),
        ([records, shuffled, repeats]) => {
          const again = repeats.flatMap((n) => records.slice(n % (records.length + 1)).slice(0, 1));
          expect(viewOf([...shuffled, ...again]).root).toBe(viewOf(records).root);
          expect(viewOf([...again, ...shuffled]).removed).toBe(viewOf(records).removed);
        },
      ),
    );
  });

  it("never go back: an old bridge that repeats everything changes nothing", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (records) => {
        const view = viewOf(records);
        const { root } = view;
        for (const { id, stamp } of records) expect(view.take(id, stamp)).toBe(false);
        expect(view.root).toBe(root);
      }),
    );
  });

  it("agree by root only if they agree on every record", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), fc.array(record, { maxLength: 12 }), (ours, theirs) => {
        const [a, b] = [viewOf(ours), viewOf(theirs)];
        const same = linesOf(a) === linesOf(b);
        expect(a.root === b.root).toBe(same);
      }),
    );
  });

  it("give the root of the whole after each step, though only a part is hashed anew", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const step = new FleetView();
        records.forEach(({ id, stamp }, i) => {
          step.take(id, stamp);
          expect(step.root).toBe(viewOf(records.slice(0, i + 1)).root);
        });
      }),
      { numRuns: 30 },
    );
  });
});
