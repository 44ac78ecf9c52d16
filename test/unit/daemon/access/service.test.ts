import { describe, expect, it } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import { ruleDefinition, scheduleDefinition } from "../../../../src/daemon/access/definitions.ts";
import { MemoryAccessStore, memoryAccess, personOf } from "../../../support/access-kit.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { MemoryEventLog } from "../../../support/memory-house.ts";

const dana = personOf("dana", { groups: ["staff"] });
const eve = personOf("eve", { groups: ["guests"] });
const office = {
  id: "office",
  timeZone: "Europe/Berlin",
  weekly: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", until: "18:00" }],
};
const rule = (changes: object = {}) => ruleDefinition.parse({ id: "staff", groups: ["staff"], ...changes });
const schedule = (changes: object = {}) => scheduleDefinition.parse({ ...office, ...changes });
const monday = new Date("2026-06-01T10:00:00Z");
const sunday = new Date("2026-06-07T10:00:00Z");

function rig(options: { store?: MemoryAccessStore } = {}) {
  const clock = new ManualClock();
  const events = new MemoryEventLog();
  const people = new Map([
    ["dana", dana],
    ["eve", eve],
  ]);
  const state = { isClockTrusted: true };
  const store = options.store ?? new MemoryAccessStore();
  const access = memoryAccess({ clock, events, people, store, isClockTrusted: () => state.isClockTrusted });
  const judge = (person = dana, at = monday) => {
    const found = access.judge(person, { at, faceSinceMs: clock.nowMs(), hasCompanion: false });
    return found.ok ? "ok" : found.reason;
  };
  return { clock, events, people, state, store, access, judge };
}

const codeOf = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    return error instanceof LintelError ? error.code : String(error);
  }
  return "none";
};

