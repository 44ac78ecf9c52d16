import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { SqliteEventLog } from "../../src/daemon/events/event-log.ts";
import { openDatabase } from "../../src/daemon/store/database.ts";
import { DoorRig, doorId } from "../support/door-rig.ts";
import { hasMosquitto, Mosquitto, mosquittoReason, Onlooker, until } from "../support/mqtt-kit.ts";

const base = `lintel/${doorId}`;

/** What must open nothing, by the name of the request. */
const malformed: [string, string | Buffer][] = [
  ["door/unlock", ""],
  ["door/unlock", "open"],
  ["door/unlock", "true"],
  ["door/unlock", "null"],
  ["door/unlock", "5"],
  ["door/unlock", "[]"],
  ["door/unlock", '"{}"'],
  ["door/unlock", "{"],
  ["door/unlock", '{"seconds":"5"}'],
  ["door/unlock", '{"seconds":0}'],
  ["door/unlock", '{"seconds":-1}'],
  ["door/unlock", '{"seconds":256}'],
  ["door/unlock", '{"seconds":1e9}'],
  ["door/unlock", '{"seconds":1.5}'],
  ["door/unlock", '{"seconds":null}'],
  ["door/unlock", '{"seconds":5,"force":true}'],
  ["door/unlock", '{"transaction":{}}'],
  ["door/unlock", Buffer.from([0xff, 0xfe, 0x7b, 0x7d])],
  ["door/unlock", Buffer.alloc(100_000, 0x20)],
  ["door/unlock/", "{}"],
  ["door/unlock/now", "{}"],
  ["door/Unlock", "{}"],
  ["door", "{}"],
  ["../door/unlock", "{}"],
  ["door/command", "{}"],
  ["door/command", "UNLOCK"],
  ["door/command", '{"action":"UNLOCK"}'],
  ["door/command", '{"action":["unlock"]}'],
  ["door/mode", '{"mode":"open"}'],
  ["door/mode", '{"mode":["passage"]}'],
  ["door/mode", '{"mode":"passage","for":"ever"}'],
  ["door/mode", '{"__proto__":{"mode":"passage"}}'],
];

