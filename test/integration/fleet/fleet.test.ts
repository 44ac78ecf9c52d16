import { describe, expect, it } from "vitest";
import { type FleetDoor, FleetWorld, rubbish } from "../../support/fleet-kit.ts";
import { until } from "../../support/mqtt-kit.ts";
import { poll } from "../../support/poll.ts";

const states = (...doors: FleetDoor[]) => doors.map(({ id, fleet }) => `${id}: ${fleet.summary.state}`).join(", ");
const caughtUp = (...doors: FleetDoor[]) =>
  until("caught up", () => doors.every(({ fleet }) => fleet.summary.state === "caught-up"), 15_000).catch(() => {
    throw new Error(`not caught up: ${states(...doors)}`);
  });
/** All doors know so many people and removals, the same ones. */
const agree = (records: number, ...doors: FleetDoor[]) =>
  until(
    `${records} records, one root`,
    () => {
      const known = doors.map(({ fleet }) => fleet.summary);
      return (
        known.every(({ people, removed }) => people + removed === records) &&
        new Set(known.map(({ root }) => root)).size === 1
      );
    },
    15_000,
  );

/** Doors of one site, connected and caught up. */
async function connected(...ids: string[]): Promise<{ world: FleetWorld; doors: FleetDoor[] }> {
  const world = await FleetWorld.of(...ids);
  const doors: FleetDoor[] = [];
  for (const id of ids) doors.push(await world.open(id));
  for (const door of doors) door.connect(world.broker);
  await caughtUp(...doors);
  return { world, doors };
}

async function two() {
  const { world, doors } = await connected("front", "back");
  const [front, back] = doors;
  if (!front || !back) throw new Error("two doors");
  return { world, front, back };
}

const personTopics = (world: FleetWorld) => [...world.broker.retained].filter(([topic]) => topic.includes("/person/"));

