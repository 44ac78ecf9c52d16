import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { openCalibration } from "../../../../src/daemon/calibration/open-calibration.ts";
import { siteFinding, type ThresholdFinder } from "../../../../src/daemon/calibration/site-finding.ts";
import { CalibrationStore } from "../../../../src/daemon/store/calibration-store.ts";
import { createCursor } from "../../../../src/daemon/store/cursor.ts";
import { monthOf, total } from "../../../../src/daemon/visits/month.ts";
import { VisitBook } from "../../../../src/daemon/visits/visit-book.ts";
import { VisitStore } from "../../../../src/daemon/visits/visit-store.ts";
import { faceOf, movedBy, personVector, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const dayMs = 86_400_000;
const atOnce: ThresholdFinder = { find: async (site, settings) => siteFinding(site, settings), stop: () => {} };

/** People on a real database who enter by an injected clock, and the book of their visits. */
function house({ keepMonths = 24, directory = temporaryStateDirectory() } = {}) {
  const kept = peopleHouse(directory);
  const { db, people, events, clock, store } = kept;
  const open = () =>
    new VisitBook({
      ...{ store: new VisitStore(db), people, events, db, cursor: createCursor(db, "visits", silentLogger) },
      ...{ keepMonths, clock, timers: clock, logger: silentLogger },
    });
  const visits = open();
  onTestFinished(() => visits.stop());
  const calibration = openCalibration({
    ...{ people, templates: store, store: new CalibrationStore(db), db, events, visits, finder: atOnce },
    ...{ settings: { targetFpir: 1e-3, maxDistance: 0.43 }, clock, timers: clock, logger: silentLogger },
  });
  const enrol = async (id: string, picture: number) => {
    kept.analyser.answers.set(`${id}-${picture}`, photoOf(faceOf(personVector(picture))));
    await people.add(id, {}, [photo(`${id}-${picture}`)], "test");
  };
  const enter = (person: string, distance: number) =>
    events.append("granted", { person, distance, runnerUp: distance + 0.3, track: 1 });
  /** Ten entries in each of so many months. */
  const live = (person: string, distances: readonly number[]) => {
    for (const distance of distances) {
      for (let n = 0; n < 10; n++) {
        enter(person, distance + (n - 4.5) / 400);
        clock.advance(3 * dayMs);
      }
    }
  };
  return { ...kept, visits, calibration, enrol, enter, live, open };
}

const rising = [0.27, 0.28, 0.29, 0.3, 0.31, 0.32, 0.33];

test("months of entries that drift away are told by the self-check, those of somebody who stays are not", async () => {
  const { enrol, live, calibration } = house();
  await enrol("alice", 1);
  await enrol("bob", 2);
  live("alice", rising);
  live("bob", [0.27, 0.28, 0.27, 0.26, 0.28, 0.27]);
  const [alice, bob] = await calibration.check(undefined);
  expect(alice?.drift?.perMonth).toBeCloseTo(0.01, 2);
  expect(alice?.isReEnrolmentAdvised).toBe(true);
  expect(alice?.advice[0]).toMatch(
    /^The distance of alice has risen from 0\.2\d \(.+\) to 0\.3\d \(.+\), by 0\.01\d a month/,
  );
  expect(bob?.drift).toBeNull();
  expect(bob?.isReEnrolmentAdvised).toBe(false);
});

test("what is kept are counts by month: no time of an entry but the last day, no vector", async () => {
  const { enrol, enter, people, visits, clock } = house();
  await enrol("alice", 1);
  const first = clock.date().toISOString();
  enter("alice", 0.281);
  enter("alice", 0.312);
  await visits.catchUp();
  const { other } = await people.export("alice", { vectors: false, eventsFrom: 1 });
  expect(other.visit_months).toEqual([
    {
      ...{ person_id: "alice", month: monthOf(first), days: 1, last_day: Number(first.slice(8, 10)) },
      ...{ distances: '{"28":1,"31":1}', margins: '{"30":2}' },
    },
  ]);
});

describe("an entry is counted once", () => {
  test("however often the log is read, and after a restart", async () => {
    const { enrol, live, visits, open } = house();
    await enrol("alice", 1);
    live("alice", [0.3, 0.3]);
    await Promise.all([visits.catchUp(), visits.catchUp()]);
    await visits.catchUp();
    await open().catchUp();
    expect(visits.of("alice").reduce((sum, { distances }) => sum + total(distances), 0)).toBe(20);
  });

  test("a minute after it, without anybody asking", async () => {
    const { enrol, enter, visits, clock } = house();
    await enrol("alice", 1);
    visits.start();
    clock.advance(60_000);
    await visits.catchUp();
    enter("alice", 0.3);
    expect(visits.of("alice")).toEqual([]);
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(visits.of("alice")).toHaveLength(1);
    visits.stop();
    visits.stop();
    enter("alice", 0.3);
    clock.advance(60_000);
    expect(total(visits.of("alice")[0]?.distances ?? {})).toBe(1);
  });
});

describe("goes", () => {
  test("with the person, and does not come back with the id", async () => {
    const { enrol, live, enter, people, visits } = house();
    await enrol("alice", 1);
    live("alice", [0.3]);
    await visits.catchUp();
    enter("alice", 0.31);
    await people.remove("alice", "test");
    expect(visits.of("alice")).toEqual([]);
    await enrol("alice", 2);
    await visits.catchUp();
    expect(visits.of("alice")).toEqual([]);
  });

  test("when the person gets other pictures, for distances to the old ones say nothing about them", async () => {
    const { analyser, people, enrol, live, enter, visits } = house();
    await enrol("alice", 1);
    live("alice", rising);
    await visits.catchUp();
    expect(visits.of("alice").length).toBeGreaterThanOrEqual(7);
    analyser.answers.set("new", photoOf(faceOf(movedBy(personVector(1), 0.3, seededRandom(1)))));
    expect((await people.add("alice", {}, [photo("new")], "test")).refused).toEqual([]);
    enter("alice", 0.2);
    await visits.catchUp();
    expect(visits.of("alice").map(({ distances }) => distances)).toEqual([{ 20: 1 }]);
  });

  test("when it is too old, and altogether where nothing is to be kept", async () => {
    const directory = temporaryStateDirectory();
    const { enrol, live, visits } = house({ keepMonths: 3, directory });
    await enrol("alice", 1);
    live("alice", rising);
    await visits.catchUp();
    expect(visits.of("alice").length).toBeLessThanOrEqual(3);
    const off = house({ keepMonths: 0, directory });
    off.clock.advance(7 * 30 * dayMs);
    await off.visits.catchUp();
    expect(off.visits.of("alice")).toEqual([]);
  });
});

test("what the door adapted to does not hide how far the face has moved from what was enrolled", async () => {
  const { enrol, events, visits } = house();
  await enrol("alice", 1);
  events.append("granted", { person: "alice", distance: 0.12, enrolledDistance: 0.33, track: 1 });
  await visits.catchUp();
  expect(visits.of("alice")[0]?.distances).toEqual({ 33: 1 });
});

test("entries of the future, of nobody and without a distance are not counted", async () => {
  const { enrol, enter, events, clock, visits, db } = house();
  await enrol("alice", 1);
  enter("ghost", 0.3);
  events.append("granted", { person: "alice", track: 1 });
  events.append("denied", { person: "alice", distance: 0.5, track: 1 });
  clock.advance(400 * dayMs);
  enter("alice", 0.3);
  clock.standStill(-400 * dayMs);
  await visits.catchUp();
  expect(visits.of("alice")).toEqual([]);
  expect(db.isOpen).toBe(true);
});
