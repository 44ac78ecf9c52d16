import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { EmbeddedBroker } from "../../../src/daemon/mqtt/embedded-broker.ts";
import { smallJpeg } from "../../support/memory-house.ts";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { Onlooker, until } from "../../support/mqtt-kit.ts";

/** The daemon's MQTT on its embedded broker, spoken to by a real client over TCP. */

let rig: ReturnType<typeof mqttHouse>;
let client: Onlooker;

beforeEach(async () => {
  rig = mqttHouse({ config: { port: 0 } });
  await rig.service.start();
  client = await Onlooker.connect(rig.service.url ?? "");
  await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
});

afterEach(async () => {
  await client.end();
  await rig.service.stop();
});

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

test("a newcomer finds availability, state, info and health retained, and no event", async () => {
  rig.house.events.append("started");
  await client.waitFor(`${base}/event`);
  const late = await Onlooker.connect(rig.service.url ?? "");
  for (const name of ["availability", "state", "info", "health"]) {
    expect((await late.waitFor(`${base}/${name}`)).packet.retain).toBe(true);
  }
  expect(json((await late.waitFor(`${base}/state`)).text)).toEqual({
    ...{ lock: "locked", contact: "closed", mode: "normal", alarms: [], alarmDetails: [], people: 0 },
    since: expect.any(String),
  });
  expect(late.on(`${base}/event`)).toEqual([]);
  await late.end();
});

test("a request opens the door, is answered, and the state follows", async () => {
  expect(await client.ask(base, "door/unlock", { seconds: 7 })).toMatchObject({
    status: "ok",
    data: { openSeconds: 7 },
  });
  expect(rig.house.door.unlocks).toEqual([7]);
  await client.waitFor(`${base}/state`, (text) => json(text).lock === "unlocked");
  await client.ask(base, "door/lock");
  await until("locked again", () => client.on(`${base}/state`).at(-1)?.text.includes('"locked"') === true);
});

test("a picture as payload enrols, and the number of people follows", async () => {
  await client.client.publishAsync(`${base}/request/people/photo/dana`, smallJpeg, { qos: 1 });
  const answer = await client.waitFor(`${base}/response/people/photo/dana`);
  expect(json(answer.text)).toEqual({ status: "ok", data: { id: "dana", templates: 1, refused: [] } });
  expect(answer.packet.retain).toBe(false);
  await client.waitFor(`${base}/state`, (text) => json(text).people === 1);
  await client.waitFor(`${base}/event`, (text) => json(text).type === "enrolled");
});

describe("a retained request", () => {
  test.each(["door/unlock", "door/command"])("for %s is refused at once, logged, and not kept", async (name) => {
    const payload = name === "door/unlock" ? "{}" : '{"action":"unlock"}';
    await client.client.publishAsync(`${base}/request/${name}`, payload, { qos: 1, retain: true });
    const answer = await client.waitFor(`${base}/response/${name}`);
    expect(json(answer.text)).toMatchObject({ status: "error", error: expect.stringMatching(/retained/) });
    expect(rig.house.events.ofType("request-refused")).toMatchObject([{ request: name }]);
    const late = await Onlooker.connect(rig.service.url ?? "");
    await late.waitFor(`${base}/state`);
    expect(late.on(`${base}/request/${name}`)).toEqual([]);
    await late.end();
    expect(rig.house.door.unlocks).toEqual([]);
  });

  test("that is cleared with an empty message opens nothing, but an empty message locks and reads", async () => {
    for (const retain of [true, false]) {
      await client.client.publishAsync(`${base}/request/door/unlock`, "", { qos: 1, retain });
      await client.client.publishAsync(`${base}/request/restart`, "", { qos: 1, retain });
    }
    await client.client.publishAsync(`${base}/request/health`, "", { qos: 1 });
    expect(json((await client.waitFor(`${base}/response/health`)).text)).toMatchObject({ status: "ok" });
    await client.client.publishAsync(`${base}/request/door/lock`, "", { qos: 1 });
    await client.waitFor(`${base}/response/door/lock`);
    expect([rig.house.door.unlocks, rig.house.door.locks, rig.house.restarts()]).toEqual([[], ["mqtt"], 0]);
  });
});

test("2000 malformed payloads never open the door, and the daemon answers after them", async () => {
  const random = seededRandom(20261);
  const topics = ["door/unlock", "door/command", "door/unlock/", "door//unlock", "door/mode"];
  let sent = 0;
  while (sent < 2000) {
    const payload = malformed(random);
    if (isValidUnlock(payload)) continue;
    const topic = `${base}/request/${topics[Math.floor(random() * topics.length)]}`;
    client.client.publish(topic, payload, { qos: 1, retain: random() < 0.05 });
    sent += 1;
  }
  expect(await client.ask(base, "health")).toMatchObject({ status: "ok" });
  expect(rig.house.door.unlocks).toEqual([]);
  expect(rig.house.door.state.mode).toBe("normal");
  expect(rig.house.events.ofType("request-refused").length).toBe(10);
});