describe("doors of one site", { timeout: 60_000 }, () => {
  it("know whoever is enrolled at one of them, and every later change", async () => {
    const { front, back } = await two();
    front.enrol("dana", 1, { groups: ["staff"] });
    await until("dana at the other door", () => back.knows("dana", 1));
    expect(back.people.get("dana")).toMatchObject({ name: "Name of dana", groups: ["staff"], templates: 1 });
    back.people.update("dana", { name: "Dana Example", enabled: false }, "test");
    await until("the change at the first", () => front.people.get("dana")?.name === "Dana Example");
    expect(front.people.get("dana")?.enabled).toBe(false);
    expect(front.fleet.summary.root).toBe(back.fleet.summary.root);
  });

  it("forget whoever is removed at one of them, say so, and confirm it to that one", async () => {
    const { front, back } = await two();
    front.enrol("dana", 1);
    await until("dana at the other door", () => back.knows("dana", 1));
    await front.people.remove("dana", "test");
    expect((await front.fleet.status()).removals).toMatchObject([{ by: "front", waitingFor: ["back"] }]);
    await until("dana forgotten", () => back.people.get("dana") === undefined);
    expect(back.knows("dana", 1)).toBe(false);
    const said = back.events.read(0, 100).filter(({ type }) => type === "removed");
    expect(said).toMatchObject([{ person: "dana", by: "fleet:front" }]);
    await poll(
      () => front.fleet.status(),
      ({ removals }) => removals.length === 0,
      () => "not confirmed",
      15_000,
    );
  });

  it("leave the broker nothing to read: no name, no id, no vector", async () => {
    const { world, front, back } = await two();
    front.enrol("dana", 1, { consent: "form-17" });
    await until("dana at the other door", () => back.knows("dana", 1));
    for (const [topic, text] of world.broker.retained) {
      const seen =
        topic +
        text +
        text
          .split(".")
          .map((part) => Buffer.from(part, "base64url").toString("latin1"))
          .join();
      expect(seen).not.toMatch(/dana|form-17/i);
    }
    expect(personTopics(world)).toHaveLength(1);
  });

  it("do not take anybody back whom an old bridge brings, and put the broker right", async () => {
    const { world, front, back } = await two();
    front.enrol("dana", 1);
    await until("dana at the other door", () => back.knows("dana", 1));
    const [kept] = personTopics(world);
    if (!kept) throw new Error("a record");
    await back.people.remove("dana", "test");
    await until("dana forgotten", () => front.people.get("dana") === undefined);
    const [topic, old] = kept;
    world.broker.publish(topic, old, { from: "bridge", isRetained: true });
    await until("refused", () => [front, back].every(({ fleet }) => (fleet.summary.refused.older ?? 0) > 0));
    expect([...front.ids, ...back.ids]).toEqual([]);
    const again = await world.open("front");
    again.connect(world.broker);
    await until("the removal at the broker again", () => world.broker.retained.get(topic) !== old, 20_000);
    await caughtUp(again);
    expect(again.ids).toEqual([]);
  });

  it("give a broker that has lost everything what it had, and a door that is new gets it all", async () => {
    const { world, front, back } = await two();
    await world.admit(["side"]);
    for (let n = 0; n < 5; n++) (n % 2 ? front : back).enrol(`person-${n}`, n);
    await agree(5, front, back);
    await until("everybody", () => front.ids.length === 5);
    await front.people.remove("person-0", "test");
    await until("four", () => back.ids.length === 4);
    for (const door of [front, back]) door.disconnect();
    world.broker.retained.clear();
    for (const door of [front, back]) door.connect(world.broker);
    await front.fleet.adoptRoster(world.roster);
    await until("everything at the broker", () => personTopics(world).length === 5, 20_000);
    const side = await world.open("side");
    side.connect(world.broker);
    await caughtUp(side);
    await until("everybody", () => side.ids.length === 4);
    expect(side.fleet.summary).toMatchObject({ people: 4, removed: 1, root: front.fleet.summary.root });
  });

  it("tell each other what was changed while they were off", async () => {
    const { world, front, back } = await two();
    front.enrol("dana", 1);
    front.enrol("bob", 2);
    await until("both", () => back.ids.length === 2);
    // As the commands do it when no daemon runs: the fleet is not there to hear of it.
    await front.fleet.stop();
    front.people.update("dana", { name: "Dana Renamed" }, "test");
    await front.people.remove("bob", "test");
    front.enrol("carol", 3);
    const again = await world.open("front");
    again.connect(world.broker);
    await until("told", () => back.ids.join() === "carol,dana" && back.people.get("dana")?.name === "Dana Renamed");
  });

  it("that both enrol somebody under one id while apart end with the same one", async () => {
    const { world, front, back } = await two();
    front.disconnect();
    back.disconnect();
    front.enrol("dana", 1);
    back.enrol("dana", 2);
    front.connect(world.broker);
    back.connect(world.broker);
    await agree(1, front, back);
    await until("one dana", () => front.knows("dana", 1) === back.knows("dana", 1));
    expect(back.knows("dana", 2)).toBe(front.knows("dana", 2));
    expect(front.knows("dana", 1)).not.toBe(front.knows("dana", 2));
  });

  it("take only the groups they are there for, and let go of who leaves these", async () => {
    const world = await FleetWorld.of("front", "lab");
    const [front, lab] = [await world.open("front"), await world.open("lab", { groups: ["science"] })];
    for (const door of [front, lab]) door.connect(world.broker);
    await caughtUp(front, lab);
    front.enrol("dana", 1, { groups: ["science"] });
    front.enrol("bob", 2, { groups: ["staff"] });
    await agree(2, front, lab);
    await until("dana in the laboratory", () => lab.knows("dana", 1));
    expect(lab.ids).toEqual(["dana"]);
    front.people.update("dana", { groups: ["staff"] }, "test");
    await until("dana gone from the laboratory", () => lab.ids.length === 0);
    expect(front.ids).toEqual(["bob", "dana"]);
    front.people.update("bob", { groups: ["science", "staff"] }, "test");
    await until("bob in the laboratory", () => lab.knows("bob", 2));
  });
});

