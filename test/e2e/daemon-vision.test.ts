import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { roles } from "../../src/simulation/roles.ts";
import { hasProgram, isRunning } from "../support/camera-kit.ts";
import { DoorRig } from "../support/door-rig.ts";

describe("the eyes of a door", () => {
  let rig: DoorRig;

  beforeAll(async () => {
    rig = await DoorRig.open({ config: { door: { id: "rig", openSeconds: 1, restSeconds: 0 } } });
    await rig.enrolAlice();
  });
  afterAll(() => rig?.stop());
  afterEach(async () => {
    rig.world.command({ type: "replug" });
    await rig.clear();
  });

  it("are back within two seconds of a SIGKILL, and the enrolled person gets in again", async () => {
    expect(await rig.letAliceIn()).toMatchObject({ type: "granted", person: "alice" });
    const from = rig.daemon.lines.length;
    const killedMs = systemClock.nowMs();
    process.kill(rig.daemon.pidOf("vision"), "SIGKILL");
    await rig.daemon.logged("vision ready", 10_000, from);
    await rig.daemon.logged("camera ok", 10_000, from);
    expect(systemClock.nowMs() - killedMs).toBeLessThan(2000);
    expect(await rig.letAliceIn()).toMatchObject({ type: "granted", person: "alice" });
  });

  it("are ended and started anew when they hang, and nothing opens meanwhile", async () => {
    const mark = await rig.mark();
    const from = rig.daemon.lines.length;
    const hung = rig.daemon.pidOf("vision");
    process.kill(hung, "SIGSTOP");
    await rig.daemon.logged("child is silent, ending it", 8000, from);
    await rig.daemon.logged("vision ready", 10_000, from);
    expect(isRunning(hung)).toBe(false);
    await rig.untilHealthy();
    expect(await rig.openings(mark)).toEqual([]);
  });

  for (const fault of ["freeze", "unplug"] as const) {
    it(`say that the camera is lost after ${fault}, and come back by themselves with nothing opened`, async () => {
      const mark = await rig.mark();
      const from = rig.daemon.lines.length;
      rig.world.command({ type: fault });
      await rig.untilHealthy(({ ok, vision }) => !ok && vision.camera === "lost", 8000);
      rig.world.command({ type: "clear" });
      rig.world.command({ type: "replug" });
      await rig.untilHealthy(({ ok }) => ok, 8000);
      expect(await rig.openings(mark)).toEqual([]);
      const lost = rig.daemon.complaints(from).filter(({ msg }) => msg === "camera lost");
      expect(lost.map(({ text }) => text)).toHaveLength(1);
    });
  }

  it("open nothing on a picture that is stuck with Alice in it, and say that it is", async () => {
    const { event } = await rig.listen(["granted"]);
    rig.enter({ id: "alice", actor: roles.enrolled });
    await event;
    rig.world.command({ type: "repeat" });
    // Her opening, which had begun before, is over.
    await rig.untilLocked();
    const mark = await rig.mark();
    const { vision } = await rig.untilHealthy(({ ok }) => !ok, 15_000);
    expect(vision).toMatchObject({ camera: "lost", cameraProblem: "frozen" });
    rig.world.command({ type: "clear" });
    rig.world.command({ type: "replug" });
    await rig.untilHealthy(({ ok }) => ok, 8000);
    expect(await rig.openings(mark)).toEqual([]);
  });

  it("let Alice in beside a stranger, and the stranger is not taken for her", async () => {
    const from = (await rig.events()).length + 1;
    const { event } = await rig.listen(["granted"]);
    rig.enter({ id: "stranger", actor: roles.strangers[0], besideM: -0.22 });
    rig.enter({ id: "alice", actor: roles.enrolled, besideM: 0.22 });
    expect(await event).toMatchObject({ type: "granted", person: "alice" });
    await rig.clear();
    const events = await rig.events(from);
    expect(events.filter(({ type }) => type === "granted")).toHaveLength(1);
  });

  it("never open for a print of Alice that a stranger holds", async () => {
    // The opening for Alice herself is over, and so are its events.
    await rig.untilLocked();
    const mark = await rig.mark();
    const { event } = await rig.listen(["spoof", "denied", "granted", "opened"]);
    rig.enter({ id: "print", actor: roles.enrolled, as: "print" });
    const said = await event;
    expect(["spoof", "denied"]).toContain(said.type);
    expect(said.type === "spoof" ? said.imitated : said.person).toBe("alice");
    expect(await rig.openings(mark)).toEqual([]);
  });
});

const hasFfmpeg = hasProgram("ffmpeg");

describe.skipIf(!hasFfmpeg)(`a door that looks through ffmpeg${hasFfmpeg ? "" : " (left out: no ffmpeg)"}`, () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await DoorRig.open({
      hasWorld: false,
      config: { camera: { driver: "ffmpeg", source: "TEST:", width: 320, height: 240 } },
    });
  });
  afterAll(() => rig?.stop());

  it("has no ffmpeg left behind when vision is killed, and a new one when vision is back", async () => {
    const before = { vision: rig.daemon.pidOf("vision"), ffmpeg: rig.daemon.pidOf("ffmpeg") };
    process.kill(before.vision, "SIGKILL");
    await expect.poll(() => isRunning(before.ffmpeg), { timeout: 2000 }).toBe(false);
    await expect.poll(() => rig.daemon.child("vision") ?? before.vision, { timeout: 5000 }).not.toBe(before.vision);
    await rig.untilHealthy();
    expect(rig.daemon.everything().filter(({ command }) => command.includes("ffmpeg"))).toHaveLength(1);
  });

  it("gets a new ffmpeg when ffmpeg alone is killed, by the same vision", async () => {
    const before = { vision: rig.daemon.pidOf("vision"), ffmpeg: rig.daemon.pidOf("ffmpeg") };
    process.kill(before.ffmpeg, "SIGKILL");
    await expect.poll(() => rig.daemon.child("ffmpeg") ?? before.ffmpeg, { timeout: 5000 }).not.toBe(before.ffmpeg);
    await rig.untilHealthy();
    expect(rig.daemon.pidOf("vision")).toBe(before.vision);
  });
});
