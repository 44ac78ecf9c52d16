import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { SqliteEventLog } from "../../../src/daemon/events/event-log.ts";
import { EmbeddedBroker } from "../../../src/daemon/mqtt/embedded-broker.ts";
import { createCursor } from "../../../src/daemon/store/cursor.ts";
import { openDatabase } from "../../../src/daemon/store/database.ts";
import { auditKit, dayMs } from "../../support/audit-kit.ts";
import { memoryHouse } from "../../support/memory-house.ts";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { hasTls, Mosquitto, makeTlsFiles, Onlooker, until } from "../../support/mqtt-kit.ts";

/** An operator's broker (TLS, passwords, rights, nothing on its disk) that dies, and the event log as it really is. */

const reason = hasTls ? "" : " (left out: mosquitto or openssl is not installed)";
const outageMs = 1500;

describe.skipIf(!hasTls)(`an outage of mosquitto${reason}`, () => {
  const files = mkdtempSync(join(tmpdir(), "lintel-outage-"));
  const at = (name: string) => join(files, name);
  const secret = (name: string) => readFileSync(at(name), "utf8");
  let broker: Mosquitto;
  let url: string;

  beforeAll(async () => {
    makeTlsFiles(files);
    writeFileSync(at("door-password"), "door-secret\n");
    broker = await Mosquitto.make({
      files: {
        acl: `user door\ntopic readwrite ${base}/#\nuser stranger\ntopic read lintel/#\n`,
        ...Object.fromEntries(["ca.pem", "server.pem", "server.key", "passwords"].map((name) => [name, secret(name)])),
      },
      extra: [
        ...["allow_anonymous false", "password_file {dir}/passwords", "acl_file {dir}/acl", "persistence false"],
        ...["cafile {dir}/ca.pem", "certfile {dir}/server.pem", "keyfile {dir}/server.key", "user root"],
      ],
    });
    await broker.start();
    url = `mqtts://127.0.0.1:${broker.port}`;
  });

  afterAll(async () => {
    await broker?.dispose();
    rmSync(files, { recursive: true, force: true });
  });

  const look = () =>
    Onlooker.connect(url, {
      ...{ protocolVersion: 5, ca: readFileSync(at("ca.pem")), username: "door", password: "door-secret" },
    });

  function openHouse() {
    const db = openDatabase({ stateDirectory: mkdtempSync(at("state-")), logger: silentLogger });
    const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
    const memory = memoryHouse();
    const house = { ...memory, context: { ...memory.context, events: log } };
    const config = { url, username: "door", passwordFile: at("door-password"), caFile: at("ca.pem") };
    const rig = mqttHouse({ config, house, outboxCursor: createCursor(db, "mqtt", silentLogger) });
    return { db, log, rig };
  }

  test("after a kill and 1.5 s of silence everything is delivered, and a consumer fills its hole by a replay", async () => {
    const { db, log, rig } = openHouse();
    const seen = new Map<number, string>();
    let isOrdered = true;
    let onlooker = await look();
    const listen = () => {
      let last = 0;
      onlooker.client.on("message", (topic, payload) => {
        if (topic !== `${base}/event`) return;
        const { seq, hash } = JSON.parse(payload.toString()) as { seq: number; hash: string };
        isOrdered &&= seq > last && (seen.get(seq) ?? hash) === hash;
        last = seq;
        seen.set(seq, hash);
      });
    };
    listen();
    await rig.service.start();
    for (let i = 0; i < 300; i++) log.append("unknown", { track: i });
    await until("some delivered", () => seen.size > 20);
    await broker.kill();
    await onlooker.end();
    const restartMs = performance.now() + outageMs;
    for (let i = 300; i < 600; i++) log.append("unknown", { track: i });
    await until("the outage is over", () => performance.now() >= restartMs);
    await broker.start();
    onlooker = await look();
    listen();
    log.append("unknown", { track: 600 });
    await until("all delivered", () => rig.service.delivery.deliveredSeq === 601 && seen.has(601));
    // What the dead broker had acknowledged and not passed on is its loss; the log still has it.
    const holes = Array.from({ length: 601 }, (_, i) => i + 1).filter((seq) => !seen.has(seq));
    for (const seq of holes) {
      if (seen.has(seq)) continue;
      const { data } = (await onlooker.ask(base, "events/replay", { from: seq })) as {
        data: { events: { seq: number; hash: string }[] };
      };
      for (const event of data.events) seen.set(event.seq, seen.get(event.seq) ?? event.hash);
    }
    expect(isOrdered).toBe(true);
    expect([...seen.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 601 }, (_, i) => i + 1));
    expect(rig.house.door.unlocks).toEqual([]);
    expect(rig.service.delivery).toMatchObject({ missed: null, problem: null });
    await onlooker.end();
    await rig.service.stop();
    db.close();
  });

  test("while a long queue drains, answers and what happens now do not wait behind it", async () => {
    const { db, log, rig } = openHouse();
    db.transaction(() => {
      for (let i = 0; i < 1500; i++) log.append("unknown", { track: i });
    });
    const onlooker = await look();
    await rig.service.start();
    await onlooker.waitFor(`${base}/availability`, (text) => text.includes("online"));
    const { seq } = log.append("granted", { person: "dana" });
    await onlooker.waitFor(`${base}/live`, (text) => text.includes("dana"));
    expect(await onlooker.ask(base, "health")).toMatchObject({ status: "ok" });
    expect(rig.service.delivery.deliveredSeq).toBeLessThan(seq);
    await until("drained", () => rig.service.delivery.deliveredSeq === seq, 20_000);
    await onlooker.end();
    await rig.service.stop();
    db.close();
  });
});

test("what retention removed before the broker came back is said with the next event and in the status", async () => {
  const kit = auditKit();
  kit.append(10);
  const cursor = createCursor(kit.db, "mqtt", silentLogger);
  cursor.advance(2);
  kit.time.jump(100 * dayMs);
  expect(await kit.retention().run()).toBe(10);
  kit.append(1);
  const memory = memoryHouse();
  const house = { ...memory, context: { ...memory.context, events: kit.log } };
  const broker = new EmbeddedBroker({ port: 0, allowOtherPort: true, logger: silentLogger });
  await broker.start();
  const onlooker = await Onlooker.connect(broker.url);
  const rig = mqttHouse({ config: { url: broker.url }, house, outboxCursor: cursor });
  await rig.service.start();
  await until("delivered", () => onlooker.on(`${base}/event`).length === 2);
  const [retention, after] = onlooker.on(`${base}/event`).map(({ text }) => JSON.parse(text));
  expect(retention).toMatchObject({ seq: 11, subject: "events", removed: 10, gapBefore: { from: 3, through: 10 } });
  expect(after).toMatchObject({ seq: 12, type: "granted" });
  expect(after).not.toHaveProperty("gapBefore");
  expect(rig.service.delivery.missed).toEqual({ from: 3, through: 10, events: 8 });
  await onlooker.end();
  await rig.service.stop();
  await broker.stop();
});
