import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryHouse } from "../../support/memory-house.ts";
import { base, MemoryCursor, mqttHouse } from "../../support/mqtt-house.ts";
import { hasMosquitto, Mosquitto, mosquittoReason, Onlooker, until } from "../../support/mqtt-kit.ts";

/** The daemon's MQTT on a broker of its own process that speaks MQTT 5 and can be killed. */

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const seqsOf = (onlooker: Onlooker) => onlooker.on(`${base}/event`).map((message) => Number(json(message.text).seq));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe.skipIf(!hasMosquitto)(`on mosquitto${mosquittoReason}`, () => {
  let broker: Mosquitto;
  let rig: ReturnType<typeof mqttHouse>;
  const clients: Onlooker[] = [];

  async function look(filter?: string, options = {}): Promise<Onlooker> {
    const client = await Onlooker.connect(broker.url, { protocolVersion: 5, ...options }, filter);
    clients.push(client);
    return client;
  }

  beforeEach(async () => {
    broker = await Mosquitto.make();
    rig = mqttHouse({ config: { url: broker.url } });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
    await rig.service.stop();
    await broker.dispose();
  });

  test("the daemon speaks MQTT 5, and the embedded broker's 3.1.1 where that is all there is", async () => {
    await broker.start();
    await rig.service.start();
    await until("connected", () => rig.service.isConnected);
    expect(rig.lines.find((line) => line.message === "broker connected")?.fields).toMatchObject({ protocolVersion: 5 });
    const other = mqttHouse({ config: { port: 0 } });
    await other.service.start();
    await until("connected", () => other.service.isConnected);
    expect(other.lines.find((line) => line.message === "broker connected")?.fields).toMatchObject({
      protocolVersion: 4,
    });
    await other.service.stop();
  });

  test("the response topic and correlation data of MQTT 5 are honoured", async () => {
    await broker.start();
    await rig.service.start();
    const client = await look("#");
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    const correlationData = Buffer.from([1, 2, 255]);
    await client.client.publishAsync(`${base}/request/health`, "{}", {
      ...{ qos: 1, properties: { responseTopic: "answers/here", correlationData } },
    });
    const answer = await client.waitFor("answers/here");
    expect(json(answer.text)).toMatchObject({ status: "ok", data: { ok: true } });
    expect(answer.packet.properties?.correlationData).toEqual(correlationData);
    expect(client.on(`${base}/response/health`)).toEqual([]);
  });

  test.each([`${base}/request/door/unlock`, "lintel/other/request/door/unlock", `${base}/state`, "$SYS/x"])(
    "an answer is never sent to %s, whoever asks for it",
    async (responseTopic) => {
      await broker.start();
      await rig.service.start();
      const client = await look("#");
      await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
      await client.client.publishAsync(`${base}/request/config/show`, "{}", { qos: 1, properties: { responseTopic } });
      await client.waitFor(`${base}/response/config/show`);
      expect(client.on(responseTopic).filter((message) => message.text.includes("status"))).toEqual([]);
    },
  );

  test("a request retained while the daemon was away is refused, logged and cleared, and opens nothing", async () => {
    await broker.start();
    const client = await look();
    await client.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1, retain: true });
    await client.client.publishAsync(`${base}/request/people/remove`, '{"id":"dana"}', { qos: 1, retain: true });
    await rig.service.start();
    await client.waitFor(`${base}/response/door/unlock`, (text) => /retained/.test(text));
    await client.waitFor(`${base}/response/people/remove`, (text) => /retained/.test(text));
    await client.waitFor(`${base}/request/door/unlock`, (text) => text === "");
    await client.ask(base, "health");
    const late = await look();
    await late.waitFor(`${base}/state`);
    expect(late.seen.filter((message) => message.topic.startsWith(`${base}/request/`))).toEqual([]);
    expect(rig.house.door.unlocks).toEqual([]);
    const refused = rig.house.events.ofType("request-refused").map((event) => event.request);
    expect(refused.toSorted()).toEqual(["door/unlock", "people/remove"]);
  });

  test("a request sent with the retain flag to the listening daemon is refused and cleared as well", async () => {
    await broker.start();
    await rig.service.start();
    const client = await look();
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    await client.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1, retain: true });
    await client.waitFor(`${base}/response/door/unlock`, (text) => /retained/.test(text));
    await client.waitFor(`${base}/request/door/unlock`, (text) => text === "");
    expect(rig.house.door.unlocks).toEqual([]);
  });

  test("requests that the broker queued in an earlier session of the same client are never delivered", async () => {
    await broker.start();
    const earlier = await Onlooker.connect(
      broker.url,
      { protocolVersion: 5, clientId: "lintel-demo", clean: false, properties: { sessionExpiryInterval: 3600 } },
      `${base}/request/#`,
    );
    await earlier.end();
    const client = await look();
    await client.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1 });
    await rig.service.start();
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    expect(await client.ask(base, "health")).toMatchObject({ status: "ok" });
    expect(rig.house.door.unlocks).toEqual([]);
  });

  test("a broker that comes after the daemon finds it online and gets every event from the first", async () => {
    await rig.service.start();
    for (let i = 0; i < 50; i++) rig.house.events.append("unknown");
    await until("a failed attempt", () => rig.lines.some((line) => line.message === "broker not reachable"));
    await broker.start();
    const client = await look();
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    await until("all acknowledged", () => rig.cursor.get() === 50);
    expect(rig.lines.filter((line) => line.level === "warn")).toHaveLength(1);
    expect(rig.house.door.unlocks).toEqual([]);
  });

  test("a broker killed twice loses no event, mixes none up, and opens nothing when it is back", async () => {
    await broker.start();
    // Subscribed before the daemon starts and again before it is back: what it sees is all that the broker was given.
    const seen: number[] = [];
    const watch = async () => {
      const client = await look(`${base}/event`);
      client.client.on("message", (_topic, payload) => {
        seen.push(Number(json(payload.toString()).seq));
      });
      return client;
    };
    let watcher = await watch();
    await rig.service.start();
    let appended = 0;
    const append = (count: number) => {
      for (let i = 0; i < count; i++) rig.house.events.append("unknown", { n: ++appended });
    };
    for (let kill = 0; kill < 2; kill++) {
      append(300);
      await until("some delivered", () => rig.cursor.get() >= appended - 250);
      await watcher.end();
      await broker.kill();
      append(200);
      await until("the loss was noticed", () => !rig.service.isConnected);
      const acknowledged = rig.cursor.get();
      await broker.start();
      watcher = await watch();
      await until("delivery goes on", () => rig.cursor.get() > acknowledged);
    }
    await until("all acknowledged", () => rig.cursor.get() === appended);
    expect(rig.cursor.history).toEqual([...rig.cursor.history].sort((a, b) => a - b));
    expect(rig.house.door.unlocks).toEqual([]);
    // In order on each connection: a number may be repeated after a loss, it is never skipped backwards within a run.
    const runs = seen.reduce((count, seq, i) => (i > 0 && seq <= (seen[i - 1] ?? 0) ? count + 1 : count), 1);
    expect(runs).toBeLessThanOrEqual(3);
  });

  test("no event is missing for a consumer whose session outlives the broker's death", async () => {
    await broker.dispose();
    broker = await Mosquitto.make({
      extra: [
        "allow_anonymous true",
        "persistence true",
        "persistence_location {dir}/",
        "autosave_on_changes true",
        "autosave_interval 1",
        "user root",
      ],
    });
    rig = mqttHouse({ config: { url: broker.url } });
    await broker.start();
    const session = { clientId: "consumer", clean: false, properties: { sessionExpiryInterval: 3600 } };
    const consumer = await look(`${base}/event`, session);
    await rig.service.start();
    for (let i = 0; i < 400; i++) rig.house.events.append("unknown");
    await until("some delivered", () => consumer.seen.length > 50);
    await broker.kill();
    for (let i = 0; i < 100; i++) rig.house.events.append("unknown");
    await broker.start();
    await until("every event", () => new Set(seqsOf(consumer)).size === 500);
    const firsts = [...new Set(seqsOf(consumer))];
    expect(firsts).toEqual(upTo(500));
  });

  test("our own restart goes on where the broker's acknowledgements ended", async () => {
    await broker.start();
    const consumer = await look(`${base}/event`);
    const house = memoryHouse();
    const cursor = new MemoryCursor();
    const first = mqttHouse({ config: { url: broker.url }, house, cursor });
    await first.service.start();
    for (let i = 0; i < 200; i++) house.events.append("unknown");
    await until("some delivered", () => cursor.get() > 30);
    await first.service.stop();
    for (let i = 0; i < 100; i++) house.events.append("unknown");
    const second = mqttHouse({ config: { url: broker.url }, house, cursor });
    await second.service.start();
    await until("every event", () => new Set(seqsOf(consumer)).size === 300);
    expect([...new Set(seqsOf(consumer))]).toEqual(upTo(300));
    await until("all acknowledged", () => cursor.get() === 300);
    await second.service.stop();
  });

  test("a daemon that dies is offline by its last will", async () => {
    await broker.start();
    // A daemon that cannot come back: it is not stopped, its connection just ends.
    const client = await look();
    const dying = mqttHouse({ config: { url: broker.url, clientId: "dying" } });
    await dying.service.start();
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    dying.service.dropConnection();
    const will = await client.waitFor(`${base}/availability`, (text) => text.includes("offline"));
    expect(json(will.text)).toEqual({ state: "offline" });
    await until("online again", () => client.on(`${base}/availability`).at(-1)?.text.includes("online") === true);
    await dying.service.stop();
    const late = await look();
    expect((await late.waitFor(`${base}/availability`)).packet.retain).toBe(true);
    expect(json((await late.waitFor(`${base}/availability`)).text)).toEqual({ state: "offline" });
  });

  test("a daemon without a broker stops at once", async () => {
    await rig.service.start();
    await until("a failed attempt", () => rig.lines.some((line) => line.message === "broker not reachable"));
    const startMs = performance.now();
    await rig.service.stop();
    expect(performance.now() - startMs).toBeLessThan(1000);
    await broker.start();
    const client = await look();
    await client.client.publishAsync("lintel/marker", "x", { qos: 1 });
    await client.waitFor("lintel/marker");
    expect(client.on(`${base}/availability`)).toEqual([]);
  });
});