describe("a door that may only read", { timeout: 60_000 }, () => {
  it("knows everybody; what is changed there stays there", async () => {
    const world = await FleetWorld.of("front");
    await world.admit(["kiosk"], false);
    const [front, kiosk] = [await world.open("front"), await world.open("kiosk")];
    for (const door of [front, kiosk]) door.connect(world.broker);
    await caughtUp(front, kiosk);
    front.enrol("dana", 1);
    await until("dana at the kiosk", () => kiosk.knows("dana", 1));
    kiosk.enrol("mallory", 2);
    await kiosk.people.remove("dana", "test");
    front.enrol("carol", 3);
    await until("carol at the kiosk", () => kiosk.knows("carol", 3));
    expect(front.ids).toEqual(["carol", "dana"]);
  });
});

describe("a door that is put out", { timeout: 60_000 }, () => {
  it("reads and writes nothing any more, and what it wrote is signed anew by another", async () => {
    const { world, front, back } = await two();
    back.enrol("dana", 1);
    await until("dana at the front", () => front.knows("dana", 1));
    await world.revoke("back");
    await front.fleet.adoptRoster(world.roster);
    await until("back knows", () => back.fleet.summary.state === "no-member");
    back.enrol("mallory", 2);
    front.enrol("carol", 3);
    const rewritten = () =>
      world.broker.published.filter(({ from, topic }) => from === "front" && topic.includes("/person/"));
    await until("dana signed by the front", () => rewritten().length >= 2, 15_000);
    await world.admit(["side"]);
    await front.fleet.adoptRoster(world.roster);
    const side = await world.open("side");
    side.connect(world.broker);
    await caughtUp(front, side);
    await until("everybody", () => side.ids.join() === "carol,dana");
    expect(back.ids).toEqual(["dana", "mallory"]);
  });

  it("does not come back with an old roster", async () => {
    const { world, front } = await two();
    const before = world.roster;
    await world.revoke("back");
    await front.fleet.adoptRoster(world.roster);
    world.broker.publish("lintel-fleet/hq/roster", before, { from: "bridge", isRetained: true });
    await until("refused", () => (front.fleet.summary.refused.older ?? 0) > 0);
    await expect(front.fleet.adoptRoster(before)).rejects.toThrow("older");
    expect(front.fleet.summary.roster).toBe(world.site.version);
  });
});

describe("messages that are no records", { timeout: 60_000 }, () => {
  it("are refused, counted and written down within bounds; nobody becomes known by them", async () => {
    const { world, front, back } = await two();
    front.enrol("dana", 1);
    await until("dana at the other door", () => back.knows("dana", 1));
    const [kept] = personTopics(world);
    if (!kept) throw new Error("a record");
    const elsewhere = `lintel-fleet/hq/person/${"a/".padEnd(33, "b")}`;
    const say = (topic: string, payload: string | Buffer) =>
      world.broker.publish(topic, payload, { from: "x", isRetained: true });
    for (let n = 0; n < 40; n++) say(elsewhere, rubbish(300));
    say(elsewhere, kept[1]);
    say(elsewhere, rubbish(600 * 1024));
    say("lintel-fleet/hq/roster", rubbish(500).toString("base64url"));
    say("lintel-fleet/hq/door/front", rubbish(500));
    say("lintel-fleet/hq/door/nobody", rubbish(500));
    const { refused } = back.fleet.summary;
    await until("refused", () => (back.fleet.summary.refused.malformed ?? 0) >= 40);
    await until("each kind", () => {
      const counts = back.fleet.summary.refused;
      return ["wrong-topic", "too-large", "bad-signature", "unknown-door"].every((reason) => (counts[reason] ?? 0) > 0);
    });
    expect(refused).not.toBe(back.fleet.summary.refused);
    const written = back.events.read(0, 1000).filter(({ type }) => type === "request-refused");
    expect(written.length).toBeGreaterThan(3);
    expect(written.filter(({ reason }) => reason === "malformed").length).toBeLessThanOrEqual(10);
    expect(back.ids).toEqual(["dana"]);
    front.enrol("carol", 3);
    await until("and goes on", () => back.knows("carol", 3));
  });
});
