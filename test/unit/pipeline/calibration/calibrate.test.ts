import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  type CalibratedThreshold,
  calibrate,
  leastPeople,
  leastThreshold,
  mostLoosening,
} from "../../../../src/pipeline/calibration/calibrate.ts";
import { expectedRefusals } from "../../../../src/pipeline/calibration/expected-refusals.ts";
import { ownThresholds } from "../../../../src/pipeline/calibration/own-thresholds.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { thresholdFor } from "../../../../src/pipeline/matching/threshold.ts";
import { personVector } from "../../../support/face-vectors.ts";
import { type PopulationSettings, population, siteOf } from "../../../support/site-kit.ts";

function thresholdOf(
  settings: PopulationSettings,
  { targetFpir = 1e-2, maxDistance = 0.6, seed = 1 } = {},
): CalibratedThreshold {
  const site = siteOf(population(settings, seededRandom(seed)));
  return calibrate(site, { targetFpir, maxDistance, random: seededRandom(1) });
}

describe("calibrate", () => {
  test("too few people: only what is shipped counts", () => {
    const found = thresholdOf({ people: leastPeople - 1 });
    expect(found).toMatchObject({ basis: "shipped", pairs: 0, fromSite: null, siteInterval: null, tail: null });
    expect(thresholdOf({ people: leastPeople })).toMatchObject({ basis: "site", pairs: 15 });
  });

  test.each([0, 1])("with %d people it stays within what holds without a calibration", (people) => {
    const { threshold } = thresholdOf({ people }, { targetFpir: 1e-3, maxDistance: 0.43 });
    expect(threshold).toBeLessThanOrEqual(0.43);
    expect(threshold).toBeGreaterThan(0.38);
  });

  test("more people, more templates and a smaller target tighten", () => {
    const few = thresholdOf({ people: 20 }).threshold;
    expect(thresholdOf({ people: 60 }).threshold).toBeLessThan(few);
    expect(thresholdOf({ people: 20 }, { targetFpir: 1e-3 }).threshold).toBeLessThan(few);
    expect(thresholdOf({ people: 4, templates: 8 }).fromShipped).toBeLessThan(
      thresholdOf({ people: 4, templates: 2 }).fromShipped,
    );
  });

  test("people who look alike tighten beyond what is shipped, down to the least", () => {
    const usual = thresholdOf({ people: 30 });
    const alike = thresholdOf({ people: 30, apart: 0.5, scatter: 0.15 });
    expect(alike.threshold).toBeLessThan(usual.threshold);
    expect(alike.threshold).toBeLessThan(alike.fromShipped);
    expect(thresholdOf({ people: 30, apart: 0.42, scatter: 0.1 }).threshold).toBeGreaterThanOrEqual(leastThreshold);
  });

  test("a gallery of people who are far apart loosens by the bound and no more", () => {
    const people = new Map(Array.from({ length: 80 }, (_, i) => [`p${i}`, [personVector(i).map((x) => x * 2)]]));
    const goal = { targetFpir: 1e-3, maxDistance: 0.6, random: seededRandom(1) };
    const found = calibrate(siteOf(people), goal);
    const rule = thresholdFor({ people: 80, templates: 80, target: 1e-3, maxDistance: 0.6 });
    expect(found.threshold).toBeLessThanOrEqual(found.fromShipped + mostLoosening + 1e-9);
    expect(found.threshold).toBeLessThanOrEqual(rule + mostLoosening + 1e-9);
  });

  test("the ceiling holds whatever is found", () => {
    expect(thresholdOf({ people: 3, templates: 1 }, { targetFpir: 0.1, maxDistance: 0.3 }).threshold).toBe(0.3);
  });

  test("one person under two names does not shut everybody out", () => {
    const people = population({ people: 20 }, seededRandom(4));
    const clean = calibrate(siteOf(people), { targetFpir: 1e-2, maxDistance: 0.6, random: seededRandom(1) });
    people.set("again", people.get("p003") ?? []);
    const site = siteOf(people);
    const poisoned = calibrate(site, { targetFpir: 1e-2, maxDistance: 0.6, random: seededRandom(1) });
    expect(site.sameFace).toHaveLength(1);
    expect(Math.abs(poisoned.threshold - clean.threshold)).toBeLessThan(0.02);
  });

  test("the same gallery gives the same threshold", () => {
    expect(thresholdOf({ people: 25 })).toEqual(thresholdOf({ people: 25 }));
  });

  test("strangers of the same population are taken for somebody no more than three times as often as wished", () => {
    let accepted = 0;
    let strangers = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const all = [...population({ people: 120, apart: 0.62 }, seededRandom(seed))];
      const site = siteOf(new Map(all.slice(0, 40)));
      const { threshold } = calibrate(site, { targetFpir: 1e-2, maxDistance: 0.6, random: seededRandom(1) });
      for (const [, [probe]] of all.slice(40)) {
        const near = all.slice(0, 40).some(([, own]) => own.some((one) => probe && euclidean(one, probe) <= threshold));
        strangers++;
        if (near) accepted++;
      }
    }
    expect(accepted / strangers).toBeLessThanOrEqual(3e-2);
  });
});

describe("ownThresholds", () => {
  const site = siteOf(
    new Map([
      ["ann", [new Float32Array(128)]],
      ["sister", [new Float32Array(128).fill(0.4 / Math.sqrt(128))]],
      ["twin", [new Float32Array(128).fill(0.41 / Math.sqrt(128))]],
      ["bob", [new Float32Array(128).fill(-0.9 / Math.sqrt(128))]],
    ]),
  );

  test("who has somebody near gets a stricter threshold, a margin below that distance", () => {
    const found = new Map(ownThresholds(site, 0.43).map((own) => [own.person, own]));
    expect(found.get("ann")).toMatchObject({ nearestOther: { person: "sister" } });
    expect(found.get("ann")?.threshold).toBeCloseTo(0.36, 5);
    expect(found.get("sister")?.threshold).toBe(leastThreshold);
    expect(found.has("bob")).toBe(false);
  });

  test("nobody gets a looser one", () => {
    expect(ownThresholds(site, 0.3).map(({ person }) => person)).toEqual(["sister", "twin"]);
    expect(ownThresholds(site, 0.2)).toEqual([]);
  });
});

describe("expectedRefusals", () => {
  const site = siteOf(population({ people: 30, scatter: 0.3 }, seededRandom(6)));

  test("falls from nearly all to nearly none as the threshold grows", () => {
    expect(expectedRefusals(site, () => 0.05)).toBeGreaterThan(0.98);
    expect(expectedRefusals(site, () => 0.55)).toBeLessThan(0.05);
    expect(expectedRefusals(site, () => 0.3)).toBeGreaterThan(expectedRefusals(site, () => 0.4));
  });

  test("without a single second picture it is what is shipped", () => {
    const rate = expectedRefusals({ people: ["ann"], genuine: [] }, () => 0.4);
    expect(rate).toBeGreaterThan(0.01);
    expect(rate).toBeLessThan(0.1);
  });
});
