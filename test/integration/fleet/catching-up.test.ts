import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import type { AccessJudge } from "../../../src/daemon/admission/types.ts";
import { judgeWithFreshList } from "../../../src/daemon/fleet/guard.ts";
import { type FleetDoor, FleetWorld } from "../../support/fleet-kit.ts";
import { until } from "../../support/mqtt-kit.ts";

const state = (door: FleetDoor) => door.fleet.summary.state;
const isCaughtUp = (...doors: FleetDoor[]) =>
  until("caught up", () => doors.every((door) => state(door) === "caught-up"), 15_000);

/** Two doors that know Alice, of which the second is away. */
async function oneAway() {
  const world = await FleetWorld.of("front", "back");
  const [front, back] = [await world.open("front"), await world.open("back")];
  for (const door of [front, back]) door.connect(world.broker);
  await isCaughtUp(front, back);
  front.enrol("alice", 1);
  await until("alice at both", () => back.knows("alice", 1));
  // Until the manifest that has her stands at the broker.
  await until("settled", () => world.broker.published.filter(({ topic }) => topic.endsWith("/door/back")).length >= 2);
  back.disconnect();
  return { world, front, back };
}

describe("a door that comes back", { timeout: 60_000 }, () => {
  it("admits nobody new before the manifest has come; whoever it knew goes in meanwhile", async () => {
    const { world, front, back } = await oneAway();
    front.enrol("carol", 3);
    world.broker.withholds = (topic, to) => to === "back" && topic.includes("/door/");
    back.connect(world.broker);
    await until("the record has come", () => back.fleet.summary.people === 2);
    await until("it waits for the manifest", () => state(back) === "no-manifest");
    expect(back.ids).toEqual(["alice"]);
    expect(back.fleet.isListTrusted()).toBe(true);
    expect((await back.fleet.status()).waiting).toBe(1);
    world.broker.withholds = () => false;
    back.connect(world.broker);
    await until("carol", () => back.knows("carol", 3), 15_000);
  });

  it("forgets who was removed at once, manifest or not", async () => {
    const { world, front, back } = await oneAway();
    await front.people.remove("alice", "test");
    world.broker.withholds = (topic, to) => to === "back" && topic.includes("/door/");
    back.connect(world.broker);
    await until("alice forgotten", () => back.ids.length === 0);
    expect(state(back)).not.toBe("caught-up");
  });

  it("notices that a broker keeps a removal from it, and admits nobody new until it gets it", async () => {
    const { world, front, back } = await oneAway();
    await front.people.remove("alice", "test");
    const removal = [...world.broker.retained.keys()].find((topic) => topic.includes("/person/")) ?? "";
    front.enrol("carol", 3);
    await until("two records", () => front.fleet.summary.people + front.fleet.summary.removed === 2);
    await until("told", () => world.broker.published.filter(({ topic }) => topic.endsWith("/door/front")).length >= 3);
    world.broker.withholds = (topic, to) => to === "back" && topic === removal;
    back.connect(world.broker);
    await until("behind", () => state(back) === "behind");
    expect(back.ids).toEqual(["alice"]);
    world.broker.withholds = () => false;
    back.connect(world.broker);
    await until("all is right", () => back.ids.join() === "carol", 15_000);
  });

  it("keeps what it was told while it was killed in the middle of catching up", async () => {
    const { world, front, back } = await oneAway();
    for (let n = 3; n < 8; n++) front.enrol(`person-${n}`, n);
    world.broker.withholds = (topic, to) => to === "back" && topic.includes("/door/");
    back.connect(world.broker);
    await until("they wait", () => back.fleet.summary.people === 6);
    const again = await world.open("back");
    expect(again.ids).toEqual(["alice"]);
    world.broker.withholds = () => false;
    again.connect(world.broker);
    await until("everybody", () => again.ids.length === 6, 15_000);
    expect(again.fleet.summary.root).toBe(front.fleet.summary.root);
  });
});

