import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { memoryHouse, smallJpeg } from "../../support/memory-house.ts";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { Onlooker, until } from "../../support/mqtt-kit.ts";
import { type Signer, signedHouse } from "../../support/signed-kit.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

/** `mqtt.requests: signed` over a real connection, with the embedded broker, real keys and a real database. */

let directory: string;
let keys: ReturnType<typeof signedHouse>;
let rig: ReturnType<typeof mqttHouse>;
let client: Onlooker;

beforeEach(async () => {
  directory = temporaryStateDirectory();
  await start();
});

afterEach(stop);

async function start(): Promise<void> {
  const house = memoryHouse();
  keys = signedHouse(directory, systemClock, house.events);
  rig = mqttHouse({ config: { port: 0, requests: "signed" }, house, signed: keys.signed });
  await rig.service.start();
  client = await Onlooker.connect(rig.service.url ?? "");
  await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
}

async function stop(): Promise<void> {
  await client.end();
  await rig.service.stop();
  keys.db.close();
}

/** Sends bytes as they are; the answer is the next one on the response topic. */
async function send(request: string, payload: string | Buffer, options: { retain?: boolean } = {}) {
  const topic = `${base}/response/${request}`;
  const before = client.on(topic).length;
  await client.client.publishAsync(`${base}/request/${request}`, payload, { qos: 1, ...options });
  await until(`an answer on ${topic}`, () => client.on(topic).length > before);
  return JSON.parse(client.on(topic)[before]?.text ?? "") as Record<string, unknown>;
}

const signed = async (signer: Signer, request: string, data = {}) =>
  send(request, await signer.sign({ request, data }));
const refused = () => rig.house.events.ofType("request-refused");

test("a signed request opens the door, and the answer carries its own mark", async () => {
  const porter = await keys.signer("porter", ["open"]);
  const jws = await porter.sign({ data: { seconds: 3 }, transaction: "t7" });
  expect(await send("door/unlock", jws)).toEqual({ data: { openSeconds: 3 }, status: "ok", transaction: "t7" });
  expect(rig.house.door.unlocks).toEqual([3]);
});

test("an unsigned request opens nothing; the refusal is answered, logged and in the event log", async () => {
  expect(await send("door/unlock", '{"seconds":5}')).toMatchObject({
    status: "error",
    error: expect.stringMatching(/^unsigned: /),
  });
  expect(await send("health", "{}")).toMatchObject({ status: "error" });
  expect(rig.house.door.unlocks).toEqual([]);
  expect(refused()).toMatchObject([{ request: "door/unlock", by: "mqtt" }, { request: "health" }]);
  expect(rig.lines.filter(({ message }) => message === "request refused")).toHaveLength(2);
});

test("a captured request opens once: not again, not after a restart of the daemon", async () => {
  const porter = await keys.signer("porter", ["open"]);
  const jws = await porter.sign();
  expect(await send("door/unlock", jws)).toMatchObject({ status: "ok" });
  expect(await send("door/unlock", jws)).toMatchObject({
    status: "error",
    error: expect.stringMatching(/^replayed: /),
  });
  expect(refused()).toMatchObject([{ by: "key:porter" }]);
  await stop();
  await start();
  expect(await send("door/unlock", jws)).toMatchObject({
    status: "error",
    error: expect.stringMatching(/^replayed: /),
  });
  expect(rig.house.door.unlocks).toEqual([]);
});

test("a signed request that arrives retained is refused", async () => {
  const porter = await keys.signer("porter", ["open"]);
  expect(await send("door/unlock", await porter.sign(), { retain: true })).toMatchObject({
    error: expect.stringMatching(/retained/),
  });
  expect(rig.house.door.unlocks).toEqual([]);
});

test("a picture alone enrols nobody, and a signed people/add does", async () => {
  const desk = await keys.signer("desk", ["enrol"]);
  expect(await send("people/photo/eve", smallJpeg)).toMatchObject({
    status: "error",
    error: expect.stringMatching(/use people\/add/),
  });
  expect(rig.house.people.list()).toEqual([]);
  const eve = { id: "eve", name: "Eve", photos: [smallJpeg.toString("base64")] };
  expect(await signed(desk, "people/add", eve)).toMatchObject({ status: "ok", data: { templates: 1 } });
});

test("a key that may enrol cannot open, and no key can make another", async () => {
  const desk = await keys.signer("desk", ["enrol"]);
  const chief = await keys.signer("chief", ["configure"]);
  expect(await signed(desk, "door/unlock")).toMatchObject({ error: expect.stringMatching(/beyond the roles/) });
  const key = { name: "mine", roles: ["open"], publicKey: desk.publicText };
  expect(await signed(chief, "keys/add", key)).toMatchObject({
    error: expect.stringMatching(/on the machine itself only/),
  });
  expect(keys.keys.list()).toHaveLength(2);
  expect(refused().map(({ by }) => by)).toEqual(["key:desk", "key:chief"]);
});

test("while the clock is not trusted every signed request is refused", async () => {
  const porter = await keys.signer("porter", ["open"]);
  keys.setClockTrusted(false);
  expect(await signed(porter, "door/unlock")).toMatchObject({
    status: "error",
    error: expect.stringMatching(/^clock-unset: /),
  });
  expect(rig.house.door.unlocks).toEqual([]);
});

test("unlock and lock sent one after the other end locked", async () => {
  const porter = await keys.signer("porter", ["open"]);
  const [unlock, lock] = [await porter.sign(), await porter.sign({ request: "door/lock" })];
  client.client.publish(`${base}/request/door/unlock`, unlock, { qos: 1 });
  await send("door/lock", lock);
  expect(rig.house.door.unlocks).toHaveLength(1);
  expect(rig.house.door.state.lock).toBe("locked");
});

describe("a flood", () => {
  test("of forged requests fills neither log, and the door still hears those who may", async () => {
    const porter = await keys.signer("porter", ["open"]);
    for (let i = 0; i < 2000; i++) client.client.publish(`${base}/request/door/unlock`, `{"seconds":${i % 255}}`);
    expect(await signed(porter, "door/lock")).toMatchObject({ status: "ok" });
    expect(refused().length).toBeLessThanOrEqual(30);
    expect(rig.house.door.unlocks).toEqual([]);
  });

  test("of good requests from one key is slowed down, and locking is not", async () => {
    const porter = await keys.signer("porter", ["open"]);
    const topic = `${base}/response/door/unlock`;
    const before = client.on(topic).length;
    for (let i = 0; i < 40; i++) {
      const payload = await porter.sign({ request: "door/unlock", data: {} });
      await client.client.publishAsync(`${base}/request/door/unlock`, payload, { qos: 1 });
    }
    await until("every answer", () => client.on(topic).length >= before + 40);
    const texts = client.on(topic).map(({ text }) => text);
    expect(texts.filter((text) => text.includes("too many requests")).length).toBeGreaterThan(0);
    expect(rig.house.door.unlocks.length).toBeLessThan(40);
    expect(await signed(porter, "door/lock")).toMatchObject({ status: "ok" });
  });
});
