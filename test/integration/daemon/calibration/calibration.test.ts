import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { LintelError } from "../../../../src/core/errors.ts";
import { silentLogger } from "../../../../src/core/logger.ts";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { openCalibration } from "../../../../src/daemon/calibration/open-calibration.ts";
import { siteFinding, type ThresholdFinder } from "../../../../src/daemon/calibration/site-finding.ts";
import { CalibrationStore } from "../../../../src/daemon/store/calibration-store.ts";
import { faceOf, movedBy, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { population } from "../../../support/site-kit.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const countRow = z.object({ n: z.int() });
const settings = { targetFpir: 1e-3, maxDistance: 0.43 };

/** Without a thread of its own. */
const atOnce: ThresholdFinder = { find: async (site, settings) => siteFinding(site, settings), stop: () => {} };

/** A gallery with people on a real database, and what keeps its threshold. */
function house(directory = temporaryStateDirectory(), finder: ThresholdFinder = atOnce) {
  const kept = peopleHouse(directory);
  const { people, db, events, clock, store } = kept;
  const calibrations = new CalibrationStore(db);
  const calibration = openCalibration({
    ...{ people, templates: store, store: calibrations, db, events, settings, finder, clock },
    ...{ timers: clock, logger: silentLogger, visits: { catchUp: async () => {}, of: () => [] } },
  });
  onTestFinished(() => calibration.stop());
  const enrol = async (id: string, vectors: readonly Float32Array[]) => {
    const photos = vectors.map((vector, i) => {
      kept.analyser.answers.set(
        `${id}-${i}`,
        photoOf(faceOf(vector, { embeddings: [faceOf(vector).embeddings[0]].flatMap((one) => one ?? []) })),
      );
      return photo(`${id}-${i}`);
    });
    const answer = await people.add(id, { name: id }, photos, "test");
    expect(answer.refused).toEqual([]);
  };
  return { ...kept, calibration, calibrations, enrol };
}

const strangers = (count: number) => population({ people: count, apart: 0.8 }, seededRandom(3));

async function fill(kept: ReturnType<typeof house>, count: number): Promise<void> {
  for (const [id, vectors] of strangers(count)) await kept.enrol(id, vectors);
}

/** Until the calibration that a timer began is on record. */
async function settled(kept: ReturnType<typeof house>): Promise<void> {
  await kept.calibration.check(undefined);
  await kept.calibration.calibrate({}, "test");
}

describe("calibrate", () => {
  test("what it found is used at once, kept, and said in the audit log", async () => {
    const kept = house();
    await fill(kept, 12);
    const found = await kept.calibration.calibrate({ strangersPerDay: 100 }, "command-line");
    expect(found).toMatchObject({ people: 12, templates: 36, targetFpir: 1e-3, n: 66, basis: "site" });
    expect(found.expectedFalseAcceptsPerYear).toBeLessThanOrEqual(1e-3 * 100 * 365 + 1e-6);
    expect(found.expectedRefusals).toBeGreaterThan(0);
    expect(kept.people.gallery.threshold).toBe(found.threshold);
    expect(kept.calibrations.latest("dlib")).toMatchObject({ people: 12, templates: 36, threshold: found.threshold });
    const said = kept.events.read(1, 100).filter(({ changed }) => Array.isArray(changed) && changed[0] === "threshold");
    expect(said).toMatchObject([
      { type: "updated", threshold: found.threshold, before: found.before, by: "command-line" },
    ]);
    expect(JSON.stringify(said)).not.toContain("p003");
  });

  test("a second time nothing changes, and nothing is said", async () => {
    const kept = house();
    await fill(kept, 8);
    const first = await kept.calibration.calibrate({}, "test");
    const events = kept.events.read(1, 1000).length;
    const second = await kept.calibration.calibrate({}, "test");
    expect(second.threshold).toBe(first.threshold);
    expect(second.before).toBe(first.threshold);
    expect(kept.events.read(1, 1000)).toHaveLength(events);
  });

  test("people with a look-alike get a threshold of their own, which goes with them", async () => {
    const kept = house();
    await fill(kept, 3);
    const face = new Float32Array(128).map(() => gaussian(seededRandom(1)) * 0.02);
    await kept.enrol("ann", [face]);
    await kept.enrol("sister", [movedBy(face, 0.36, seededRandom(9))]);
    const found = await kept.calibration.calibrate({}, "test");
    const own = found.lookAlikes.find(({ person }) => person === "ann");
    expect(own?.nearest.person).toBe("sister");
    expect(own?.threshold).toBeCloseTo(0.32, 4);
    expect(kept.people.gallery.thresholdOf("ann")).toBe(own?.threshold);
    expect((await kept.people.export("ann", { vectors: false, eventsFrom: 1 })).other.own_thresholds).toHaveLength(1);
    await kept.people.remove("sister", "test");
    await kept.calibration.calibrate({}, "test");
    expect(kept.people.gallery.thresholdOf("ann")).toBe(kept.people.gallery.threshold);
    expect(kept.calibrations.ownThresholds().size).toBe(0);
  });

  test("somebody removed while it runs has no threshold afterwards, and nothing fails", async () => {
    const kept = house();
    await fill(kept, 7);
    const face = new Float32Array(128);
    await kept.enrol("ann", [face]);
    await kept.enrol("sister", [movedBy(face, 0.36, seededRandom(9))]);
    const running = kept.calibration.calibrate({}, "test");
    await kept.people.remove("sister", "test");
    await running;
    expect([...kept.calibrations.ownThresholds().keys()]).not.toContain("sister");
  });

  test("one that comes to nothing leaves the threshold, the record and the next one alone", async () => {
    let isBroken = false;
    const kept = house(temporaryStateDirectory(), {
      ...atOnce,
      find: async (site, wanted) => {
        if (isBroken) throw new LintelError("LINTEL_E_CHILD", "the calibration came to nothing");
        return siteFinding(site, wanted);
      },
    });
    await fill(kept, 12);
    const { threshold } = await kept.calibration.calibrate({}, "test");
    const known = kept.events.read(1, 1000).length;
    isBroken = true;
    await expect(kept.calibration.calibrate({}, "test")).rejects.toMatchObject({ code: "LINTEL_E_CHILD" });
    expect(kept.people.gallery.threshold).toBe(threshold);
    expect(kept.events.read(1, 1000)).toHaveLength(known);
    isBroken = false;
    expect((await kept.calibration.calibrate({}, "test")).threshold).toBe(threshold);
  });

  test("an empty gallery keeps to what is shipped", async () => {
    const found = await house().calibration.calibrate({}, "test");
    expect(found).toMatchObject({ people: 0, n: 0, basis: "shipped", lookAlikes: [] });
  });
});

describe("by itself", () => {
  test("half a minute after the last of several enrolments, once", async () => {
    const kept = house();
    kept.calibration.start();
    await fill(kept, 3);
    kept.clock.advance(29_000);
    expect(kept.calibrations.latest("dlib")).toBeUndefined();
    await kept.enrol("late", [new Float32Array(128)]);
    kept.clock.advance(29_000);
    expect(kept.calibrations.latest("dlib")).toBeUndefined();
    kept.clock.advance(1_000);
    await settled(kept);
    expect(kept.calibrations.latest("dlib")).toMatchObject({ people: 4, templates: 10 });
  });

  test("makes up for enrolments that no daemon saw, and only for those", async () => {
    const directory = temporaryStateDirectory();
    const before = house(directory);
    await fill(before, 2);
    const first = house(directory);
    first.calibration.start();
    first.clock.advance(30_000);
    await settled(first);
    expect(first.calibrations.latest("dlib")?.people).toBe(2);
    const rows = () => first.db.all(countRow, "SELECT count(*) AS n FROM calibration")[0]?.n;
    const known = rows();
    // The same target as in the gallery's settings: nothing changed, nothing to do.
    first.calibration.stop();
    first.calibration.start();
    first.clock.advance(60_000);
    await first.calibration.check(undefined);
    expect(rows()).toBe(known);
  });

  test("not after stop", async () => {
    const kept = house();
    kept.calibration.start();
    await fill(kept, 2);
    kept.calibration.stop();
    kept.calibration.stop();
    kept.clock.advance(600_000);
    await kept.calibration.check(undefined);
    expect(kept.calibrations.latest("dlib")).toBeUndefined();
  });
});

describe("check", () => {
  test("says of each person whom they look like and how sure the door is", async () => {
    const kept = house();
    await fill(kept, 5);
    const found = await kept.calibration.check(undefined);
    expect(found.map(({ person }) => person)).toEqual(["p000", "p001", "p002", "p003", "p004"]);
    for (const { ownDistance, nearest, person, templates } of found) {
      expect(templates).toBe(3);
      expect(ownDistance).toBeLessThan(0.35);
      expect(nearest?.person).not.toBe(person);
    }
    expect(await kept.calibration.check("p002")).toEqual([found[2]]);
  });

  test("refuses nobody's id", async () => {
    await expect(house().calibration.check("nobody")).rejects.toMatchObject({ code: "LINTEL_E_NOT_FOUND" });
  });
});
