import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { FleetDoor } from "../../support/fleet-kit.ts";
import { FleetWorld } from "../../support/fleet-kit.ts";
import { mqttHouse } from "../../support/mqtt-house.ts";
import { hasMosquitto, Mosquitto, mosquittoReason, Onlooker, until } from "../../support/mqtt-kit.ts";

const caughtUp = (...doors: FleetDoor[]) =>
  until("caught up", () => doors.every(({ fleet }) => fleet.summary.state === "caught-up"), 20_000);

describe.skipIf(!hasMosquitto)(`doors around mosquitto${mosquittoReason}`, { timeout: 60_000 }, () => {
  let broker: Mosquitto | undefined;
  afterEach(() => broker?.dispose());

  /** The door speaks by the daemon's own client. */
  const join = async (door: FleetDoor) => {
    const { service } = mqttHouse({ config: { url: broker?.url }, doorId: door.id, listeners: [door.fleet] });
    await service.start();
    onTestFinished(() => service.stop());
    return service;
  };

  it("lose nobody when a broker that keeps nothing is killed: what was removed stays removed", async () => {
    broker = await Mosquitto.make();
    await broker.start();
    const world = await FleetWorld.of("front", "back");
    const [front, back] = [await world.open("front"), await world.open("back")];
    await join(front);
    await join(back);
    await caughtUp(front, back);
    for (let n = 0; n < 20; n++) front.enrol(`person-${n}`, n);
    await until("everybody", () => back.ids.length === 20, 20_000);
    await back.people.remove("person-3", "test");
    await until("forgotten", () => front.ids.length === 19);
    await broker.kill();
    await until(
      "lost",
      () => front.fleet.summary.state === "not-connected" && back.fleet.summary.state === "not-connected",
    );
    expect(front.fleet.isListTrusted()).toBe(true);
    front.enrol("carol", 100);
    await broker.start();
    await caughtUp(front, back);
    await until("carol at the other", () => back.knows("carol", 100), 20_000);
    const onlooker = await Onlooker.connect(broker.url, {}, "lintel-fleet/#");
    await until(
      "all records at the broker again",
      () => new Set(onlooker.seen.map(({ topic }) => topic)).size === 24,
      30_000,
    );
    await onlooker.end();
    expect(front.fleet.summary).toMatchObject({ people: 20, removed: 1, root: back.fleet.summary.root });
  });

  it("are not taken in by a bridge that replays what was retained before a removal", async () => {
    broker = await Mosquitto.make();
    await broker.start();
    const world = await FleetWorld.of("front", "back");
    const [front, back] = [await world.open("front"), await world.open("back")];
    await join(front);
    await join(back);
    await caughtUp(front, back);
    front.enrol("dana", 1);
    await until("dana", () => back.knows("dana", 1));
    const bridge = await Onlooker.connect(broker.url, {}, "lintel-fleet/hq/person/#");
    await until("the old record", () => bridge.seen.length === 1);
    const [old] = bridge.seen;
    if (!old) throw new Error("a record");
    await front.people.remove("dana", "test");
    await until("forgotten", () => back.ids.length === 0);
    await bridge.client.publishAsync(old.topic, old.text, { qos: 1, retain: true });
    await until("refused", () => [front, back].every(({ fleet }) => (fleet.summary.refused.older ?? 0) > 0));
    await until("healed", () => bridge.seen.at(-1)?.text !== old.text, 20_000);
    expect([...front.ids, ...back.ids]).toEqual([]);
    await bridge.end();
  });
});
