import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { LiveEvents } from "../../../../src/daemon/mqtt/live-events.ts";
import type { MqttSession } from "../../../../src/daemon/mqtt/session.ts";
import { MemoryEventLog } from "../../../support/memory-house.ts";

class Listening implements MqttSession {
  readonly protocolVersion = 5;
  readonly receiveMaximum = 1000;
  readonly said: Record<string, unknown>[] = [];
  isAnswering = true;

  async publish(_topic: string, payload: string | Uint8Array): Promise<void> {
    this.said.push(JSON.parse(String(payload)));
    if (!this.isAnswering) await new Promise(() => {});
  }
  async subscribe(): Promise<void> {}
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function open() {
  const events = new MemoryEventLog();
  const live = new LiveEvents({ topic: "live", events, logger: silentLogger });
  live.start();
  return { events, live, session: new Listening() };
}

test("an event is said when it happens, with its type as Home Assistant reads it", async () => {
  const { events, live, session } = open();
  live.connected(session);
  events.append("granted", { person: "dana" });
  expect(session.said).toEqual([]);
  await settle();
  expect(session.said).toMatchObject([{ seq: 1, type: "granted", event_type: "granted", person: "dana" }]);
});

test("what happened without a connection is not said afterwards: it would set off what reacts to the moment", async () => {
  const { events, live, session } = open();
  events.append("granted");
  await settle();
  live.connected(session);
  await settle();
  live.lost();
  events.append("forced");
  await settle();
  live.connected(session);
  await settle();
  expect(session.said).toEqual([]);
});

test("a broker that acknowledges nothing gets a bounded number, and memory is not filled", async () => {
  const { events, live, session } = open();
  session.isAnswering = false;
  live.connected(session);
  for (let i = 0; i < 500; i++) events.append("unknown");
  await settle();
  expect(session.said).toHaveLength(100);
});

test("a stopped one says nothing", async () => {
  const { events, live, session } = open();
  live.connected(session);
  live.stop();
  live.stop();
  events.append("granted");
  await settle();
  expect(session.said).toEqual([]);
});
