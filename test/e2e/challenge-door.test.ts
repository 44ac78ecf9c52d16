import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/simulation/roles.ts";
import { root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";

describe("a door at level active", () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.open({
      config: {
        door: { id: "rig", openSeconds: 1, restSeconds: 0 },
        liveness: { level: "active", colouredLight: "deny" },
      },
    });
    await rig.enrolAlice();
  });
  afterAll(() => rig?.stop());
  afterEach(async () => {
    rig.obeys = true;
    rig.paints = true;
    await rig.clear();
  });

  it("opens for Alice, who does what its display asks, and holds still before its colours", async () => {
    const mark = await rig.mark();
    expect(await rig.letAliceIn()).toMatchObject({ type: "granted", person: "alice" });
    await rig.opened(mark);
    const steps = rig.shown.filter(({ challenge }) => challenge?.isRunning);
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(new Set(steps.map(({ prompt }) => prompt)).size).toBeGreaterThanOrEqual(2);
    // The colours came after that. The drawn lobby is too bright for them, which denies nobody.
    expect(steps.filter(({ prompt }) => prompt === "hold-still").length).toBeGreaterThanOrEqual(4);
  });

  it("enrols a newcomer who shows three views and then does what the display asks; nothing opens", async () => {
    await rig.untilLocked();
    const mark = await rig.mark();
    const stages: unknown[] = [];
    const request = { id: "bob", name: "Bob Example", seconds: 60 };
    const answer = rig.ask("people/enroll", request, (data) => {
      const { stage } = data as { stage: string };
      stages.push(stage);
      if (stage === "started") rig.enter({ id: "bob", actor: roles.newcomer });
    });
    expect(await answer).toMatchObject({ stage: "enrolled", id: "bob", templates: 3, refused: [] });
    expect(stages.filter((stage) => stage === "view" || stage === "challenge")).toEqual([
      ...["view", "view", "view"],
      "challenge",
    ]);
    expect(await rig.openings(mark)).toEqual([]);
  });

  it("never opens for a replay of Alice turning her head: it is seen to be a screen, or fails the challenge", async () => {
    await rig.untilLocked();
    const mark = await rig.mark();
    const { event } = await rig.listen(["denied", "spoof", "granted"], 45_000);
    rig.enter({ id: "replay", actor: roles.enrolled, as: "phone-replay" });
    const { type, reason } = await event;
    expect(["spoof: not-live", "denied: challenge-failed"]).toContain(`${type}: ${reason}`);
    expect(await rig.openings(mark)).toEqual([]);
  }, 60_000);

  it("does not open for Alice while nobody paints what she is asked, and says that the display is missing", async () => {
    rig.paints = false;
    rig.obeys = false;
    const mark = await rig.mark();
    const { event } = await rig.listen(["denied", "spoof", "granted"]);
    rig.enter({ id: "alice", actor: roles.enrolled });
    expect(await event).toMatchObject({ type: "denied", reason: "display-missing", person: "alice" });
    expect(await rig.openings(mark)).toEqual([]);
  }, 40_000);
});

it("level strict without its networks ends with code 78 and one line that says how to get them", async () => {
  const rig = await DoorRig.prepare({ hasWorld: false });
  try {
    rig.configure({ liveness: { level: "strict" }, models: { cacheDirectory: `${rig.folder}/no-models` } });
    const args = [join(root, "dist/cli/main.js"), "run", "--config", rig.configFile];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 20_000 });
    expect(status, stderr).toBe(78);
    expect(stderr).toMatch(/liveness\.level strict needs the anti-spoofing networks: .*lintel models add/);
    expect(await rig.openings()).toEqual([]);
  } finally {
    await rig.stop();
  }
});
