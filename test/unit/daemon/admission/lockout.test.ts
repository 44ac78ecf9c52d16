import { beforeEach, describe, expect, it } from "vitest";
import {
  factorRule,
  imitationRule,
  Lockout,
  probingRule,
  trackDelayMs,
} from "../../../../src/daemon/admission/lockout.ts";
import { MemoryEventLog } from "../../../support/memory-house.ts";

let events: MemoryEventLog;
let lockout: Lockout;
const minuteMs = 60_000;

beforeEach(() => {
  events = new MemoryEventLog();
  lockout = new Lockout(events);
});

it("a track waits longer after each decision against it", () => {
  expect([0, 1, 2, 3].map(trackDelayMs)).toEqual([0, 500, 1000, 1000]);
});

describe("probing", () => {
  it("is raised by the fifth different unknown track within a minute, not by the fourth", () => {
    for (let track = 1; track <= 4; track++) lockout.unknownTrack(track, track * 1000);
    expect(events.records).toEqual([]);
    lockout.unknownTrack(5, 5000);
    expect(events.records).toMatchObject([{ type: "probing", tracks: 5, windowSeconds: 60 }]);
  });

  it("is not raised by one track that is unknown again and again", () => {
    for (let i = 0; i < 50; i++) lockout.unknownTrack(7, i * 100);
    expect(events.records).toEqual([]);
  });

  it("is not raised by strangers who come one a quarter of a minute", () => {
    for (let track = 0; track < 100; track++) lockout.unknownTrack(track, track * 15_001);
    expect(events.records).toEqual([]);
  });

  it("is said once in five minutes, however many there are", () => {
    for (let track = 0; track < 2000; track++) lockout.unknownTrack(track, track * 300);
    expect(events.ofType("probing")).toHaveLength(Math.ceil((2000 * 300) / probingRule.quietMs));
  });
});

describe("spoofs of one person", () => {
  it("raise an alarm at the third within ten minutes, and none when they are far apart", () => {
    for (const atMs of [0, 11, 22, 33]) lockout.imitated("alice", atMs * minuteMs);
    expect(events.records).toEqual([]);
    lockout.imitated("alice", 34 * minuteMs);
    lockout.imitated("alice", 35 * minuteMs);
    expect(events.records).toMatchObject([{ type: "lockout", kind: "imitation", imitated: "alice", spoofs: 3 }]);
  });

  it("raise it ever less often while they go on", () => {
    for (let second = 0; second < 3600; second += 10) lockout.imitated("alice", second * 1000);
    // After 20 s, then 1, 2, 4, 8, 16 minutes later; the next one would come after the hour.
    expect(events.ofType("lockout")).toHaveLength(6);
  });

  it("say nothing about anybody else", () => {
    for (let i = 0; i < 2; i++) for (const person of ["alice", "bob", "carol"]) lockout.imitated(person, i);
    expect(events.records).toEqual([]);
  });

  it("lock nobody", () => {
    for (let i = 0; i < 100; i++) lockout.imitated("alice", i * 1000);
    expect(lockout.isFactorLocked("alice", 100_000)).toBe(false);
  });

  it("begin anew after a calm time", () => {
    for (let i = 0; i < 3; i++) lockout.imitated("alice", i);
    const later = 10 * imitationRule.windowMs;
    for (let i = 0; i < 3; i++) lockout.imitated("alice", later + i);
    expect(events.ofType("lockout")).toHaveLength(2);
  });
});

describe("a second factor that did not come", () => {
  it("is forgiven twice, then costs a wait that doubles up to five minutes", () => {
    const waits: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 9; i++) {
      lockout.factorFailed("alice", nowMs);
      let waitMs = 0;
      while (lockout.isFactorLocked("alice", nowMs + waitMs)) waitMs += 1000;
      waits.push(waitMs / 1000);
      nowMs += waitMs + 1;
    }
    expect(waits).toEqual([0, 0, 10, 20, 40, 80, 160, 300, 300]);
    expect(events.ofType("lockout").at(0)).toMatchObject({
      kind: "second-factor",
      person: "alice",
      failures: 3,
      seconds: 10,
    });
  });

  it("binds that person alone, and ends with the first that comes", () => {
    for (let i = 0; i < 5; i++) lockout.factorFailed("alice", i);
    expect(lockout.isFactorLocked("alice", 10)).toBe(true);
    expect(lockout.isFactorLocked("bob", 10)).toBe(false);
    lockout.factorPassed("alice");
    expect(lockout.isFactorLocked("alice", 10)).toBe(false);
    lockout.factorFailed("alice", 20);
    expect(lockout.isFactorLocked("alice", 21)).toBe(false);
  });

  it("is forgotten after an hour", () => {
    for (let i = 0; i < 5; i++) lockout.factorFailed("alice", i);
    const later = factorRule.forgetMs + 10;
    lockout.factorFailed("alice", later);
    expect(lockout.isFactorLocked("alice", later + 1)).toBe(false);
  });
});
