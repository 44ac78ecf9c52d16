import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { EventRecord } from "../../../../src/daemon/api.ts";
import { type EventLogOptions, maxEventsPerRead, SqliteEventLog } from "../../../../src/daemon/events/event-log.ts";
import { EventStore } from "../../../../src/daemon/events/event-store.ts";
import { verifyChain } from "../../../../src/daemon/events/verify.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { packVector } from "../../../../src/vision/protocol.ts";
import { personVector } from "../../../support/face-vectors.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { listeningLogger } from "../../../support/memory-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

function openLog(directory: string, { limits }: Pick<EventLogOptions, "limits"> = {}) {
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
  const clock = new ManualClock();
  const { logger, lines } = listeningLogger();
  const log = new SqliteEventLog({ db, clock, logger, timers: clock, limits });
  return { db, clock, log, lines: () => lines.map(({ message }) => message) };
}

const seqs = (events: readonly EventRecord[]) => events.map(({ seq }) => seq);

describe("append and read", () => {
  test("an event comes back as it was written, with its number and time", () => {
    const { log, clock } = openLog(temporaryStateDirectory());
    const written = log.append("granted", { person: "dana", distance: 0.31, nested: { a: [1, 2] }, none: null });
    expect(written).toEqual({
      seq: 1,
      time: clock.date().toISOString(),
      type: "granted",
      person: "dana",
      distance: 0.31,
      nested: { a: [1, 2] },
      none: null,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(log.read(1, 10)).toEqual([written]);
  });

  test("fields cannot pass themselves off as number, time or type", () => {
    const { log } = openLog(temporaryStateDirectory());
    const event = log.append("denied", { seq: 999, time: "1970", type: "granted" });
    expect(event).toMatchObject({ seq: 1, type: "denied" });
    expect(event.time).not.toBe("1970");
    expect(log.read(0, 1)).toEqual([event]);
  });

  test("events survive a reopening and their numbers are never given out again", () => {
    const directory = temporaryStateDirectory();
    const first = openLog(directory);
    for (let i = 0; i < 3; i++) first.log.append("started");
    first.db.exec("DROP TRIGGER events_stay; DELETE FROM events");
    first.db.close();
    const { log } = openLog(directory);
    expect(log.read(0, 10)).toEqual([]);
    expect(log.append("started").seq).toBe(4);
  });

  test.each([
    ["from the middle", 3, 2, [3, 4]],
    ["from before the first", -5, 2, [1, 2]],
    ["from beyond the last", 99, 10, []],
    ["none at all", 1, 0, []],
    ["a negative number", 1, -1, []],
    ["no number", Number.NaN, Number.NaN, []],
    ["fractions", 2.9, 1.9, [2]],
    ["without end", 4, Number.POSITIVE_INFINITY, [4, 5]],
  ])("reading %s", (_name, from, limit, expected) => {
    const { log } = openLog(temporaryStateDirectory());
    for (let i = 0; i < 5; i++) log.append("unknown");
    expect(seqs(log.read(from, limit))).toEqual(expected);
  });

  test("one read is bounded whatever was asked for", () => {
    const { log, db } = openLog(temporaryStateDirectory());
    db.transaction(() => {
      for (let i = 0; i < maxEventsPerRead + 5; i++) log.append("unknown");
    });
    expect(log.read(0, 1e9)).toHaveLength(maxEventsPerRead);
  });

  test.each([
    ["a Float32Array", { vector: personVector(1) }],
    ["a buffer", { picture: Buffer.alloc(64) }],
    ["a list of numbers, deep inside", { a: { b: Array.from(personVector(1)) } }],
  ])("%s is refused and nothing is written", (_name, fields) => {
    const { log } = openLog(temporaryStateDirectory());
    expect(() => log.append("enrolled", fields)).toThrow(TypeError);
    expect(log.read(0, 10)).toEqual([]);
  });

  test("a vector as text is cut, as is anything long from outside", () => {
    const { log } = openLog(temporaryStateDirectory());
    const event = log.append("request-refused", { name: packVector(personVector(1)) });
    expect(String(event.name).length).toBeLessThan(510);
  });
});

describe("listeners", () => {
  test("hear each event after it is written, until they leave", () => {
    const { log } = openLog(temporaryStateDirectory());
    const heard: number[] = [];
    log.append("started");
    const leave = log.subscribe(({ seq }) => {
      expect(seqs(log.read(seq, 1))).toEqual([seq]);
      heard.push(seq);
    });
    log.append("opened");
    log.append("closed");
    leave();
    leave();
    log.append("opened");
    expect(heard).toEqual([2, 3]);
  });

  test("that throw hurt neither the writer nor the others, and are logged once", () => {
    const { log, lines } = openLog(temporaryStateDirectory());
    const heard: number[] = [];
    log.subscribe(() => {
      throw new Error("broken listener");
    });
    log.subscribe(({ seq }) => heard.push(seq));
    expect(log.append("opened").seq).toBe(1);
    expect(heard).toEqual([1]);
    expect(lines()).toEqual(["event listener failed"]);
  });

  test("hear events in order also when one of them writes another", () => {
    const { log } = openLog(temporaryStateDirectory());
    const heard: number[] = [];
    log.subscribe(({ type }) => {
      if (type === "opened") log.append("closed");
    });
    log.subscribe(({ seq }) => heard.push(seq));
    log.append("opened");
    expect(heard).toEqual([1, 2]);
  });

  test("hear nothing of a transaction that failed", () => {
    const { log, db } = openLog(temporaryStateDirectory());
    const heard: number[] = [];
    log.subscribe(({ seq }) => heard.push(seq));
    expect(() =>
      db.transaction(() => {
        log.append("enrolled");
        expect(heard).toEqual([]);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(heard).toEqual([]);
    expect(log.read(0, 10)).toEqual([]);
  });
});

describe("a disk that refuses", () => {
  const full = (db: { exec(sql: string): void }) => db.exec("PRAGMA max_page_count = 1");
  const room = (db: { exec(sql: string): void }) => db.exec("PRAGMA max_page_count = 100000");
  /** Appends until the first one has to wait. */
  const fill = (log: SqliteEventLog) => {
    for (let i = 0; i < 500; i++) if (log.append("granted", { n: i, padding: "x".repeat(400) }).seq === 0) return i;
    throw new Error("the disk took everything");
  };

  test("keeps nobody from the door: events wait in order and are written when there is room, chained", () => {
    const { log, db, lines } = openLog(temporaryStateDirectory());
    log.append("started");
    full(db);
    const waits = fill(log);
    for (let i = 1; i <= 5; i++) log.append("denied", { n: waits + i, padding: "x".repeat(400) });
    expect(log.status).toMatchObject({ waiting: 6, lost: 0, seq: waits + 1 });
    const heard: number[] = [];
    log.subscribe(({ seq }) => heard.push(seq));
    room(db);
    expect(log.append("closed").seq).toBe(waits + 8);
    const written = log.read(2, 1000);
    expect(written.map(({ n }) => n)).toEqual([...Array.from({ length: waits + 6 }, (_, i) => i), undefined]);
    expect(heard).toEqual(Array.from({ length: 7 }, (_, i) => waits + 2 + i));
    expect(log.status).toMatchObject({ waiting: 0, lost: 0 });
    expect(verifyChain({ store: new EventStore(db), trustedKeys: [] })).toMatchObject({ ok: true, events: waits + 8 });
    expect(lines()).toEqual(["event log cannot be written, events wait in memory", "event log is written again"]);
  });

  test("is asked again by a timer, without another event", () => {
    const { log, db, clock } = openLog(temporaryStateDirectory());
    log.append("started");
    full(db);
    const waits = fill(log);
    clock.advance(10_000);
    expect(log.status.waiting).toBe(1);
    room(db);
    clock.advance(10_000);
    expect(log.status).toMatchObject({ waiting: 0, seq: waits + 2 });
  });

  test("more waiting events than one turn writes come in several turns, in order", () => {
    const { log, db, clock } = openLog(temporaryStateDirectory());
    log.append("started");
    full(db);
    const waits = fill(log);
    for (let i = 1; i < 600; i++) log.append("denied", { n: waits + i });
    room(db);
    clock.advance(1);
    log.append("closed");
    clock.advance(5000);
    expect(log.status.waiting).toBe(0);
    const order = [...log.read(1, 1000), ...log.read(1001, 1000)].map(({ n }) => n).filter((n) => n !== undefined);
    expect(order).toEqual(Array.from({ length: waits + 600 }, (_, i) => i));
  });

  test("for too long: what does not fit in memory is counted, and the log itself says so", () => {
    const { log, db } = openLog(temporaryStateDirectory(), { limits: { events: 3, bytes: 1e6 } });
    log.append("started");
    full(db);
    fill(log);
    for (let i = 0; i < 6; i++) log.append("denied");
    expect(log.status).toMatchObject({ waiting: 3, lost: 4 });
    room(db);
    expect(log.append("closed").lostBefore).toBe(4);
    expect(log.append("closed").lostBefore).toBeUndefined();
  });

  test("makes a transaction fail as a whole, and what waited before it still waits", () => {
    const { log, db } = openLog(temporaryStateDirectory());
    log.append("started");
    full(db);
    fill(log);
    const change = () =>
      db.transaction(() => {
        db.run("INSERT INTO meta (name, value) VALUES ('a', 'b')");
        log.append("enrolled", { padding: "x".repeat(400) });
      });
    expect(change).toThrow(expect.objectContaining({ code: "LINTEL_E_STORAGE", retryable: true }));
    expect(log.status.waiting).toBe(1);
    room(db);
    change();
    expect(log.status.waiting).toBe(0);
    expect(verifyChain({ store: new EventStore(db), trustedKeys: [] }).ok).toBe(true);
  });

  test("until the end: what could not be written is said", () => {
    const { log, db, lines } = openLog(temporaryStateDirectory());
    log.append("started");
    full(db);
    fill(log);
    log.stop();
    log.stop();
    expect(lines()).toContain("events lost: the disk refused them");
    expect(lines()).toHaveLength(3);
  });
});