describe("a list that is too old", { timeout: 60_000 }, () => {
  /** No rules: whoever is known may pass. */
  const everybody: AccessJudge = {
    isClockTrusted: () => true,
    judge: () => ({ ok: true, rule: null, secondFactor: null, isPassedBack: false }),
    entered: () => {},
  };
  const mayPass = (door: FleetDoor) => {
    const judge = judgeWithFreshList(everybody, door.fleet);
    const person = door.people.get("alice");
    if (!person) throw new Error("alice is known");
    return judge.judge(person, { at: new Date(), faceSinceMs: 0, hasCompanion: false });
  };

  it("opens for nobody until the door has caught up", async () => {
    const { world } = await oneAway();
    const date = () => new Date(Date.now() + 40 * 86_400_000);
    const back = await world.open("back", { date });
    expect(mayPass(back)).toMatchObject({ ok: false, reason: "stale" });
    const front = await world.open("front", { date });
    front.connect(world.broker);
    back.connect(world.broker);
    await isCaughtUp(front, back);
    expect(mayPass(back)).toMatchObject({ ok: true });
  });

  it("is one whose age nobody can tell: the clock is not set", async () => {
    const { world } = await oneAway();
    const back = await world.open("back", { isClockTrusted: () => false });
    expect(mayPass(back)).toMatchObject({ ok: false, reason: "stale" });
  });

  it("is not that of a door that was away for a night", async () => {
    const { world } = await oneAway();
    const date = () => new Date(Date.now() + 12 * 3_600_000);
    expect(mayPass(await world.open("back", { date }))).toMatchObject({ ok: true });
  });

  it("is not that of a door that has just been put into a fleet", async () => {
    const world = await FleetWorld.of("front");
    const front = await world.open("front");
    front.enrol("alice", 1);
    expect(mayPass(front)).toMatchObject({ ok: true });
  });
});

describe("whatever happens, in whatever order", { timeout: 60_000 }, () => {
  it.each([1, 2])("doors that can speak again end with the same people (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const ids = ["a", "b", "c"];
    const world = await FleetWorld.of(...ids);
    const doors: FleetDoor[] = [];
    for (const id of ids) doors.push(await world.open(id, { random: seededRandom(seed + id.charCodeAt(0)) }));
    const old: [string, string][] = [];
    for (let step = 0; step < 60; step++) {
      const door = pick(doors);
      const person = `person-${Math.floor(random() * 6)}`;
      const known = door.people.get(person);
      const dice = random();
      if (dice < 0.2) door.connect(world.broker);
      else if (dice < 0.3) door.disconnect();
      else if (dice < 0.35) world.broker.retained.delete(pick([...world.broker.retained.keys()]) ?? "");
      else if (dice < 0.45 && old.length > 0) {
        const [topic, text] = pick(old);
        world.broker.publish(topic, text, { from: "bridge", isRetained: true });
      } else if (dice < 0.7 || !known) door.enrol(person, 100 * seed + step);
      else if (dice < 0.85) door.people.update(person, { name: `Name ${step}` }, "test");
      else await door.people.remove(person, "test");
      old.push(...[...world.broker.retained].filter(([topic]) => topic.includes("/person/") && random() < 0.2));
      await new Promise((resolve) => setTimeout(resolve, random() < 0.2 ? 15 : 1));
    }
    for (const door of doors) door.connect(world.broker);
    const told = (door: FleetDoor) => JSON.stringify(door.people.list().map(({ createdAt: _, ...person }) => person));
    await until("one root", () => new Set(doors.map(({ fleet }) => fleet.summary.root)).size === 1, 30_000);
    await isCaughtUp(...doors);
    await until("one list", () => new Set(doors.map(told)).size === 1, 15_000);
    expect(doors.map((door) => door.ids.length)).toEqual(doors.map((door) => door.fleet.summary.people));
  });
});
