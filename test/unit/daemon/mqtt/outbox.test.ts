import { beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { Outbox, type OutboxCursor } from "../../../../src/daemon/mqtt/outbox.ts";
import type { MqttSession } from "../../../../src/daemon/mqtt/session.ts";
import { MemoryEventLog } from "../../../support/memory-house.ts";

/** A connection whose acknowledgements come when the test says so. */
class ScriptedSession implements MqttSession {
  readonly protocolVersion = 5;
  readonly receiveMaximum: number;
  readonly sent: { seq: number; resolve(): void; reject(error: Error): void }[] = [];

  constructor(receiveMaximum = 1000) {
    this.receiveMaximum = receiveMaximum;
  }

  publish(_topic: string, payload: string | Uint8Array): Promise<void> {
    const { seq } = JSON.parse(String(payload)) as { seq: number };
    return new Promise((resolve, reject) => this.sent.push({ seq, resolve, reject }));
  }

  async subscribe(): Promise<void> {}

  get seqs(): number[] {
    return this.sent.map((message) => message.seq);
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
  set(seq: number): void {
    this.value = seq;
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
  const made = new Outbox({ topic: "e", events: log, cursor, window, logger: silentLogger, refusedPauseMs: 0 });
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

test("the broker's receive maximum is kept when it is smaller", async () => {
  append(10);
  const session = new ScriptedSession(2);
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
  expect(cursor.value).toBe(0);
  session.acknowledge(1);
  await settle();
  expect(cursor.value).toBe(3);
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