describe.skipIf(!hasMosquitto)(`a door beside a broker of its own process${mosquittoReason}`, () => {
  let rig: DoorRig;
  let broker: Mosquitto;
  let onlooker: Onlooker | undefined;

  beforeAll(async () => {
    broker = await Mosquitto.make();
    rig = await DoorRig.prepare({ hasWorld: false, config: { mqtt: { url: broker.url } } });
  });
  afterAll(async () => {
    await onlooker?.end();
    await rig?.stop();
    await broker?.dispose();
  });

  const unlock = async () => {
    const mark = await rig.mark();
    await rig.ask("door/unlock", { seconds: 1 });
    await rig.opened(mark);
    await rig.locked(mark);
  };
  /** The broker comes (back) and somebody listens, before the door can say anything. */
  const startBroker = async () => {
    rig.daemon.kill("SIGSTOP");
    await onlooker?.end();
    await broker.start();
    onlooker = await Onlooker.connect(broker.url);
    rig.daemon.kill("SIGCONT");
    return onlooker;
  };
  const sequence = (seen: Onlooker) => seen.on(`${base}/event`).map(({ text }) => Number(JSON.parse(text).seq));
  const newest = async () => (await rig.events()).at(-1)?.seq ?? 0;

  it("works while the broker is absent at the start, and tells it everything in order when it comes", async () => {
    await rig.startDaemon();
    await unlock();
    const last = await newest();
    const seen = await startBroker();
    await until("the newest event", () => sequence(seen).includes(last), 30_000);
    expect(sequence(seen).slice(0, last)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    await seen.waitFor(`${base}/availability`, (text) => text.includes("online"));
  });

  it("goes on while the broker is killed, and loses nothing of what happened meanwhile", async () => {
    const before = await newest();
    await broker.kill();
    await unlock();
    const last = await newest();
    expect(last).toBeGreaterThan(before);
    const seen = await startBroker();
    await until("the newest event", () => sequence(seen).includes(last), 30_000);
    const found = sequence(seen);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    for (let seq = before + 1; seq <= last; seq++) expect(found).toContain(seq);
  });

  it("is opened by nothing that is malformed, says so each time, and still does what is well formed", async () => {
    const seen = onlooker ?? (await startBroker());
    const mark = await rig.mark();
    for (const [name, payload] of malformed) {
      await seen.client.publishAsync(`${base}/request/${name}`, payload, { qos: 1 });
    }
    const answer = await seen.ask(base, "door/unlock", { seconds: 300 });
    expect(answer).toMatchObject({ status: "error" });
    expect(await seen.ask(base, "health")).toMatchObject({ status: "ok" });
    expect(await rig.openings(mark)).toEqual([]);
    const ok = seen.seen.filter(({ topic, text }) => topic.includes("/response/door") && text.includes('"ok"'));
    expect(ok).toEqual([]);
    expect(await seen.ask(base, "door/unlock", { seconds: 1 })).toMatchObject({ status: "ok" });
    await rig.locked(mark);
    expect(await rig.openings(mark)).toHaveLength(1);
  });

  it("is opened by nothing that lay retained in the broker before it came, and clears it", async () => {
    await rig.daemon.stop();
    const seen = onlooker ?? (await startBroker());
    const retained = ["door/unlock", "door/command", "door/mode"].map((name) => `${base}/request/${name}`);
    const payloads = ["{}", '{"action":"unlock"}', '{"mode":"passage"}'];
    for (const [i, topic] of retained.entries()) {
      await seen.client.publishAsync(topic, payloads[i] ?? "", { qos: 1, retain: true });
    }
    const mark = await rig.mark();
    const from = seen.seen.length;
    await rig.startDaemon();
    await until("refusals", () => {
      const answers = seen.seen.slice(from).filter(({ topic }) => topic.startsWith(`${base}/response/door/`));
      return answers.length === retained.length;
    });
    const late = await Onlooker.connect(broker.url, {}, `${base}/#`);
    await late.waitFor(`${base}/state`);
    expect(late.seen.filter(({ topic }) => retained.includes(topic))).toEqual([]);
    await late.end();
    expect(await rig.openings(mark)).toEqual([]);
    expect((await rig.events()).filter(({ type }) => type === "request-refused").length).toBeGreaterThanOrEqual(3);
    expect(await seen.ask(base, "health")).toMatchObject({ data: { lock: "locked" } });
  });

  it("loses nothing when it is killed twice while a long queue drains, and says again only what it said before", async () => {
    const seen = onlooker ?? (await startBroker());
    await rig.daemon.stop();
    const db = openDatabase({ stateDirectory: rig.stateDirectory, logger: silentLogger });
    const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
    const first = log.status.seq + 1;
    db.transaction(() => {
      for (let i = 0; i < 3000; i++) log.append("unknown", { track: i });
    });
    const last = log.status.seq;
    db.close();
    const from = seen.on(`${base}/event`).length;
    const said = () => seen.on(`${base}/event`).slice(from);
    for (let kill = 0; kill < 2; kill++) {
      const before = said().length;
      await rig.spawnDaemon();
      await until("some of it", () => said().length > before + 100, 30_000);
      rig.daemon.kill("SIGKILL");
      await rig.daemon.stop();
    }
    await rig.startDaemon();
    await until("the last of it", () => sequence(seen).includes(last), 30_000);
    const texts = new Map<number, Set<string>>();
    for (const { text } of said()) {
      const { seq } = JSON.parse(text) as { seq: number };
      texts.set(seq, (texts.get(seq) ?? new Set()).add(text));
    }
    for (let seq = first; seq <= last; seq++) expect([seq, texts.get(seq)?.size]).toEqual([seq, 1]);
    const fresh = [...texts.keys()];
    expect(fresh).toEqual(fresh.toSorted((a, b) => a - b));
  });
});

describe("a door with its own broker", () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.prepare({ hasWorld: false });
    await rig.startDaemon();
  });
  afterAll(() => rig?.stop());

  it("is opened by nothing retained or malformed, over a restart too", async () => {
    const url = `mqtt://127.0.0.1:${rig.mqttPort}`;
    const mark = await rig.mark();
    const seen = await Onlooker.connect(url);
    for (const [name, payload] of malformed) {
      await seen.client.publishAsync(`${base}/request/${name}`, payload, { qos: 1 });
      await seen.client.publishAsync(`${base}/request/${name}`, payload, { qos: 1, retain: true });
    }
    await seen.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1, retain: true });
    expect(await seen.ask(base, "health")).toMatchObject({ status: "ok" });
    await seen.end();
    await rig.daemon.stop();
    await rig.startDaemon();
    const after = await Onlooker.connect(url);
    expect(await after.ask(base, "health")).toMatchObject({ data: { lock: "locked" } });
    await after.end();
    expect(await rig.openings(mark)).toEqual([]);
  });
});