test("names that no answer can be published to break nothing", async () => {
  for (const name of ["", "/", "a\u0001b", "x".repeat(3000), "../../state", "état", "$SYS/x"]) {
    client.client.publish(`${base}/request/${name}`, "{}", { qos: 1 });
  }
  expect(await client.ask(base, "health")).toMatchObject({ status: "ok" });
});

test("the same transaction twice opens once, and both get the same answer", async () => {
  const payload = JSON.stringify({ seconds: 5, transaction: "once" });
  await client.client.publishAsync(`${base}/request/door/unlock`, payload, { qos: 1 });
  await client.client.publishAsync(`${base}/request/door/unlock`, payload, { qos: 1 });
  await until("two answers", () => client.on(`${base}/response/door/unlock`).length === 2);
  expect(rig.house.door.unlocks).toEqual([5]);
  const [first, second] = client.on(`${base}/response/door/unlock`);
  expect(second?.text).toBe(first?.text);
});

test("two presses without a transaction are two openings", async () => {
  for (let i = 0; i < 2; i++) await client.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1 });
  await until("two answers", () => client.on(`${base}/response/door/unlock`).length === 2);
  expect(rig.house.door.unlocks).toHaveLength(2);
});

test("events arrive in order, each once, while requests are served", async () => {
  for (let i = 0; i < 500; i++) rig.house.events.append("unknown", { track: i });
  expect(await client.ask(base, "health")).toMatchObject({ status: "ok" });
  await until("500 events", () => client.on(`${base}/event`).length === 500);
  const seqs = client.on(`${base}/event`).map((message) => json(message.text).seq);
  expect(seqs).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  await until("the cursor at the end", () => rig.cursor.get() === 500);
  expect(rig.cursor.history).toEqual([...rig.cursor.history].sort((a, b) => a - b));
});

test("a busy port gives way to a free one where that is allowed, and is one clear line where not", async () => {
  const port = Number(new URL(rig.service.url ?? "").port);
  const other = mqttHouse({ config: { port } });
  await other.service.start();
  expect(other.service.url).not.toBe(rig.service.url);
  await other.service.stop();
  const strict = new EmbeddedBroker({ port, allowOtherPort: false, logger: silentLogger });
  await expect(strict.start()).rejects.toMatchObject({
    code: "LINTEL_E_UNAVAILABLE",
    message: expect.stringMatching(new RegExp(`cannot listen on port ${port}`)),
  });
  await strict.stop();
});

test("a stop says offline, and a second stop does nothing", async () => {
  await rig.service.stop();
  expect(client.on(`${base}/availability`).at(-1)?.text).toBe('{"state":"offline"}');
  await rig.service.stop();
});

const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find((address) => !address.internal && address.family === "IPv4")?.address;

test.skipIf(outside === undefined)("the embedded broker cannot be reached from the network", async () => {
  const socket = connect(Number(new URL(rig.service.url ?? "").port), outside ?? "");
  await expect(once(socket, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

/** Random bytes, or a valid request with something broken in it. */
function malformed(random: () => number): Buffer {
  const valid = ["{}", '{"seconds":5}', '{"action":"unlock"}', '{"action":"unlock","seconds":5}', '{"mode":"passage"}'];
  const kind = random();
  if (kind < 0.3)
    return Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
  const text = valid[Math.floor(random() * valid.length)] ?? "";
  const bytes = Buffer.from(text);
  const at = Math.floor(random() * bytes.length);
  if (kind < 0.6) bytes[at] = Math.floor(random() * 256);
  else if (kind < 0.75) return bytes.subarray(0, at);
  else if (kind < 0.9) return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at)]);
  else return Buffer.concat([Buffer.from('{"a":'.repeat(500)), bytes, Buffer.from("}".repeat(500))]);
  return bytes;
}

/** Judged apart from the code under test: would this be a well-formed order to open or to change the mode? */
function isValidUnlock(payload: Buffer): boolean {
  if (payload.length === 0) return false;
  let value: unknown;
  try {
    value = JSON.parse(payload.toString("latin1").trim() || "{}");
  } catch {
    return false;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const known = new Set(["seconds", "action", "mode", "transaction"]);
  return Object.keys(value).every((key) => known.has(key));
}
