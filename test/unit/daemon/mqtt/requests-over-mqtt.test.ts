import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { RequestsOverMqtt } from "../../../../src/daemon/mqtt/requests-over-mqtt.ts";
import type { MqttMessage, MqttSession, PublishOptions } from "../../../../src/daemon/mqtt/session.ts";
import { topicsOf } from "../../../../src/daemon/mqtt/topics.ts";
import { Dispatcher } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { type MemoryHouse, memoryHouse, smallJpeg } from "../../../support/memory-house.ts";

interface Sent {
  readonly topic: string;
  readonly text: string;
  readonly options: PublishOptions;
}

class RecordingSession implements MqttSession {
  readonly protocolVersion: 4 | 5;
  readonly receiveMaximum = 100;
  readonly sent: Sent[] = [];
  readonly subscribed: string[] = [];

  constructor(protocolVersion: 4 | 5 = 5) {
    this.protocolVersion = protocolVersion;
  }
  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    this.sent.push({ topic, text: String(payload), options });
  }
  async subscribe(filter: string): Promise<void> {
    this.subscribed.push(filter);
  }
}

const unlockTopic = "lintel/demo/request/door/unlock";
let house: MemoryHouse;
let clock: ManualClock;

beforeEach(() => {
  house = memoryHouse();
  clock = new ManualClock();
});

async function make(options: { session?: RecordingSession; isTrusted?: boolean } = {}) {
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  const dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
  const requests = new RequestsOverMqtt({
    ...{ topics: topicsOf("demo"), dispatcher, refusals, clock, logger: silentLogger },
    isTrusted: options.isTrusted ?? true,
  });
  const session = options.session ?? new RecordingSession();
  await requests.connected(session);
  const receive = async (topic: string, payload: string | Uint8Array, more: Partial<MqttMessage> = {}) => {
    const none = { isRetained: false, isDuplicate: false, responseTopic: undefined };
    const message = {
      ...none,
      correlationData: undefined,
      expiresInMs: undefined,
      topic,
      payload: Buffer.from(payload),
    };
    requests.message({ ...message, ...more }, session);
    await requests.idle();
  };
  const answers = () => session.sent.filter(({ topic }) => topic.includes("response"));
  return { requests, session, receive, answers };
}

describe("the same message a second time", () => {
  test("is answered and does not open again when the broker marks it as repeated", async () => {
    const { receive, answers } = await make();
    await receive(unlockTopic, "{}");
    await receive(unlockTopic, "{}", { isDuplicate: true });
    expect(house.door.unlocks).toHaveLength(1);
    expect(answers().map(({ text }) => text)).toEqual(Array(2).fill('{"data":{"openSeconds":5},"status":"ok"}'));
  });

  test("opens nothing when the first one never reached us", async () => {
    const { receive, answers } = await make();
    await receive(unlockTopic, "{}", { isDuplicate: true });
    await receive("lintel/demo/request/door/command", '{"action":"unlock"}', { isDuplicate: true });
    expect(house.door.unlocks).toEqual([]);
    expect(answers().every(({ text }) => text.includes("repeated delivery"))).toBe(true);
    expect(house.events.ofType("request-refused")).toHaveLength(2);
  });

  test("with the same correlation data is the same message, with another it is not", async () => {
    const { receive } = await make();
    for (const mark of [1, 1, 2]) await receive(unlockTopic, "{}", { correlationData: Buffer.from([mark]) });
    expect(house.door.unlocks).toHaveLength(2);
  });

  test("is a new order after two minutes", async () => {
    const { receive } = await make();
    await receive(unlockTopic, '{"transaction":1}');
    clock.advance(119_999);
    await receive(unlockTopic, '{"transaction":1}');
    expect(house.door.unlocks).toHaveLength(1);
    clock.advance(1);
    await receive(unlockTopic, '{"transaction":1}');
    expect(house.door.unlocks).toHaveLength(2);
  });

  test("does not enrol a second template", async () => {
    const { receive } = await make();
    await receive("lintel/demo/request/people/photo/dana", smallJpeg);
    await receive("lintel/demo/request/people/photo/dana", smallJpeg, { isDuplicate: true });
    expect(house.people.get("dana")?.templates).toBe(1);
  });
});

