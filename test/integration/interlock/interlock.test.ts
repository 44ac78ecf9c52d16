import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { lintelConfig } from "../../../src/daemon/config/schema.ts";
import { openInterlock } from "../../../src/daemon/interlock/open-interlock.ts";
import { EmbeddedBroker } from "../../../src/daemon/mqtt/embedded-broker.ts";
import { hurriedTime } from "../../support/hurried-time.ts";
import { type MemoryHouse, memoryHouse } from "../../support/memory-house.ts";
import { mqttHouse } from "../../support/mqtt-house.ts";
import { hasMosquitto, Mosquitto, mosquittoReason, Onlooker, until } from "../../support/mqtt-kit.ts";
import { poll } from "../../support/poll.ts";

/** Two doors that must never be open at once, each with its own MQTT service, on one real broker. */

interface Broker {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

async function embedded(): Promise<Broker> {
  const broker = new EmbeddedBroker({ port: 0, allowOtherPort: false, logger: silentLogger });
  return {
    get url() {
      return broker.url;
    },
    start: () => broker.start(),
    kill: () => broker.stop(),
  };
}

/** A door has to be shut for a second before it is believed. */
const hurry = 4;
const time = hurriedTime(hurry);
/** Of the machine's time. */
const timeoutMs = 800;

function doorOn(url: string, id: string, partner: string) {
  const house = memoryHouse();
  const interlock = openInterlock({
    config: {
      door: lintelConfig.shape.door.parse({ id }),
      interlock: { doors: [partner], timeoutMs: timeoutMs * hurry, requestToExit: "free" },
    },
    ...{ door: house.door, events: house.events, clock: time, timers: time, logger: silentLogger },
  });
  const { otherDoors, door } = interlock;
  if (!otherDoors) throw new Error("no interlock");
  const underLock: MemoryHouse = { ...house, context: { ...house.context, door, otherDoors } };
  const { service, dispatcher } = mqttHouse({ config: { url }, house: underLock, listeners: [otherDoors], doorId: id });
  const ask = (name: string, data: object = {}) =>
    dispatcher.dispatch({
      name,
      body: { data, transaction: undefined },
      origin: { transport: "control-socket", name: "test" },
      isTrusted: true,
    });
  const stop = async () => {
    interlock.stop();
    await service.stop();
  };
  return { house, interlock, otherDoors, service, ask, stop };
}

/** A claim that is given back at once. */
async function tryClaim(door: ReturnType<typeof doorOn>) {
  const refusal = await door.otherDoors.claim();
  door.otherDoors.withdraw();
  return refusal;
}

describe.each([
  ["the embedded broker", embedded, true],
  [`mosquitto${mosquittoReason}`, () => Mosquitto.make(), hasMosquitto],
])("on %s", (_name, makeBroker, isThere) => {
  const cleanUp: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of cleanUp.splice(0).reverse()) await end();
  });

  async function twoDoors() {
    const broker = await makeBroker();
    cleanUp.push(() => broker.kill());
    await broker.start();
    const inner = doorOn(broker.url, "inner", "outer");
    const outer = doorOn(broker.url, "outer", "inner");
    cleanUp.push(inner.stop, outer.stop);
    for (const { service } of [inner, outer]) await service.start();
    await until("both connected", () => inner.service.isConnected && outer.service.isConnected);
    return { broker, inner, outer };
  }

  /** Both subscribed, and shut for long enough to be believed. */
  async function readyDoors() {
    const doors = await twoDoors();
    for (const door of [doors.outer, doors.inner]) {
      await poll(
        () => tryClaim(door).then((refusal) => ({ refusal })),
        ({ refusal }) => refusal === null,
        () => "never agreed",
        10_000,
      );
    }
    return doors;
  }

  test.skipIf(!isThere)(
    "a door opens while the other is shut, and the other does not until it is shut again",
    async () => {
      const { inner, outer } = await readyDoors();
      expect(await inner.ask("door/unlock")).toMatchObject({ status: "ok", data: { openSeconds: 5 } });
      expect(await outer.ask("door/unlock")).toMatchObject({ error: "the door refuses: interlock (inner: claims)" });
      expect(await outer.ask("door/command", { action: "unlock" })).toMatchObject({ status: "error" });
      expect(outer.house.door.unlocks).toEqual([]);
      inner.house.door.lock("test");
      const opened = () => outer.ask("door/unlock");
      await poll(
        opened,
        ({ status }) => status === "ok",
        () => "the other door never opened",
        10_000,
      );
      expect(await inner.ask("door/unlock")).toMatchObject({ status: "error" });
      expect(inner.house.door.unlocks).toHaveLength(1);
    },
  );

  test.skipIf(!isThere)("of two requests at the same moment never both open", async () => {
    const { inner, outer } = await readyDoors();
    const answers = await Promise.all([outer.ask("door/unlock"), inner.ask("door/unlock")]);
    expect(answers.filter(({ status }) => status === "ok").length).toBeLessThanOrEqual(1);
    expect(inner.house.door.unlocks.length + outer.house.door.unlocks.length).toBeLessThanOrEqual(1);
  });

  test.skipIf(!isThere)(
    "without the broker a door refuses within the timeout, and not a moment on old promises",
    async () => {
      const { broker, inner } = await readyDoors();
      const beganMs = performance.now();
      await broker.kill();
      const killedMs = performance.now();
      expect(await inner.ask("door/unlock")).toMatchObject({ status: "error" });
      expect(performance.now() - killedMs).toBeLessThan(timeoutMs + 200);
      expect(inner.house.door.unlocks).toEqual([]);
      expect(killedMs).toBeGreaterThan(beganMs);
    },
  );

  test.skipIf(!isThere)("a partner that is gone is no partner that agrees", async () => {
    const { inner, outer } = await readyDoors();
    await outer.stop();
    const beganMs = performance.now();
    expect(await inner.ask("door/unlock")).toMatchObject({ error: "the door refuses: interlock (outer: no-answer)" });
    expect(performance.now() - beganMs).toBeLessThan(timeoutMs + 200);
    expect(inner.house.door.unlocks).toEqual([]);
  });

  test.skipIf(!isThere)("an order to lock calls off the opening that still waits for an answer", async () => {
    const { inner, outer } = await readyDoors();
    await outer.stop();
    const opening = inner.ask("door/unlock");
    await new Promise((resolve) => setImmediate(resolve));
    await inner.ask("door/lock");
    expect(await opening).toMatchObject({ error: "the door refuses: interlock (withdrawn)" });
  });

  test.skipIf(!isThere)("passage is refused, and lockdown is not", async () => {
    const { inner } = await readyDoors();
    expect(await inner.ask("door/mode", { mode: "passage" })).toMatchObject({
      error: "the door refuses the mode passage (an interlocked door never stands unlocked)",
    });
    expect(inner.house.door.state.mode).toBe("normal");
    expect(await inner.ask("door/mode", { mode: "lockdown" })).toMatchObject({ status: "ok" });
  });

  test.skipIf(!isThere)("answers that somebody retained, repeats or invents open nothing", async () => {
    const { broker, inner, outer } = await readyDoors();
    const forger = await Onlooker.connect(broker.url, {}, "lintel/outer/interlock/inner");
    cleanUp.push(() => forger.end());
    const topic = "lintel/inner/interlock/outer";
    await tryClaim(inner);
    const claim = await forger.waitFor("lintel/outer/interlock/inner", (text) => text.includes('"claim"'));
    await outer.stop();
    const { nonce } = JSON.parse(claim.text) as { nonce: string };
    const opening = inner.ask("door/unlock");
    for (const payload of [JSON.stringify({ type: "grant", nonce }), '{"type":"grant"}', "", "grant"]) {
      await forger.client.publishAsync(topic, payload, { qos: 1, retain: true });
    }
    expect(await opening).toMatchObject({ error: "the door refuses: interlock (outer: no-answer)" });
    expect(inner.house.door.unlocks).toEqual([]);
  });

  test.skipIf(!isThere)("a claim adds little: measured", async () => {
    const { inner } = await readyDoors();
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const beganMs = performance.now();
      expect(await tryClaim(inner)).toBeNull();
      times.push(performance.now() - beganMs);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(share * times.length)] ?? 0).toFixed(2);
    if (process.env.LINTEL_REPORT)
      process.stderr.write(`claim n=200 median ${at(0.5)} p95 ${at(0.95)} max ${at(0.999)} ms\n`);
    expect(Number(at(0.5))).toBeLessThan(100);
  });
});
