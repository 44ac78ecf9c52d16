import { describe, expect, onTestFinished, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/core/logger.ts";
import type { EventRecord } from "../../../../src/daemon/api.ts";
import { maxEventsPerRead, SqliteEventLog } from "../../../../src/daemon/events/event-log.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { packVector } from "../../../../src/vision/protocol.ts";
import { personVector } from "../../../support/face-vectors.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

function openLog(directory: string, logger: Logger = silentLogger) {
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
  const clock = new ManualClock();
  return { db, clock, log: new SqliteEventLog({ db, clock, logger }) };
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
    first.db.exec("DELETE FROM events");
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
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (_fields, message) => errors.push(message), child: () => logger };
    const { log } = openLog(temporaryStateDirectory(), logger);
    const heard: number[] = [];
    log.subscribe(() => {
      throw new Error("broken listener");
    });
    log.subscribe(({ seq }) => heard.push(seq));
    expect(log.append("opened").seq).toBe(1);
    expect(heard).toEqual([1]);
    expect(errors).toHaveLength(1);
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

test("a full disk is one clear error; the log works again when there is room", () => {
  const { log, db } = openLog(temporaryStateDirectory());
  log.append("started");
  db.exec("PRAGMA max_page_count = 1");
  const heard: number[] = [];
  log.subscribe(({ seq }) => heard.push(seq));
  const fill = () => {
    for (let i = 0; i < 200; i++) log.append("granted", { padding: "x".repeat(400) });
  };
  expect(fill).toThrow(expect.objectContaining({ code: "LINTEL_E_STORAGE", retryable: true }));
  const before = log.read(0, 1000).length;
  expect(heard).toHaveLength(before - 1);
  db.exec("PRAGMA max_page_count = 100000");
  expect(log.append("started").seq).toBeGreaterThan(before);
});
