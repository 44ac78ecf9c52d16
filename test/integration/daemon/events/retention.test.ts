import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { openAuditKey } from "../../../../src/daemon/events/audit-key.ts";
import { readCheckpoint } from "../../../../src/daemon/events/checkpoint.ts";
import { ChainWalk } from "../../../../src/daemon/events/verify.ts";
import { auditKit, dayMs } from "../../../support/audit-kit.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

/** Ten old events, ten young ones. */
function oldAndYoung() {
  const kit = auditKit();
  kit.append(10);
  kit.time.jump(80 * dayMs);
  kit.append(10);
  kit.time.jump(20 * dayMs);
  return kit;
}

describe("retention", () => {
  test("removes what is old, keeps the rest, and the rest still verifies", async () => {
    const kit = oldAndYoung();
    const { seq, hash } = kit.log.status;
    expect(await kit.retention().run()).toBe(10);
    expect(kit.log.read(0, 100).map((event) => event.seq)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    expect(kit.verify({ expected: { seq, hash } })).toMatchObject({ ok: true, events: 11, removedThrough: 10 });
    const [stored] = kit.store.checkpoints();
    expect(stored && readCheckpoint(stored)).toMatchObject({
      ...{ fromSeq: 1, throughSeq: 10, count: 10, brokenAt: null, key: kit.key.publicKey },
      removedAt: kit.time.date().toISOString(),
    });
  });

  test("says in the log that it ran, also when there was nothing to remove", async () => {
    const kit = oldAndYoung();
    const retention = kit.retention();
    await retention.run();
    expect(await retention.run()).toBe(0);
    const said = kit.log.read(21, 10);
    expect(said.map(({ type, by, removed, removedThrough }) => ({ type, by, removed, removedThrough }))).toEqual([
      { type: "updated", by: "retention", removed: 10, removedThrough: 10 },
      { type: "updated", by: "retention", removed: 0, removedThrough: 10 },
    ]);
    expect(retention.status).toEqual({ days: 90, lastRunAt: kit.time.date().toISOString(), removed: 0, problem: null });
  });

  test("in slices leaves one checkpoint a run, and each next run adjoins it", async () => {
    const kit = oldAndYoung();
    await kit.retention({ removedAtOnce: 3 }).run();
    kit.time.jump(80 * dayMs);
    expect(await kit.retention({ removedAtOnce: 4 }).run()).toBe(10);
    expect(kit.store.checkpoints().map((one) => readCheckpoint(one))).toMatchObject([
      { fromSeq: 1, throughSeq: 10, count: 10 },
      { fromSeq: 11, throughSeq: 20, count: 10 },
    ]);
    expect(kit.verify()).toMatchObject({ ok: true, events: 2, removedThrough: 20 });
  });

  test("may remove everything; the chain goes on behind the checkpoint", async () => {
    const kit = auditKit();
    kit.append(5);
    kit.time.jump(200 * dayMs);
    expect(await kit.retention().run()).toBe(5);
    kit.append(1);
    expect(kit.log.read(0, 10).map(({ seq }) => seq)).toEqual([6, 7]);
    expect(kit.verify()).toMatchObject({ ok: true, removedThrough: 5 });
  });

  test("does nothing while the clock is behind the newest event, or not trusted", async () => {
    const kit = oldAndYoung();
    const behind = kit.retention({ clock: { nowMs: () => 0, date: () => new Date("2020-01-01") } });
    expect(await behind.run()).toBe(0);
    expect(behind.status.problem).toBe("clock-unset");
    const untrusted = kit.retention({ isClockTrusted: () => false });
    expect(await untrusted.run()).toBe(0);
    expect(kit.verify()).toMatchObject({ events: 20, removedThrough: 0 });
  });

  test("is not held up for years by events from a time when the clock was ahead", async () => {
    const kit = auditKit();
    kit.append(3);
    kit.tamper("UPDATE events SET time = '2099-01-01T00:00:00.000Z' WHERE seq = 2");
    kit.time.jump(100 * dayMs);
    kit.append(1);
    expect(await kit.retention().run()).toBe(3);
    // And what it removed was broken: the checkpoint says so for good.
    expect(kit.verify()).toMatchObject({ ok: false, brokenAt: 2 });
  });

  test("runs a minute after the start and then once a day, also over restarts", async () => {
    const kit = auditKit();
    const runs = () => kit.log.read(0, 100).filter(({ by }) => by === "retention").length;
    const first = kit.retention();
    first.start();
    await kit.time.advance(30_000);
    expect(runs()).toBe(0);
    await kit.time.advance(60_000);
    expect(runs()).toBe(1);
    await kit.time.advance(20 * 60 * 60 * 1000);
    expect(runs()).toBe(1);
    first.stop();
    first.stop();
    const second = kit.retention();
    second.start();
    await kit.time.advance(60 * 60 * 1000);
    expect(runs()).toBe(1);
    await kit.time.advance(5 * 60 * 60 * 1000);
    expect(runs()).toBe(2);
    expect(second.status.removed).toBe(0);
    second.stop();
    expect(kit.time.waiting).toBe(0);
  });

  test("during a verification is no break", async () => {
    const kit = oldAndYoung();
    const walk = new ChainWalk({ store: kit.store, trustedKeys: [kit.key.publicKey], rowsAtOnce: 4 });
    walk.step();
    await kit.retention().run();
    while (walk.step());
    expect(walk.report()).toMatchObject({ ok: true, events: 11 });
  });

  test("scrubs only after something was removed", async () => {
    const kit = oldAndYoung();
    let scrubs = 0;
    const retention = kit.retention({
      scrub: () => {
        scrubs += 1;
      },
    });
    await retention.run();
    await retention.run();
    expect(scrubs).toBe(1);
  });
});

describe("a checkpoint is not believed", () => {
  test.each([
    ["without its signature", "UPDATE event_checkpoints SET signature = zeroblob(64)"],
    ["with another hash", "UPDATE event_checkpoints SET json = replace(json, '\"count\":10', '\"count\":11')"],
    ["that was moved", "UPDATE event_checkpoints SET through_seq = 11; DELETE FROM events WHERE seq = 11"],
    ["that is no JSON", "UPDATE event_checkpoints SET json = 'x'"],
  ])("%s", async (_name, sql) => {
    const kit = oldAndYoung();
    await kit.retention().run();
    kit.tamper(sql);
    expect(kit.verify()).toMatchObject({ ok: false, brokenAt: 1, reason: "checkpoint" });
  });

  test("signed by somebody else", async () => {
    const kit = oldAndYoung();
    const place = { stateDirectory: temporaryStateDirectory(), credentialsDirectory: undefined };
    await kit.retention({ key: openAuditKey(place, silentLogger) }).run();
    expect(kit.verify()).toMatchObject({ ok: false, reason: "checkpoint" });
  });

  test("and taking it away shows the gap", async () => {
    const kit = oldAndYoung();
    await kit.retention().run();
    kit.tamper("DELETE FROM event_checkpoints");
    expect(kit.verify()).toMatchObject({ ok: false, brokenAt: 1, reason: "missing" });
  });
});

test("the audit key is made once, for its owner only, and found again", () => {
  const stateDirectory = temporaryStateDirectory();
  const place = { stateDirectory, credentialsDirectory: undefined };
  const made = openAuditKey(place, silentLogger);
  expect(statSync(join(stateDirectory, "audit.key")).mode & 0o777).toBe(0o600);
  expect(openAuditKey(place, silentLogger).publicKey).toBe(made.publicKey);
});
