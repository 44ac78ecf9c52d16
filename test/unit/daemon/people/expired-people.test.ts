import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { Person, RemovalProof } from "../../../../src/daemon/api.ts";
import { ExpiredPeople, overduePeople } from "../../../../src/daemon/people/expired-people.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function person(id: string, validUntil: string | null): Person {
  const now = "2026-01-01T00:00:00.000Z";
  return {
    ...{ id, name: id, enabled: true, groups: [], consent: null, validFrom: null, validUntil },
    ...{ openSeconds: null, createdAt: now, updatedAt: now, templates: 1 },
  };
}

function proofOf(id: string, remains: readonly string[]): RemovalProof {
  const search = { files: 3, bytes: 100, remains };
  return { person: id, templates: 1, removedAt: "", vectors: [], digest: "d", event: 1, search };
}

/** A clock whose wall time can be set apart from the monotonic time. */
class SetClock extends ManualClock {
  setByMs = 0;
  override date(): Date {
    return new Date(super.date().getTime() + this.setByMs);
  }
}

function setUp(
  options: { afterDays?: number | undefined; trusted?: boolean; remains?: string[]; fails?: string } = {},
) {
  const clock = new SetClock();
  const now = clock.date().getTime();
  const at = (days: number) => new Date(now + days * dayMs).toISOString();
  let present = [person("gone", at(-40)), person("recent", at(-10)), person("future", at(10)), person("always", null)];
  const removed: string[] = [];
  const job = new ExpiredPeople({
    people: {
      list: () => present,
      remove: async (id, by) => {
        if (id === options.fails) throw new Error("disk");
        removed.push(`${id} by ${by}`);
        present = present.filter((one) => one.id !== id);
        return proofOf(id, options.remains ?? []);
      },
    },
    afterDays: "afterDays" in options ? options.afterDays : 30,
    isClockTrusted: () => options.trusted ?? true,
    clock,
    timers: clock,
    logger: silentLogger,
  });
  return { job, clock, removed, people: () => present.map(({ id }) => id) };
}

/** Lets what was begun by a timer come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ["0 days after", 0, ["a", "b"]],
  ["one day after", 1, ["a"]],
  ["two days after", 2, []],
])("who is overdue %s the end of their validity", (_name, days, ids) => {
  const people = [
    person("a", "2026-05-09T12:00:00.000Z"),
    person("b", "2026-05-10T12:00:00.000Z"),
    person("c", "2026-05-10T12:00:00.001Z"),
    person("d", null),
  ];
  expect(overduePeople(people, new Date("2026-05-10T12:00:00Z"), days).map(({ id }) => id)).toEqual(ids);
});

describe("people past their time", () => {
  test("are removed an hour after the start, and nobody else is", async () => {
    const { job, clock, removed, people } = setUp();
    job.start();
    clock.advance(hourMs - 1);
    await settle();
    expect(removed).toEqual([]);
    clock.advance(1);
    await settle();
    expect(removed).toEqual(["gone by retention"]);
    expect(people()).toEqual(["recent", "future", "always"]);
    expect(job.status).toEqual({
      isOn: true,
      lastRunAt: clock.date().toISOString(),
      removed: 1,
      overdue: 0,
      unclean: 0,
    });
  });

  test("are removed on the day they become so, while the job runs", async () => {
    const { job, clock, removed } = setUp();
    job.start();
    for (let hour = 0; hour < 21 * 24; hour++) {
      clock.advance(hourMs);
      await settle();
    }
    expect(removed).toEqual(["gone by retention", "recent by retention"]);
    job.stop();
  });

  test("are never removed where the configuration does not say after how many days", async () => {
    const { job, clock, removed } = setUp({ afterDays: undefined });
    job.start();
    clock.advance(100 * hourMs);
    await job.run();
    expect(removed).toEqual([]);
    expect(job.status.isOn).toBe(false);
  });

  test("stay while the clock was just set: a wrong year must not empty the gallery", async () => {
    const { job, clock, removed } = setUp();
    job.start();
    clock.setByMs = 20 * 365 * dayMs;
    clock.advance(hourMs);
    await settle();
    expect(removed).toEqual([]);
    // Set right again: that is a step too.
    clock.setByMs = 0;
    clock.advance(hourMs);
    await settle();
    expect(removed).toEqual([]);
    clock.advance(hourMs);
    await settle();
    expect(removed).toEqual(["gone by retention"]);
  });

  test("stay while nobody vouches for the time of day", async () => {
    const { job, clock, removed } = setUp({ trusted: false });
    job.start();
    clock.advance(5 * hourMs);
    await settle();
    expect(removed).toEqual([]);
  });

  test("that could not be removed, or not without a trace, are counted", async () => {
    const failing = setUp({ fails: "gone" });
    expect(await failing.job.run()).toMatchObject({ removed: 0, overdue: 1, unclean: 0 });
    const unclean = setUp({ remains: ["copy.db"] });
    expect(await unclean.job.run()).toMatchObject({ removed: 1, overdue: 0, unclean: 1 });
  });

  test("stay after the job was stopped, which may come twice", async () => {
    const { job, clock, removed } = setUp();
    job.start();
    job.stop();
    job.stop();
    clock.advance(5 * hourMs);
    await settle();
    expect(removed).toEqual([]);
  });
});