describe("the access service", () => {
  it("lets everybody in at first, and only whom a rule names from the first rule on", () => {
    const { access, judge } = rig();
    expect([judge(dana), judge(eve)]).toEqual(["ok", "ok"]);
    access.putRule(rule(), "test");
    expect([judge(dana), judge(eve)]).toEqual(["ok", "not-permitted"]);
  });

  it("follows a changed schedule at once", () => {
    const { access, judge } = rig();
    access.putSchedule(schedule(), "test");
    access.putRule(rule({ schedule: "office" }), "test");
    expect([judge(dana, monday), judge(dana, sunday)]).toEqual(["ok", "outside-hours"]);
    access.putSchedule(schedule({ weekly: [{ days: ["sun"], from: "00:00", until: "24:00" }] }), "test");
    expect([judge(dana, monday), judge(dana, sunday)]).toEqual(["outside-hours", "ok"]);
  });

  it("gives a schedule without a zone the one of the house, and keeps it", () => {
    const { access } = rig();
    const { timeZone: _zone, ...without } = schedule();
    expect(access.putSchedule(without, "test").timeZone).toBe("Europe/Berlin");
    expect(access.definitions.schedules[0]?.timeZone).toBe("Europe/Berlin");
  });

  it("closes on the holidays of a calendar, and opens again when it changes", () => {
    const { access, judge } = rig();
    const closed = { id: "house", days: [{ date: "2026-06-01", yearly: false }] };
    access.putHolidays(closed, "test");
    access.putSchedule(schedule({ holidays: ["house"] }), "test");
    access.putRule(rule({ schedule: "office" }), "test");
    expect(judge()).toBe("outside-hours");
    access.putHolidays({ id: "house", days: [] }, "test");
    expect(judge()).toBe("ok");
  });

  it("writes every change into the log with who made it", () => {
    const { access, events } = rig();
    access.putSchedule(schedule(), "anna");
    access.putRule(rule({ schedule: "office" }), "anna");
    access.putRule(rule(), "bert");
    access.putRule(rule({ id: "other" }), "bert");
    access.removeRule("other", false, "bert");
    expect(events.records.map(({ access: kind, id, change, by }) => [kind, id, change, by].join(" "))).toEqual([
      "schedule office added anna",
      "rule staff added anna",
      "rule staff changed bert",
      "rule other added bert",
      "rule other removed bert",
    ]);
  });

  it("does not let the last rule go without being told that everybody may enter then", () => {
    const { access, judge } = rig();
    access.putRule(rule(), "test");
    expect(codeOf(() => access.removeRule("staff", false, "test"))).toBe("LINTEL_E_CONFLICT");
    expect(judge(eve)).toBe("not-permitted");
    access.removeRule("staff", true, "test");
    expect(judge(eve)).toBe("ok");
  });

  const refused: [string, (r: ReturnType<typeof rig>) => void, string][] = [
    [
      "a rule on a schedule that is not there",
      ({ access }) => access.putRule(rule({ schedule: "x" }), "t"),
      "NOT_FOUND",
    ],
    [
      "a schedule on a calendar that is not there",
      ({ access }) => access.putSchedule(schedule({ holidays: ["x"] }), "t"),
      "NOT_FOUND",
    ],
    ["removing a rule that is not there", ({ access }) => access.removeRule("x", true, "t"), "NOT_FOUND"],
    ["removing a schedule that is not there", ({ access }) => access.removeSchedule("x", "t"), "NOT_FOUND"],
    ["removing a calendar that is not there", ({ access }) => access.removeHolidays("x", "t"), "NOT_FOUND"],
    [
      "removing a schedule in use",
      ({ access }) => {
        access.putSchedule(schedule(), "t");
        access.putRule(rule({ schedule: "office" }), "t");
        access.removeSchedule("office", "t");
      },
      "CONFLICT",
    ],
    [
      "removing a calendar in use",
      ({ access }) => {
        access.putHolidays({ id: "house", days: [] }, "t");
        access.putSchedule(schedule({ holidays: ["house"] }), "t");
        access.removeHolidays("house", "t");
      },
      "CONFLICT",
    ],
    [
      "a badge for nobody",
      ({ access }) => access.putBadge("04A2", { person: "nobody", isDuress: false }, "t"),
      "NOT_FOUND",
    ],
    ["a badge that nobody has", ({ access }) => access.badgeShown("04A2"), "NOT_FOUND"],
    ["taking a badge that nobody has", ({ access }) => access.removeBadge("04A2", "t"), "NOT_FOUND"],
    ["explaining nobody", ({ access }) => access.explain("nobody", null, "normal"), "NOT_FOUND"],
  ];
  it.each(refused)("refuses %s", (_name, work, code) => {
    const r = rig();
    expect(codeOf(() => work(r))).toBe(`LINTEL_E_${code}`);
  });

  it("lets go of what is not used any more", () => {
    const { access } = rig();
    access.putHolidays({ id: "house", days: [] }, "t");
    access.putSchedule(schedule({ holidays: ["house"] }), "t");
    access.removeSchedule("office", "t");
    access.removeHolidays("house", "t");
    expect(access.definitions).toMatchObject({ schedules: [], holidays: [] });
  });

  it("permits nothing by what cannot be read, but does not open the door to everybody either", () => {
    const store = new MemoryAccessStore();
    store.damaged = [{ kind: "rule", id: "torn" }];
    const { access, judge } = rig({ store });
    expect(judge()).toBe("not-permitted");
    expect(access.damaged).toEqual([{ kind: "rule", id: "torn" }]);
    access.removeRule("torn", true, "test");
    expect(judge()).toBe("ok");
  });

  it("takes a badge by its number for the person who has it, until somebody else gets it", () => {
    const { access, judge, events } = rig();
    access.putRule(rule({ groups: ["*"], secondFactor: "badge" }), "test");
    access.putBadge("04A2B3", { person: "dana", isDuress: false }, "test");
    access.badgeShown("04A2B3");
    expect([judge(dana), judge(eve)]).toEqual(["ok", "second-factor-missing"]);
    access.entered(dana);
    expect(judge(dana)).toBe("second-factor-missing");
    access.putBadge("04A2B3", { person: "eve", isDuress: false }, "test");
    access.badgeShown("04A2B3");
    expect([judge(dana), judge(eve)]).toEqual(["second-factor-missing", "ok"]);
    expect(JSON.stringify(events.records)).not.toContain("04A2B3");
  });

  it("raises a silent alarm for a duress badge, which is like any other in every other way", () => {
    const [plain, duress] = [false, true].map((isDuress) => {
      const r = rig();
      r.access.putRule(rule({ groups: ["*"], secondFactor: "badge" }), "test");
      r.access.putBadge("04A2B3", { person: "dana", isDuress }, "test");
      r.access.badgeShown("04A2B3");
      r.access.badgeShown("04A2B3");
      const seen = [r.judge(dana), r.access.explain("dana", null, "normal"), r.access.definitions, r.access.damaged];
      return { seen, events: r.events };
    });
    expect(duress?.seen).toEqual(plain?.seen);
    expect(plain?.events.ofType("duress")).toEqual([]);
    expect(duress?.events.ofType("duress")).toMatchObject([{ person: "dana" }]);
    const rest = duress?.events.records.filter(({ type }) => type !== "duress");
    expect(rest).toEqual(plain?.events.records);
  });

  it("raises the alarm again when the duress badge is shown again later", () => {
    const { access, events, clock } = rig();
    access.putBadge("04A2B3", { person: "dana", isDuress: true }, "test");
    access.badgeShown("04A2B3");
    clock.advance(10_000);
    access.badgeShown("04A2B3");
    expect(events.ofType("duress")).toHaveLength(2);
  });

  describe("against passing back", () => {
    const hard = rule({ passback: { minutes: 30, mode: "hard" } });

    it("refuses a second entry until its time is over, also after a restart", () => {
      const { access, store, judge, clock } = rig();
      access.putRule(hard, "test");
      const now = () => judge(dana, clock.date());
      expect(now()).toBe("ok");
      access.entered(dana);
      expect(now()).toBe("passed-back");
      const again = rig({ store });
      expect(again.judge(dana, clock.date())).toBe("passed-back");
      clock.advance(30 * 60_000);
      expect(now()).toBe("ok");
    });

    it("does not count a permission that was not taken, nor somebody who has left", () => {
      const { access, judge, clock, events, store } = rig();
      access.putRule(hard, "test");
      access.entered(dana);
      events.append("not-taken", { by: "face", person: "dana" });
      expect([judge(dana, clock.date()), store.entries()]).toEqual(["ok", []]);
      access.entered(dana);
      access.left("dana");
      expect(judge(dana, clock.date())).toBe("ok");
    });

    it("forgets who was removed, and hears nothing any more once stopped", () => {
      const { access, judge, clock, events } = rig();
      access.putRule(hard, "test");
      access.entered(dana);
      events.append("removed", { person: "dana" });
      expect(judge(dana, clock.date())).toBe("ok");
      access.entered(dana);
      access.stop();
      access.stop();
      events.append("removed", { person: "dana" });
      expect(judge(dana, clock.date())).toBe("passed-back");
    });

    it("notes no entries while no rule asks for them", () => {
      const { access, store } = rig();
      access.putRule(rule(), "test");
      access.entered(dana);
      expect(store.entries()).toEqual([]);
    });

    it("goes on when an entry cannot be written", () => {
      const { access, judge, clock, store } = rig();
      access.putRule(hard, "test");
      store.putEntry = () => {
        throw new Error("disk full");
      };
      access.entered(dana);
      expect(judge(dana, clock.date())).toBe("passed-back");
    });
  });

  it("keeps no second factor of people it does not know", () => {
    const { access, judge, people } = rig();
    access.putRule(rule({ groups: ["*"], secondFactor: "presence" }), "test");
    people.delete("dana");
    access.shown({ kind: "presence", person: "dana" });
    people.set("dana", dana);
    expect(judge(dana)).toBe("second-factor-missing");
  });

  it("follows a schedule as a passage time: no while the clock is not set or the schedule is gone", () => {
    const { access, state } = rig();
    const passage = access.passageTime("office");
    expect(passage.isPassageTime(monday)).toBe(false);
    access.putSchedule(schedule(), "test");
    expect([passage.isPassageTime(monday), passage.isPassageTime(sunday)]).toEqual([true, false]);
    state.isClockTrusted = false;
    expect(passage.isPassageTime(monday)).toBe(false);
  });
});

