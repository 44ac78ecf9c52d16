import { describe, expect, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { genesis, linkHash } from "../../../../src/daemon/events/chain.ts";
import { SqliteEventLog } from "../../../../src/daemon/events/event-log.ts";
import { ChainWalk } from "../../../../src/daemon/events/verify.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { migrations } from "../../../../src/daemon/store/migrations.ts";
import { type AuditKit, auditKit } from "../../../support/audit-kit.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

describe("a log that nobody touched", () => {
  test("verifies, empty and after a thousand events, and its head is the one that was published", () => {
    const kit = auditKit();
    expect(kit.verify()).toEqual({
      ...{ events: 0, ok: true, brokenAt: null, reason: null, removedThrough: 0 },
      head: { seq: 0, hash: genesis },
    });
    kit.append(1000);
    const { seq, hash } = kit.log.status;
    expect(kit.verify({ rowsAtOnce: 7 })).toMatchObject({ events: 1000, ok: true, head: { seq, hash } });
    expect(kit.log.read(1000, 1)[0]?.hash).toBe(hash);
  });

  test("goes on with the chain after a restart and after a transaction that failed", () => {
    const kit = auditKit();
    kit.append(3);
    expect(() =>
      kit.db.transaction(() => {
        kit.log.append("enrolled");
        kit.log.append("enrolled");
        throw new Error("no");
      }),
    ).toThrow("no");
    kit.append(2);
    const again = new SqliteEventLog({ db: kit.db, clock: kit.time, logger: silentLogger });
    expect(again.status).toEqual(kit.log.status);
    expect(again.append("started").seq).toBe(6);
    expect(kit.verify()).toMatchObject({ events: 6, ok: true });
  });

  test("that grows while it is verified still verifies", () => {
    const kit = auditKit();
    kit.append(20);
    const walk = new ChainWalk({ store: kit.store, trustedKeys: [], rowsAtOnce: 5 });
    for (let i = 0; i < 3; i++) {
      walk.step();
      kit.append(1);
    }
    while (walk.step());
    expect(walk.report()).toMatchObject({ ok: true, events: 23, head: { seq: 23 } });
  });
});

describe("the first broken link is found when", () => {
  const hashOf = (seq: number) => `(SELECT hash FROM events WHERE seq = ${seq})`;
  test.each<[string, string, number, string]>([
    ["a field is changed", `UPDATE events SET json = '{"person":"alex"}' WHERE seq = 5`, 5, "altered"],
    ["a field is written in another way", "UPDATE events SET json = json || ' ' WHERE seq = 5", 5, "altered"],
    ["a time is changed", "UPDATE events SET time = '2030-01-01T00:00:00.000Z' WHERE seq = 10", 10, "altered"],
    ["a type is changed", "UPDATE events SET type = 'denied' WHERE seq = 1", 1, "altered"],
    ["a hash is changed", "UPDATE events SET hash = zeroblob(32) WHERE seq = 7", 7, "altered"],
    ["a hash is taken away", "UPDATE events SET hash = NULL WHERE seq = 7", 7, "unchained"],
    ["the hash of another event is put there", `UPDATE events SET hash = ${hashOf(3)} WHERE seq = 7`, 7, "altered"],
    ["one is deleted", "DELETE FROM events WHERE seq = 4", 4, "missing"],
    ["the first ones are deleted", "DELETE FROM events WHERE seq < 4", 1, "missing"],
    ["the last ones are deleted", "DELETE FROM events WHERE seq > 8", 9, "missing"],
    ["all are deleted", "DELETE FROM events", 1, "missing"],
    ["one is slipped in before the first", "INSERT INTO events VALUES (0, 't', 'granted', '{}', NULL)", 0, "unchained"],
    ["one is added at the end", "INSERT INTO events (time, type, json) VALUES ('t', 'granted', '{}')", 11, "unchained"],
    [
      "two change places",
      "UPDATE events SET seq = 99 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 6; UPDATE events SET seq = 6 WHERE seq = 99",
      4,
      "altered",
    ],
    [
      "several are broken",
      "UPDATE events SET json = '{}' WHERE seq IN (9, 3); DELETE FROM events WHERE seq = 6",
      3,
      "altered",
    ],
  ])("%s", (_name, sql, brokenAt, reason) => {
    const kit = auditKit();
    kit.append(10);
    kit.tamper(sql);
    expect(kit.verify()).toMatchObject({ ok: false, brokenAt, reason });
    expect(kit.verify({ rowsAtOnce: 3 })).toMatchObject({ ok: false, brokenAt, reason });
    // What is written from now on does not hide it, and even a stranger's number does not stop the log.
    kit.log.append("opened");
    kit.log.append("closed");
    expect(kit.log.status.waiting).toBe(0);
    expect(kit.verify()).toMatchObject({ ok: false, brokenAt, reason });
  });

  test("any one byte of any field is changed, three hundred times", () => {
    const kit = auditKit();
    kit.append(50);
    kit.tamper("");
    const random = seededRandom(4);
    const text = z.object({ value: z.string() });
    for (let i = 0; i < 300; i++) {
      const seq = 1 + Math.floor(random() * 50);
      const column = ["time", "type", "json"][Math.floor(random() * 3)] ?? "json";
      const value = kit.db.get(text, `SELECT ${column} AS value FROM events WHERE seq = ?`, [seq])?.value ?? "";
      const at = Math.floor(random() * value.length);
      const other = String.fromCharCode(32 + ((value.charCodeAt(at) - 31 + Math.floor(random() * 90)) % 94));
      const altered = `${value.slice(0, at)}${other}${value.slice(at + 1)}`;
      if (altered === value) continue;
      kit.db.run(`UPDATE events SET ${column} = ? WHERE seq = ?`, [altered, seq]);
      expect(kit.verify(), `${column} of ${seq}: ${altered}`).toMatchObject({ ok: false, brokenAt: seq });
      kit.db.run(`UPDATE events SET ${column} = ? WHERE seq = ?`, [value, seq]);
    }
    expect(kit.verify().ok).toBe(true);
  });
});

describe("a head that was published", () => {
  /** Somebody with the file in his hands recomputes everything behind his change: only the published head shows it. */
  function rewriteFrom(kit: AuditKit, seq: number, json: string): void {
    kit.tamper("");
    let previous = kit.store.after(seq - 2, 1)[0]?.hash ?? genesis;
    for (const row of kit.store.after(seq - 1, 1000)) {
      const changed = row.seq === seq ? { ...row, json } : row;
      previous = linkHash(previous, changed);
      kit.db.run("UPDATE events SET json = ?, hash = ? WHERE seq = ?", [
        changed.json,
        Buffer.from(previous, "hex"),
        row.seq,
      ]);
    }
  }

  test("unmasks a history that was rewritten as a whole", () => {
    const kit = auditKit();
    kit.append(10);
    const { seq, hash } = kit.log.status;
    expect(kit.verify({ expected: { seq, hash } }).ok).toBe(true);
    rewriteFrom(kit, 4, "{}");
    expect(kit.verify().ok).toBe(true);
    expect(kit.verify({ expected: { seq, hash } })).toMatchObject({ ok: false, brokenAt: 10, reason: "head" });
  });

  test("unmasks an end that was cut off together with the database's own count", () => {
    const kit = auditKit();
    kit.append(10);
    const { seq, hash } = kit.log.status;
    kit.tamper("DELETE FROM events WHERE seq > 8; UPDATE sqlite_sequence SET seq = 8 WHERE name = 'events'");
    expect(kit.verify().ok).toBe(true);
    expect(kit.verify({ expected: { seq, hash } })).toMatchObject({ ok: false, brokenAt: 9, reason: "head" });
  });

  test("of any event in between is found too", () => {
    const kit = auditKit();
    kit.append(10);
    const hash = kit.log.read(3, 1)[0]?.hash ?? "";
    kit.append(10);
    expect(kit.verify({ expected: { seq: 3, hash } }).ok).toBe(true);
    expect(kit.verify({ expected: { seq: 4, hash } })).toMatchObject({ ok: false, brokenAt: 4, reason: "head" });
  });
});

describe("the database itself", () => {
  test.each([
    ["changes no event", "UPDATE events SET json = '{}' WHERE seq = 2"],
    ["deletes no event", "DELETE FROM events WHERE seq = 1"],
    ["deletes not even all of them", "DELETE FROM events"],
  ])("%s", (_name, sql) => {
    const kit = auditKit();
    kit.append(3);
    expect(() => kit.db.exec(sql)).toThrow();
    expect(kit.verify()).toMatchObject({ ok: true, events: 3 });
  });
});

test("events from before there was a chain get their links once, and a later one without is broken", () => {
  const directory = temporaryStateDirectory();
  const before = openDatabase({ stateDirectory: directory, logger: silentLogger, migrations: migrations.slice(0, 1) });
  before.transaction(() => {
    for (let i = 0; i < 2500; i++) {
      before.run("INSERT INTO events (time, type, json) VALUES ('2026-01-01T00:00:00.000Z', 'granted', '{\"a\":1}')");
    }
  });
  before.close();
  const kit = auditKit(directory);
  kit.append(1);
  expect(kit.verify()).toMatchObject({ ok: true, events: 2501 });
  expect(kit.store.note("events-chain")).toContain('"adoptedThrough":2500');
  kit.tamper("UPDATE events SET hash = NULL WHERE seq >= 2500");
  const again = new SqliteEventLog({ db: kit.db, clock: kit.time, logger: silentLogger });
  again.append("started");
  expect(kit.verify()).toMatchObject({ ok: false, brokenAt: 2500, reason: "unchained" });
});
