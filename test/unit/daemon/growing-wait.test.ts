import { describe, expect, it } from "vitest";
import { GrowingWait, growing, keepNewest } from "../../../src/daemon/growing-wait.ts";

const rule = { free: 2, firstMs: 1000, longestMs: 3000, forgetMs: 10_000 };

describe("a growing wait", () => {
  it("costs nothing at first, then doubles with every failure up to the longest", () => {
    const wait = new GrowingWait(rule);
    const waits = [0, 1, 2, 3, 4, 5].map((nowMs) => wait.failed("alice", nowMs).waitMs);
    expect(waits).toEqual([0, 0, 1000, 2000, 3000, 3000]);
  });

  it("ends at its time, and binds nobody else", () => {
    const wait = new GrowingWait(rule);
    for (let n = 0; n < 3; n++) wait.failed("alice", 0);
    expect([wait.isWaiting("alice", 999), wait.isWaiting("alice", 1000)]).toEqual([true, false]);
    expect(wait.isWaiting("bob", 0)).toBe(false);
  });

  it("is forgotten by passing, and by time without a failure", () => {
    const wait = new GrowingWait(rule);
    for (let n = 0; n < 3; n++) wait.failed("alice", 0);
    wait.passed("alice");
    expect(wait.failed("alice", 1)).toEqual({ failures: 1, waitMs: 0 });
    for (let n = 0; n < 3; n++) wait.failed("bob", 0);
    expect(wait.failed("bob", rule.forgetMs + 1).failures).toBe(1);
  });

  it("stays finite after any number of failures", () => {
    expect(growing(5000, 1000, 3000)).toBe(3000);
  });
});

it("a list of the newest forgets the oldest beyond its bound, and not who failed again", () => {
  const map = new Map<string, number>();
  for (let n = 0; n < 10_000; n++) keepNewest(map, { key: `p${n}`, value: n });
  keepNewest(map, { key: "p0", value: 1 });
  keepNewest(map, { key: "new", value: 2 });
  expect(map.size).toBe(10_000);
  expect([map.has("p0"), map.has("p1"), map.has("new")]).toEqual([true, false, true]);
});
