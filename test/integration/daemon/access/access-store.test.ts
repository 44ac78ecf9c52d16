import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { holidaysDefinition, ruleDefinition, scheduleDefinition } from "../../../../src/daemon/access/definitions.ts";
import { AccessService } from "../../../../src/daemon/access/service.ts";
import { AccessStore } from "../../../../src/daemon/access/store.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { faceOf, personVector, photoOf } from "../../../support/face-vectors.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

/** The access rules on a real database, beside real people. */
async function house() {
  const stateDirectory = temporaryStateDirectory();
  const rig = peopleHouse(stateDirectory);
  rig.analyser.answers.set("dana", photoOf(faceOf(personVector(1))));
  await rig.people.add("dana", { name: "Dana", groups: ["staff"] }, [photo("dana")], "test");
  const open = () => {
    const access = new AccessService({
      ...{ store: new AccessStore(rig.db), db: rig.db, events: rig.events, people: rig.people, clock: rig.clock },
      ...{ clockTrust: { isClockTrusted: () => true }, logger: silentLogger, doorId: "demo", timeZone: "UTC" },
      window: { beforeMs: 30_000, afterMs: 10_000 },
    });
    access.start();
    return access;
  };
  return { ...rig, stateDirectory, open, access: open() };
}

const rule = ruleDefinition.parse({ id: "staff", groups: ["staff"], schedule: "office", note: "since May" });
const schedule = scheduleDefinition.parse({
  id: "office",
  timeZone: "Australia/Lord_Howe",
  weekly: [{ days: ["mon"], from: "08:00", until: "18:00" }],
  holidays: ["house"],
});
const holidays = holidaysDefinition.parse({ id: "house", days: [{ date: "2026-12-25", yearly: true, name: "Xmas" }] });

test("rules, schedules and holidays are there again after a restart, to the last field", async () => {
  const { access, open } = await house();
  access.putHolidays(holidays, "test");
  access.putSchedule(schedule, "test");
  access.putRule(rule, "test");
  expect(open().definitions).toEqual({ rules: [rule], schedules: [schedule], holidays: [holidays] });
  access.removeRule("staff", true, "test");
  access.removeSchedule("office", "test");
  access.removeHolidays("house", "test");
  expect(open().definitions).toEqual({ rules: [], schedules: [], holidays: [] });
});

test("a definition that was tampered with permits nothing and does not open the door to everybody", async () => {
  const { access, open, db, people } = await house();
  const dana = people.get("dana");
  if (!dana) throw new Error("dana is enrolled");
  access.putRule(ruleDefinition.parse({ id: "staff", groups: ["staff"] }), "test");
  db.run("UPDATE access_rules SET definition = ? WHERE id = 'staff'", ['{"id":"staff","groups":[]}']);
  const damaged = open();
  expect(damaged.damaged).toEqual([{ kind: "rule", id: "staff" }]);
  const verdict = damaged.judge(dana, { at: new Date(), faceSinceMs: 0, hasCompanion: false });
  expect(verdict).toMatchObject({ ok: false, reason: "not-permitted" });
});

test("a change that cannot be written changes nothing", async () => {
  const { access, db, people } = await house();
  const dana = people.get("dana");
  if (!dana) throw new Error("dana is enrolled");
  access.putRule(ruleDefinition.parse({ id: "guests", groups: ["guests"] }), "test");
  db.exec("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  const everybody = ruleDefinition.parse({ id: "all", groups: ["*"] });
  expect(() => access.putRule(everybody, "test")).toThrow();
  expect(access.definitions.rules.map(({ id }) => id)).toEqual(["guests"]);
  expect(access.judge(dana, { at: new Date(), faceSinceMs: 0, hasCompanion: false }).ok).toBe(false);
  expect(new AccessStore(db).load().rules.map(({ id }) => id)).toEqual(["guests"]);
});

test("a badge leaves with its person", async () => {
  const { access, people, db, stateDirectory } = await house();
  access.putBadge("04A2B3", { person: "dana", isDuress: false }, "test");
  const store = new AccessStore(db);
  expect(store.holderOf("04A2B3")).toEqual({ person: "dana", isDuress: false });
  expect(store.badgesOf("dana")).toEqual(["04A2B3"]);
  await people.remove("dana", "test");
  expect([store.holderOf("04A2B3"), store.badgesOf("dana")]).toEqual([undefined, []]);
  db.close();
  const again = openDatabase({ stateDirectory, logger: silentLogger });
  expect(new AccessStore(again).holderOf("04A2B3")).toBeUndefined();
  again.close();
});

test("an entry outlives a restart, and leaves with its person", async () => {
  const { access, open, people, db, clock } = await house();
  const dana = people.get("dana");
  if (!dana) throw new Error("dana is enrolled");
  access.putRule(ruleDefinition.parse({ id: "staff", groups: ["staff"], passback: { minutes: 30 } }), "test");
  access.entered(dana);
  const question = { at: clock.date(), faceSinceMs: 0, hasCompanion: false };
  expect(open().judge(dana, question)).toMatchObject({ ok: false, reason: "passed-back" });
  await people.remove("dana", "test");
  expect(new AccessStore(db).entries()).toEqual([]);
  expect(access.judge(dana, question).ok).toBe(true);
});

test("the log names who changed what, and holds no badge number", async () => {
  const { access, events } = await house();
  access.putRule(ruleDefinition.parse({ id: "staff", groups: ["staff"] }), "anna");
  access.putBadge("04A2B3", { person: "dana", isDuress: false }, "anna");
  const written = events.read(1, 100).filter(({ type }) => type === "updated");
  expect(written).toMatchObject([
    { access: "rule", id: "staff", change: "added", by: "anna" },
    { person: "dana", changed: ["badges"], by: "anna" },
  ]);
  expect(JSON.stringify(written)).not.toContain("04A2B3");
});