describe("an explanation", () => {
  it("names every rule that was looked at and what it said", () => {
    const { access } = rig();
    access.putSchedule(schedule(), "t");
    access.putRule(rule({ id: "a", groups: ["guests"] }), "t");
    access.putRule(rule({ id: "b", doors: ["back"] }), "t");
    access.putRule(rule({ id: "c", schedule: "office" }), "t");
    access.putRule(rule({ id: "d", secondFactor: "badge" }), "t");
    access.putRule(rule({ id: "e", enabled: false }), "t");
    const found = access.explain("dana", sunday, "normal");
    expect(found).toMatchObject({
      ...{ person: "dana", door: "demo", time: "2026-06-07T10:00:00.000Z" },
      ...{ ok: false, reason: "second-factor-missing", rule: null },
    });
    expect(found.rules.map(({ rule: id, verdict }) => `${id} ${verdict}`)).toEqual([
      "a other-group",
      "b other-door",
      "c outside-hours",
      "d second-factor-missing",
      "e switched-off",
    ]);
    expect(found.rules[2]).toMatchObject({
      schedule: "office",
      localTime: "Sun 2026-06-07 12:00 Europe/Berlin",
      says: "is outside the hours of office: Sun 2026-06-07 12:00 Europe/Berlin",
    });
    expect(found.says).toBe(
      "dana at demo on 2026-06-07T10:00:00.000Z: refused (second-factor-missing), a second factor has to be shown as well",
    );
  });

  it("says by which rule somebody may pass", () => {
    const { access } = rig();
    access.putSchedule(schedule(), "t");
    access.putRule(rule({ schedule: "office" }), "t");
    expect(access.explain("dana", monday, "normal")).toMatchObject({
      ...{ ok: true, reason: null, rule: "staff" },
      says: "dana at demo on 2026-06-01T10:00:00.000Z: may pass by rule staff",
      rules: [{ says: "permits staff Mon 2026-06-01 12:00 Europe/Berlin is in 08:00-18:00" }],
    });
  });

  it("says that there are no rules", () => {
    expect(rig().access.explain("eve", null, "normal")).toMatchObject({
      ...{ ok: true, rule: null, rules: [] },
      says: expect.stringContaining("there are no rules"),
    });
  });

  it("of a person who is refused anyway shows the rules all the same", () => {
    const { access, people } = rig();
    people.set("dana", { ...dana, enabled: false });
    access.putRule(rule(), "t");
    const found = access.explain("dana", null, "lockdown");
    expect(found).toMatchObject({ ok: false, reason: "disabled", rule: null });
    expect(found.checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(["enabled", "mode"]);
    expect(found.rules.map(({ verdict }) => verdict)).toEqual(["permits"]);
  });

  it("takes the clock as set for a time that is named, and as it is for now", () => {
    const { access, state } = rig();
    access.putSchedule(schedule(), "t");
    access.putRule(rule({ schedule: "office" }), "t");
    state.isClockTrusted = false;
    expect(access.explain("dana", null, "normal").reason).toBe("clock-unset");
    expect(access.explain("dana", monday, "normal").reason).toBeNull();
  });

  it("counts a badge that is shown now, but not for another time", () => {
    const { access } = rig();
    access.putRule(rule({ secondFactor: "badge" }), "t");
    access.shown({ kind: "badge", person: "dana" });
    expect(access.explain("dana", null, "normal").ok).toBe(true);
    expect(access.explain("dana", monday, "normal").reason).toBe("second-factor-missing");
  });

  it("agrees with the decision for every person, rule and hour of a week", () => {
    const { access, judge, state } = rig();
    access.putSchedule(schedule(), "t");
    access.putRule(rule({ schedule: "office" }), "t");
    access.putRule(rule({ id: "guests", groups: ["guests"], secondFactor: "any" }), "t");
    for (let hour = 0; hour < 168; hour++) {
      const at = new Date(monday.getTime() + hour * 3_600_000);
      for (const person of [dana, eve]) {
        state.isClockTrusted = true;
        expect(access.explain(person.id, at, "normal").reason ?? "ok").toBe(judge(person, at));
      }
    }
  });
});
