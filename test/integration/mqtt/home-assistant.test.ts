import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { systemTimers } from "../../../src/core/timers.ts";
import type { SignedRequests } from "../../../src/daemon/keys/signed-requests.ts";
import { mqttConfig } from "../../../src/daemon/mqtt/config.ts";
import { openHomeAssistant } from "../../../src/daemon/mqtt/home-assistant/open-home-assistant.ts";
import { HomeAssistant } from "../../support/home-assistant.ts";
import { memoryHouse } from "../../support/memory-house.ts";
import { MemoryCursor, mqttHouse } from "../../support/mqtt-house.ts";
import { hasMosquitto, Mosquitto, mosquittoReason, Onlooker, until } from "../../support/mqtt-kit.ts";
import { signedHouse } from "../../support/signed-kit.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

/** A scripted Home Assistant that knows of the door only what its discovery message says. */

const health = {
  ok: true,
  vision: { camera: "ok", fps: 14.5, latencyMs: { p50: 31, p95: 48 } },
  mqtt: { waiting: 0 },
};
const wired = ["contact", "tamper"];
const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Keeps what a database would. */
function keptText() {
  let text = "";
  return {
    get: () => text,
    set: (next: string) => {
      text = next;
    },
  };
}

interface Options {
  readonly config: Record<string, unknown>;
  readonly inputs?: readonly string[];
  readonly announcedOn?: ReturnType<typeof keptText>;
  readonly hasPicture?: boolean;
  readonly signed?: SignedRequests;
}

async function startDoor({ config, inputs = wired, announcedOn = keptText(), hasPicture = false, signed }: Options) {
  const house = memoryHouse();
  const own = { ...house, context: { ...house.context, health: () => health } };
  const announcer = openHomeAssistant({
    ...{ config: mqttConfig.parse(config), doorId: "demo", version: "1.2.3", wiredInputs: inputs, hasPicture },
    ...{ announcedOn, timers: systemTimers, random: () => 0, logger: silentLogger },
  });
  const rig = mqttHouse({
    config,
    house: own,
    cursor: new MemoryCursor(),
    listeners: [announcer],
    ...(signed ? { signed } : {}),
  });
  await rig.service.start();
  endings.push(() => rig.service.stop());
  await until("connected", () => rig.service.isConnected);
  return { ...rig, house: own };
}

async function startAssistant(url: string, protocolVersion: 4 | 5 = 5) {
  const assistant = await HomeAssistant.connect(url, { protocolVersion });
  endings.push(() => assistant.end());
  await until("a discovery message", () => assistant.discoveries > 0);
  return assistant;
}

/** Everything a user of Home Assistant sees and does, once. */
async function walkThrough(assistant: HomeAssistant, house: ReturnType<typeof memoryHouse>): Promise<void> {
  await assistant.untilState("lock", "locked");
  await assistant.untilState("waiting_events", "0");
  const states = Object.fromEntries([...assistant.entities.keys()].map((id) => [id, assistant.stateOf(id)]));
  expect(states).toEqual({
    ...{ lock: "locked", contact: "off", mode: "normal", set_mode: "normal", people: "0" },
    ...{ forced: "off", held: "off", tamper: "off", lock_fault: "off" },
    ...{ acknowledge_forced: "unknown", acknowledge_held: "unknown", acknowledge_tamper: "unknown" },
    ...{ acknowledge_lock_fault: "unknown", event: "unknown", last_event: "unknown", restart: "unknown" },
    ...{ problem: "off", camera: "on", frame_rate: "14.5", latency_p50: "31", latency_p95: "48", waiting_events: "0" },
  });
  await assistant.command("lock", "unlock");
  await assistant.untilState("lock", "unlocked");
  await assistant.command("lock", "lock");
  await assistant.untilState("lock", "locked");
  await assistant.command("lock", "open");
  await assistant.untilState("lock", "unlocked");
  expect(house.door.unlocks).toEqual([undefined, undefined]);
  await assistant.command("set_mode", "lockdown");
  await assistant.untilState("mode", "lockdown");
  await assistant.untilState("set_mode", "lockdown");
  house.door.raise("forced");
  await assistant.untilState("forced", "on");
  await assistant.command("acknowledge_forced", "press");
  house.events.append("granted", { person: "dana" });
  await assistant.untilState("event", "granted");
  await assistant.untilState("last_event", "granted");
  expect(assistant.entity("event").attributes).toMatchObject({ person: "dana", type: "granted" });
  expect(assistant.entity("last_event").attributes).toMatchObject({ person: "dana" });
  await assistant.command("restart", "press");
  await until("restarted", () => house.restarts() === 1);
  for (const [id, { misfits }] of assistant.entities) expect([id, misfits]).toEqual([id, []]);
}

