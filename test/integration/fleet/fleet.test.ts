import { describe, expect, it } from "vitest";
import { FleetWorld } from "../../support/fleet-kit.ts";
import { until } from "../../support/mqtt-kit.ts";

const caughtUp = (...doors: { fleet: { summary: { state: string } } }[]) =>
  until("caught up", () => doors.every(({ fleet }) => fleet.summary.state === "caught-up"));

describe("doors of one site", () => {
  it("know whoever is enrolled at one of them, as what was enrolled there", async () => {
    const world = await FleetWorld.of("front", "back");
    const [front, back] = [await world.open("front"), await world.open("back")];
    front.connect(world.broker);
    back.connect(world.broker);
    await caughtUp(front, back);
    front.enrol("dana", 1, { groups: ["staff"] });
    await until("dana at the other door", () => back.knows("dana", 1));
    expect(back.people.get("dana")).toMatchObject({ name: "Name of dana", groups: ["staff"], templates: 1 });
    back.people.update("dana", { name: "Dana Example", enabled: false }, "test");
    await until("the change at the first", () => front.people.get("dana")?.name === "Dana Example");
    expect(front.people.get("dana")?.enabled).toBe(false);
    expect(front.fleet.summary.root).toBe(back.fleet.summary.root);
  });

  it("forget whoever is removed at one of them, say so, and confirm it", async () => {
    const world = await FleetWorld.of("front", "back");
    const [front, back] = [await world.open("front"), await world.open("back")];
    front.connect(world.broker);
    back.connect(world.broker);
    await caughtUp(front, back);
    front.enrol("dana", 1);
    await until("dana at the other door", () => back.knows("dana", 1));
    await front.people.remove("dana", "test");
    await until("dana forgotten", () => back.people.get("dana") === undefined);
    expect(back.knows("dana", 1)).toBe(false);
    expect(back.events.read(0, 100).filter(({ type }) => type === "removed")).toMatchObject([
      { person: "dana", by: "fleet:front" },
    ]);
    await until("confirmed", () => world.broker.published.some(({ from }) => from === "back"));
    let removals = (await front.fleet.status()).removals;
    for (let turn = 0; removals.length > 0 && turn < 800; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      removals = (await front.fleet.status()).removals;
    }
    expect(removals).toEqual([]);
  });
});