describe("a retained request", () => {
  test.each([4, 5] as const)("is cleared and what comes back of that opens nothing (MQTT %s)", async (version) => {
    const { receive, session } = await make({ session: new RecordingSession(version) });
    await receive(unlockTopic, "{}", { isRetained: true });
    const lockTopic = "lintel/demo/request/door/lock";
    await receive(lockTopic, "{}", { isRetained: true });
    for (const topic of [unlockTopic, lockTopic]) {
      expect(session.sent).toContainEqual({ topic, text: "", options: { isRetained: true } });
      if (version === 4) await receive(topic, "");
    }
    expect([house.door.unlocks, house.door.locks]).toEqual([[], []]);
    await receive(lockTopic, "");
    expect(house.door.locks).toHaveLength(1);
  });

  test("with an unknown name is cleared too", async () => {
    const { receive, session } = await make();
    await receive("lintel/demo/request/no/such", "{}", { isRetained: true });
    expect(session.sent[0]).toMatchObject({ topic: "lintel/demo/request/no/such", text: "" });
  });
});

test("an empty message, by which anybody clears a retained one, changes nothing, but reads and locks", async () => {
  const { receive, answers } = await make({ session: new RecordingSession(4) });
  for (const name of ["door/unlock", "restart", "people/photo/dana", "no/such"]) {
    await receive(`lintel/demo/request/${name}`, "");
  }
  expect(answers()).toEqual([]);
  expect([house.door.unlocks, house.restarts()]).toEqual([[], 0]);
  await receive("lintel/demo/request/health", "");
  await receive("lintel/demo/request/door/lock", "");
  expect(answers()).toHaveLength(2);
  expect(house.door.locks).toHaveLength(1);
});

test("a request whose time ran out while it was on its way is refused", async () => {
  const { receive } = await make();
  await receive(unlockTopic, "{}", { expiresInMs: 0 });
  expect(house.door.unlocks).toEqual([]);
  await receive(unlockTopic, "{}", { expiresInMs: 1000 });
  expect(house.door.unlocks).toHaveLength(1);
});

test("over a connection that anybody can forge, the door stays shut and people stay unknown", async () => {
  const { receive, answers } = await make({ isTrusted: false });
  for (const name of [
    "door/unlock",
    "door/lock",
    "door/command",
    "door/mode",
    "people/list",
    "people/photo/dana",
    "restart",
  ]) {
    await receive(`lintel/demo/request/${name}`, '{"action":"unlock"}');
  }
  expect(answers().every(({ text }) => text.includes("not served over this connection"))).toBe(true);
  expect(answers()).toHaveLength(7);
  await receive("lintel/demo/request/health", "{}");
  expect(answers().at(-1)?.text).toContain('"ok":true');
  expect([house.door.unlocks, house.door.locks, house.restarts()]).toEqual([[], [], 0]);
});

test("an answer goes where the requester wants it, with its mark, and carries no internal code", async () => {
  const { receive, session } = await make();
  const correlationData = Buffer.from("m");
  await receive("lintel/demo/request/people/show", '{"id":"nobody"}', { responseTopic: "my/answers", correlationData });
  expect(session.sent).toEqual([
    {
      topic: "my/answers",
      text: '{"data":{},"status":"error","error":"nobody has the id nobody"}',
      options: { correlationData },
    },
  ]);
});

test("a connection lost before the answer is nobody's failure", async () => {
  const { receive, requests, answers } = await make();
  requests.lost();
  await receive("lintel/demo/request/health", "{}");
  expect(answers()).toEqual([]);
});
