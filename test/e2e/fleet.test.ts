import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/simulation/roles.ts";
import { root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";
import { hasMosquitto, Mosquitto, mosquittoReason } from "../support/mqtt-kit.ts";
import { poll } from "../support/poll.ts";

const lintel = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(root, "dist/cli/main.js"), ...args],
      { timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
const done = async (...args: string[]) => {
  const said = await lintel(...args);
  expect(said, args.join(" ")).toMatchObject({ code: 0 });
  return said.stdout;
};

describe.skipIf(!hasMosquitto)(
  `two doors of one site, each its own daemon${mosquittoReason}`,
  { timeout: 180_000 },
  () => {
    let broker: Mosquitto;
    let desk: DoorRig;
    let gate: DoorRig;

    beforeAll(async () => {
      broker = await Mosquitto.make();
      await broker.start();
      desk = await DoorRig.prepare({ hasWorld: false });
      gate = await DoorRig.prepare();
    }, 180_000);
    afterAll(async () => {
      await desk?.stop();
      await gate?.stop();
      await broker?.dispose();
    });

    const statusOf = async (rig: DoorRig) =>
      JSON.parse((await lintel("fleet", "status", "--json", "--config", rig.configFile)).stdout);
    const inStep = (rig: DoorRig) =>
      poll(
        () => statusOf(rig),
        ({ state, doors }) => state === "caught-up" && doors[0]?.standing === "in-step" && doors[0].unconfirmed === 0,
        () => "not in step",
        60_000,
      );

    it("know whoever is enrolled at one: she enters at the other, until she is removed", async () => {
      const owner = join(desk.folder, "hq.owner");
      const { owner: key } = JSON.parse(await done("fleet", "init", "hq", "--owner-file", owner, "--json"));
      const joins: string[] = [];
      for (const [rig, id] of [
        [desk, "desk"],
        [gate, "gate"],
      ] as const) {
        rig.configure({ door: { id }, mqtt: { url: broker.url }, fleet: { site: "hq", owner: key } });
        const file = join(rig.folder, `${id}.join`);
        writeFileSync(file, await done("fleet", "join", "--config", rig.configFile));
        joins.push(file);
      }
      const roster = join(desk.folder, "hq.roster");
      writeFileSync(roster, await done("fleet", "admit", "--owner-file", owner, ...joins));
      await desk.startDaemon();
      await gate.startDaemon();
      await gate.untilHealthy();
      expect(await done("fleet", "roster", roster, "--config", desk.configFile)).toContain("doors: desk, gate");
      await inStep(desk);

      await desk.enrolAlice();
      await poll(
        () => gate.health(),
        ({ people }) => people === 1,
        () => "alice is not known at the gate",
        30_000,
      );
      const mark = await gate.mark();
      gate.enter({ id: "alice", actor: roles.enrolled });
      await gate.opened(mark, 60_000);
      await gate.clear();

      expect(await desk.ask("people/remove", { id: "alice" })).toMatchObject({ person: "alice" });
      await poll(
        () => gate.health(),
        ({ people }) => people === 0,
        () => "alice is not forgotten at the gate",
        30_000,
      );
      const removed = (await gate.events()).filter(({ type }) => type === "removed");
      expect(removed).toMatchObject([{ person: "alice", by: "fleet:desk" }]);
      expect((await inStep(desk)).removals).toEqual([]);
      expect((await lintel("fleet", "status", "--config", gate.configFile)).stdout).toContain(
        "gate of hq has caught up",
      );
    });

    it("are told by hand what is wrong: a roster that is none, a site that is there already", async () => {
      const nothing = join(desk.folder, "nothing");
      writeFileSync(nothing, "nothing");
      const refused = await lintel("fleet", "roster", nothing, "--config", desk.configFile);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain("does not count");
      const again = await lintel("fleet", "init", "hq", "--owner-file", join(desk.folder, "hq.owner"));
      expect(again).toMatchObject({ code: 2 });
      const strange = await lintel("fleet", "admit", "--owner-file", join(desk.folder, "hq.owner"), nothing);
      expect(strange).toMatchObject({ code: 2, stdout: "" });
    });
  },
);
