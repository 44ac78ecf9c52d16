import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { makeBackup } from "../../../src/daemon/store/backup.ts";
import { restoreBackup } from "../../../src/daemon/store/restore.ts";
import { type FleetDoor, FleetWorld } from "../../support/fleet-kit.ts";
import { until } from "../../support/mqtt-kit.ts";

const isCaughtUp = (...doors: FleetDoor[]) =>
  until("caught up", () => doors.every((door) => door.fleet.summary.state === "caught-up"), 15_000);

/** Two doors that know Alice and Bob; a backup of the second; then Alice is removed at the first and everybody has heard. */
async function removedSince() {
  const world = await FleetWorld.of("front", "back");
  const [front, back] = [await world.open("front"), await world.open("back")];
  for (const door of [front, back]) door.connect(world.broker);
  await isCaughtUp(front, back);
  front.enrol("alice", 1);
  front.enrol("bob", 2);
  await until("both at both", () => back.knows("alice", 1) && back.knows("bob", 2));
  await until("the door has spoken", () => world.broker.published.some(({ topic }) => topic.endsWith("/door/back")));
  const file = join(world.directory("front"), "back.lintel");
  makeBackup(world.directory("back"), file);
  await front.people.remove("alice", "test");
  await until("alice forgotten", () => !back.ids.includes("alice"));
  await isCaughtUp(front, back);
  await back.close();
  const place = { stateDirectory: world.directory("back"), keyFile: undefined, credentialsDirectory: undefined };
  const report = restoreBackup({
    ...{ place, file, replace: true, unverified: false },
    ...{ clock: systemClock, logger: silentLogger },
  });
  return { world, front, report };
}

describe("a door of a fleet that was restored from a backup", { timeout: 60_000 }, () => {
  it("lets nobody in by its old list before it has caught up with the others", async () => {
    const { world, report } = await removedSince();
    expect(report.isInFleet).toBe(true);
    expect(report.people.map(({ id }) => id)).toEqual(["alice", "bob"]);
    const restored = await world.open("back");
    expect(restored.ids).toEqual(["alice", "bob"]);
    expect(restored.fleet.isListTrusted()).toBe(false);
    world.broker.withholds = (topic, to) => to === "back" && topic.includes("/door/");
    restored.connect(world.broker);
    await until("it waits for the others", () => restored.fleet.summary.state === "no-manifest");
    expect(restored.fleet.isListTrusted()).toBe(false);
  });

  it("forgets who was removed since, brings them back nowhere, and then is a door like the others", async () => {
    const { world, front } = await removedSince();
    const restored = await world.open("back");
    restored.connect(world.broker);
    await isCaughtUp(front, restored);
    await until("alice forgotten again", () => restored.ids.join() === "bob");
    expect(restored.fleet.isListTrusted()).toBe(true);
    expect(front.ids).toEqual(["bob"]);
    expect(restored.fleet.summary.root).toBe(front.fleet.summary.root);
    restored.enrol("carol", 3);
    await until("carol at both", () => front.knows("carol", 3), 15_000);
  });
});