describe.skipIf(!hasMosquitto)(`with Home Assistant on mosquitto${mosquittoReason}`, () => {
  async function startBroker(): Promise<Mosquitto> {
    const broker = await Mosquitto.make();
    await broker.start();
    endings.push(() => broker.dispose());
    return broker;
  }

  test("every announced entity shows the door and moves it, and nothing it hears is without meaning", async () => {
    const { url } = await startBroker();
    const { house } = await startDoor({ config: { url, homeAssistant: { enabled: true } } });
    await walkThrough(await startAssistant(url), house);
  });

  test("a lock is unknown until the door has spoken and while the guard does not answer, never what was asked for", async () => {
    const broker = await startBroker();
    const { house, service } = await startDoor({ config: { url: broker.url, homeAssistant: { enabled: true } } });
    const assistant = await startAssistant(broker.url);
    await assistant.untilState("lock", "locked");
    house.door.setMode("lockdown");
    await assistant.untilState("mode", "lockdown");
    await assistant.command("lock", "unlock");
    await until("the order was refused", () => house.door.unlocks.length === 1);
    expect(assistant.stateOf("lock")).toBe("locked");
    assistant.entity("lock").message("lintel/demo/state", Buffer.from('{"lock":"unknown"}'), false);
    expect(assistant.stateOf("lock")).toBe("unknown");
    await service.stop();
    await assistant.untilState("lock", "unavailable");
  });

  test("Home Assistant that has just started is told again, of the device only", async () => {
    const { url } = await startBroker();
    const { house } = await startDoor({ config: { url, homeAssistant: { enabled: true } } });
    const assistant = await startAssistant(url);
    const before = assistant.discoveries;
    await assistant.start();
    await until("announced again", () => assistant.discoveries > before);
    expect(house.door.unlocks).toEqual([]);
  });

  test("entities that a door no longer has disappear, and the device does when it is switched off", async () => {
    const { url } = await startBroker();
    const announcedOn = keptText();
    const first = await startDoor({ config: { url, homeAssistant: { enabled: true } }, announcedOn, hasPicture: true });
    const assistant = await startAssistant(url);
    expect([...assistant.entities.keys()]).toContain("contact");
    await first.service.stop();
    const second = await startDoor({ config: { url, homeAssistant: { enabled: true } }, announcedOn, inputs: [] });
    await until("contact and picture are gone", () => {
      return !assistant.entities.has("contact") && !assistant.entities.has("picture");
    });
    expect([...assistant.entities.keys()]).toContain("lock");
    await second.service.stop();
    await startDoor({ config: { url }, announcedOn });
    await until("the device is gone", () => assistant.entities.size === 0);
    const late = await Onlooker.connect(url, { protocolVersion: 5 }, "#");
    endings.push(() => late.end());
    await late.waitFor("lintel/demo/state");
    expect(late.seen.filter(({ topic }) => topic.startsWith("homeassistant/"))).toEqual([]);
  });

  test("the lobby's picture is shown as it lies in the broker", async () => {
    const { url } = await startBroker();
    await startDoor({ config: { url, homeAssistant: { enabled: true } }, hasPicture: true });
    const assistant = await startAssistant(url);
    const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 7]);
    await assistant.client.publishAsync("lintel/demo/art/image", picture, { qos: 1, retain: true });
    await until("the picture", () => assistant.entity("picture").image?.equals(picture) === true);
  });
});

test("where requests must be signed Home Assistant looks on, and what it would send is refused", async () => {
  const config = { port: 0, requests: "signed", homeAssistant: { enabled: true } };
  const { signed, db } = signedHouse(temporaryStateDirectory());
  endings.push(async () => db.close());
  const { service, house } = await startDoor({ config, signed });
  const assistant = await startAssistant(service.url ?? "", 4);
  await assistant.untilState("lock_state", "locked");
  expect([...assistant.entities.values()].filter((entity) => "command_topic" in entity.config)).toEqual([]);
  await assistant.client.publishAsync("lintel/demo/request/door/command", '{"action":"unlock"}', { qos: 1 });
  await until("refused", () => house.events.ofType("request-refused").length === 1);
  expect(house.door.unlocks).toEqual([]);
});

test("the embedded broker carries Home Assistant as well", async () => {
  const { service, house } = await startDoor({ config: { port: 0, homeAssistant: { enabled: true } } });
  await walkThrough(await startAssistant(service.url ?? "", 4), house);
});

test("after an outage Home Assistant is set off by nothing that happened meanwhile", async () => {
  const { service, house, cursor } = await startDoor({ config: { port: 0, homeAssistant: { enabled: true } } });
  const assistant = await startAssistant(service.url ?? "", 4);
  await assistant.untilState("lock", "locked");
  const seen: string[] = [];
  assistant.client.on("message", (topic, payload) => {
    if (topic === "lintel/demo/live") seen.push(String(JSON.parse(payload.toString()).n));
  });
  service.dropConnection();
  await until("the loss was noticed", () => !service.isConnected);
  for (let n = 1; n <= 50; n++) house.events.append("granted", { n });
  await until("all delivered in order", () => cursor.get() === 50);
  house.events.append("granted", { n: 51 });
  await until("the live one", () => seen.length > 0);
  expect(seen).toEqual(["51"]);
});
