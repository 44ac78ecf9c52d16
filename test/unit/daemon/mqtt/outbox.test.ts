import { beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { Outbox, type OutboxCursor } from "../../../../src/daemon/mqtt/outbox.ts";
import type { MqttSession } from "../../../../src/daemon/mqtt/session.ts";
import { listeningLogger, MemoryEventLog } from "../../../support/memory-house.ts";

/** A connection whose acknowledgements come when the test says so. */
class ScriptedSession implements MqttSession {
  readonly protocolVersion = 5;
  readonly receiveMaximum: number;
  readonly sent: { seq: number; gapBefore?: object; resolve(): void; reject(error: Error): void }[] = [];

  constructor(receiveMaximum = 1000) {
    this.receiveMaximum = receiveMaximum;
  }

  publish(_topic: string, payload: string | Uint8Array): Promise<void> {
    const said = JSON.parse(String(payload)) as { seq: number; gapBefore?: object };
    return new Promise((resolve, reject) => this.sent.push({ ...said, resolve, reject }));
  }

  async subscribe(): Promise<void> {}

  get seqs(): number[] {
    return this.sent.map((message) => message.seq);
  }

  get gaps(): (object | undefined)[] {
    return this.sent.map((message) => message.gapBefore);
  }

  acknowledge(...seqs: number[]): void {
    for (const message of this.sent) if (seqs.includes(message.seq)) message.resolve();
  }
}

class Cursor implements OutboxCursor {
  value = 0;
  get(): number {
    return this.value;
  }
  advance(seq: number): void {
    this.value = seq;
  }
  restart(): void {
    this.value = 0;
  }
}

let events: MemoryEventLog;
let cursor: Cursor;
let outbox: Outbox;

beforeEach(() => {
  events = new MemoryEventLog();
  cursor = new Cursor();
  outbox = make(4);
});

function make(window: number, log: Pick<MemoryEventLog, "read" | "subscribe"> = events): Outbox {
  const made = new Outbox({
    topic: "e",
    events: log,
    cursor,
    window,
    logger: silentLogger,
    pauseMs: 0,
    mostPerSlot: 10_000,
  });
  made.start();
  return made;
}

const append = (count: number) => {
  for (let i = 0; i < count; i++) events.append("unknown");
};

/** Lets promises and immediates run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("at most a window of events is on its way", async () => {
  append(10);
  const session = new ScriptedSession();
  outbox.connected(session);
  await settle();
  expect(session.seqs).toEqual([1, 2, 3, 4]);
  session.acknowledge(1, 2);
  await settle();
  expect(session.seqs).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a long queue goes out no faster than a consumer can be expected to follow", async () => {
  append(300);
  const session = new ScriptedSession();
  const made = new Outbox({ topic: "e", events, cursor, window: 1000, logger: silentLogger, mostPerSlot: 20 });
  made.start();
  made.connected(session);
  await settle();
  expect(session.seqs).toHaveLength(20);
  session.acknowledge(...session.seqs);
  await settle();
  expect(session.seqs).toHaveLength(20);
  await vi.waitFor(() => expect(session.seqs).toHaveLength(40), { timeout: 1000, interval: 5 });
  made.stop();
});

test("half of the broker's receive maximum is left to answers and states", async () => {
  append(10);
  const session = new ScriptedSession(4);
  outbox.connected(session);
  await settle();
  expect(session.seqs).toEqual([1, 2]);
});

test("the cursor advances only over what is acknowledged without a gap", async () => {
  append(4);
  const session = new ScriptedSession();
  outbox.connected(session);
  await settle();
  session.acknowledge(2, 3);
  await settle();
  expect(outbox.status.deliveredSeq).toBe(0);
  session.acknowledge(1);
  await settle();
  expect(outbox.status.deliveredSeq).toBe(3);
  outbox.lost();
  expect(cursor.value).toBe(3);
});

test("the cursor is written when nothing is on its way, and every 256 events while something is", async () => {
  append(600);
  const written: number[] = [];
  const advance = cursor.advance.bind(cursor);
  cursor.advance = (seq) => {
    written.push(seq);
    advance(seq);
  };
  const session = new ScriptedSession();
  outbox.connected(session);
  for (let seq = 1; seq <= 600; seq++) {
    await settle();
    session.acknowledge(seq);
  }
  await settle();
  expect(written).toEqual([256, 512, 600]);
});

test("events one after the other make no write each: the cursor rests for a second, and is written at once on a loss", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const session = new ScriptedSession();
    outbox.connected(session);
    const deliver = async (seq: number) => {
      append(1);
      await settle();
      session.acknowledge(seq);
      await settle();
    };
    for (const seq of [1, 2, 3]) await deliver(seq);
    expect([cursor.value, outbox.status.deliveredSeq]).toEqual([1, 3]);
    vi.advanceTimersByTime(1000);
    expect(cursor.value).toBe(3);
    await deliver(4);
    expect(cursor.value).toBe(3);
    outbox.lost();
    expect(cursor.value).toBe(4);
    outbox.stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("after a loss, what was not acknowledged is sent again first", async () => {
  append(6);
  const first = new ScriptedSession();
  outbox.connected(first);
  await settle();
  first.acknowledge(1, 3);
  await settle();
  outbox.lost();
  const second = new ScriptedSession();
  outbox.connected(second);
  await settle();
  expect(second.seqs).toEqual([2, 3, 4, 5]);
});

test("an acknowledgement of a lost connection does not advance the cursor", async () => {
  append(2);
  const first = new ScriptedSession();
  outbox.connected(first);
  await settle();
  outbox.lost();
  outbox.connected(new ScriptedSession());
  first.acknowledge(1, 2);
  await settle();
  expect(cursor.value).toBe(0);
});

test("an acknowledgement is not forgotten when the connection is lost in the same turn", async () => {
  append(1);
  const session = new ScriptedSession();
  outbox.connected(session);
  await settle();
  session.acknowledge(1);
  await Promise.resolve();
  await Promise.resolve();
  outbox.lost();
  expect(cursor.value).toBe(1);
});

test("live events follow those that waited, and appending never publishes in the same turn", async () => {
  const session = new ScriptedSession();
  outbox.connected(session);
  await settle();
  append(1);
  expect(session.seqs).toEqual([]);
  await settle();
  expect(session.seqs).toEqual([1]);
  session.acknowledge(1);
  append(2);
  await settle();
  expect(session.seqs).toEqual([1, 2, 3]);
});

test("numbers missing from the log (past retention) do not stop it", async () => {
  append(5);
  events.records.splice(0, 2);
  const log = {
    read: (from: number, limit: number) => events.records.filter((event) => event.seq >= from).slice(0, limit),
    subscribe: () => () => {},
  };
  const session = new ScriptedSession();
  make(10, log).connected(session);
  await settle();
  session.acknowledge(3, 4, 5);
  await settle();
  expect([session.seqs, cursor.value]).toEqual([[3, 4, 5], 5]);
});

test("what retention removed before the broker was told is said with the next event and in the status, once", async () => {
  append(9);
  cursor.value = 2;
  const keep = (...seqs: number[]) => events.records.filter(({ seq }) => seqs.includes(seq));
  let left = keep(6, 7, 8, 9);
  const log = {
    read: (from: number, limit: number) => left.filter((event) => event.seq >= from).slice(0, limit),
    subscribe: () => () => {},
  };
  const made = make(2, log);
  const session = new ScriptedSession();
  made.connected(session);
  await settle();
  expect(session.gaps).toEqual([{ from: 3, through: 5 }, undefined]);
  made.lost();
  left = keep(8, 9);
  const second = new ScriptedSession();
  made.connected(second);
  await settle();
  expect([second.seqs, second.gaps]).toEqual([
    [8, 9],
    [{ from: 3, through: 7 }, undefined],
  ]);
  expect(made.status.missed).toEqual({ from: 3, through: 7, events: 5 });
});

test("a log that cannot be read ends nothing: it is said once and tried again from the same event", async () => {
  append(3);
  let failures = 2;
  const log = {
    read: (from: number, limit: number) => {
      if (failures-- > 0) throw new Error("event 1 makes no sense");
      return events.read(from, limit);
    },
    subscribe: () => () => {},
  };
  const { logger, lines } = listeningLogger();
  const made = new Outbox({ topic: "e", events: log, cursor, window: 4, logger, pauseMs: 0 });
  made.start();
  const session = new ScriptedSession();
  made.connected(session);
  await settle();
  expect(made.status.problem).toMatch(/makes no sense/);
  await vi.waitFor(() => expect(session.seqs).toEqual([1, 2, 3]));
  session.acknowledge(1);
  await settle();
  expect(made.status.problem).toBeNull();
  expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("an event that the broker refuses is tried again from there, in order", async () => {
  append(4);
  const session = new ScriptedSession();
  outbox.connected(session);
  await settle();
  session.acknowledge(1, 3);
  session.sent[1]?.reject(new Error("not authorized"));
  await settle();
  expect(cursor.value).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await settle();
  expect(session.seqs).toEqual([1, 2, 3, 4, 2, 3, 4]);
});

test("a cursor beyond the log (a database put back from a copy) starts again instead of staying silent", async () => {
  cursor.value = 500;
  append(1);
  const session = new ScriptedSession();
  outbox.connected(session);
  append(1);
  await settle();
  expect(session.seqs).toEqual([1, 2]);
});

test("a stopped outbox sends nothing more", async () => {
  const session = new ScriptedSession();
  outbox.connected(session);
  outbox.stop();
  outbox.stop();
  append(3);
  await settle();
  expect(session.seqs).toEqual([]);
});
