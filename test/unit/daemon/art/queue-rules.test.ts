import { describe, expect, it } from "vitest";
import type { ArtJob } from "../../../../src/daemon/art/job-store.ts";
import { nextJob, overdue, plannedSince } from "../../../../src/daemon/art/queue-rules.ts";
import { artJob } from "../../../support/art-kit.ts";

const rules = { isWindowOpen: true, isReady: () => true };
const next = (jobs: readonly ArtJob[], changes: Partial<Parameters<typeof nextJob>[1]> = {}) =>
  nextJob(jobs, { ...rules, ...changes })?.id ?? null;

describe("whose turn it is", () => {
  it("nobody's in an empty queue", () => expect(next([])).toBeNull());

  it("the oldest of equals", () => expect(next([artJob({ id: 3 }), artJob({ id: 2 })])).toBe(2));

  it("what somebody asked for comes before the plan", () => {
    expect(next([artJob({ id: 1 }), artJob({ id: 2, askedBy: "mqtt" })])).toBe(2);
  });

  it("the nearest deadline first, and any deadline before none", () => {
    const asked = { askedBy: "mqtt" };
    const jobs = [
      artJob({ id: 1, ...asked }),
      artJob({ id: 2, ...asked, deadline: "2030-01-03T00:00:00.000Z" }),
      artJob({ id: 3, ...asked, deadline: "2030-01-02T00:00:00.000Z" }),
    ];
    expect(next(jobs)).toBe(3);
    expect(next(jobs.slice(0, 2))).toBe(2);
  });

  it("what was begun is finished first", () => {
    expect(next([artJob({ id: 1, askedBy: "mqtt" }), artJob({ id: 2, step: 40 })])).toBe(2);
  });

  it("outside the window only what may be painted at once", () => {
    const jobs = [artJob({ id: 1 }), artJob({ id: 2, atOnce: true })];
    expect(next(jobs, { isWindowOpen: false })).toBe(2);
    expect(next(jobs.slice(0, 1), { isWindowOpen: false })).toBeNull();
  });

  it("a job that has to wait after a failure holds up nobody", () => {
    const jobs = [artJob({ id: 1 }), artJob({ id: 2 })];
    expect(next(jobs, { isReady: ({ id }) => id !== 1 })).toBe(2);
  });
});

describe("deadlines and plans", () => {
  it("a deadline that has come is over", () => {
    const jobs = [artJob({ id: 1 }), artJob({ id: 2, deadline: "2030-01-02T00:00:00.000Z" })];
    expect(overdue(jobs, new Date("2030-01-01T23:59:59.999Z"))).toEqual([]);
    expect(overdue(jobs, new Date("2030-01-02T00:00:00.000Z")).map(({ id }) => id)).toEqual([2]);
  });

  it("only what was planned in this window counts against the night", () => {
    const openedAt = new Date("2030-01-01T22:00:00.000Z");
    const jobs = [
      artJob({ id: 1, createdAt: "2030-01-01T21:59:59.000Z" }),
      artJob({ id: 2, createdAt: "2030-01-01T22:00:00.000Z" }),
      artJob({ id: 3, createdAt: "2030-01-01T23:00:00.000Z", askedBy: "mqtt" }),
    ];
    expect(plannedSince(jobs, openedAt)).toBe(1);
  });
});
