import { describe, expect, it } from "vitest";
import type { ArtJob } from "../../../../src/daemon/art/job-store.ts";
import { outlived } from "../../../../src/daemon/art/retention.ts";

const now = new Date("2030-03-01T00:00:00.000Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const picture = (id: number, days: number) => ({ id, state: "done" as ArtJob["state"], endedAt: daysAgo(days) });
const pictures = [picture(1, 50), picture(2, 20), picture(3, 5), picture(4, 1)];

describe("which pictures go", () => {
  it.each([
    ["none while there is room", { keepPictures: 4 }, null, []],
    ["the oldest beyond the number", { keepPictures: 2 }, null, [1, 2]],
    ["the old ones", { keepPictures: 99, keepDays: 10 }, null, [1, 2]],
    ["by both rules at once", { keepPictures: 3, keepDays: 3 }, null, [1, 2, 3]],
    ["never the one that somebody chose", { keepPictures: 1 }, 2, [1, 3]],
  ])("%s", (_what, rules, keptId, gone) => {
    expect([...outlived(pictures, rules, { now, keptId })].sort()).toEqual(gone);
  });

  it("the newest picture stays however old it is: the wall is not left bare", () => {
    expect(
      outlived([picture(7, 400), picture(8, 300)], { keepPictures: 5, keepDays: 30 }, { now, keptId: null }),
    ).toEqual([7]);
  });

  it("failures are forgotten after a month, so that they are tried again then", () => {
    const failed = (id: number, days: number) => ({ ...picture(id, days), state: "failed" as const });
    const jobs = [failed(1, 31), failed(2, 29), picture(3, 31)];
    expect(outlived(jobs, { keepPictures: 5 }, { now, keptId: null })).toEqual([1]);
  });

  it("what waits or is being painted is nobody's to remove", () => {
    const waiting = { id: 1, state: "waiting" as const, endedAt: null };
    expect(
      outlived(
        [waiting, { ...waiting, id: 2, state: "painting" }],
        { keepPictures: 1, keepDays: 1 },
        { now, keptId: null },
      ),
    ).toEqual([]);
  });
});
