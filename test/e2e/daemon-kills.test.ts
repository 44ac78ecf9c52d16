import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { isRunning } from "../support/camera-kit.ts";
import { DoorRig } from "../support/door-rig.ts";

const openMs = 3000;
/** After the end of the time asked, as the chip recorded it. */
const lateMs = 50;
/** From a kill of whoever holds the strike to the strike locked. */
const promptMs = 150;

/** SIGKILL of one process in the middle of an opening; the judge is the record of the simulated chip. */
describe("an opening of three seconds while a process is killed", () => {
  let rig: DoorRig;
  let mark: number;

  beforeAll(async () => {
    rig = await DoorRig.open();
    await rig.enrolAlice();
  });
  afterAll(() => rig?.stop());
  beforeEach(async () => {
    await rig.untilHealthy();
    mark = await rig.mark();
  });

  const openForThree = async () => {
    await rig.ask("door/unlock", { seconds: openMs / 1000 });
    return (await rig.opened(mark)).atMs;
  };
  const kill = (pid: number) => {
    const atMs = systemClock.nowMs();
    process.kill(pid, "SIGKILL");
    return atMs;
  };
  const openedOnce = async () => {
    expect(await rig.openings(mark)).toHaveLength(1);
  };

  it("does not last longer when vision dies, and vision's return opens nothing", async () => {
    const openedMs = await openForThree();
    const vision = rig.daemon.pidOf("vision");
    kill(vision);
    const { atMs } = await rig.locked(mark);
    expect(atMs - openedMs).toBeLessThan(openMs + lateMs);
    expect(atMs - openedMs).toBeGreaterThan(openMs - 200);
    await rig.untilHealthy();
    expect(rig.daemon.pidOf("vision")).not.toBe(vision);
    await openedOnce();
  });

  it("does not last longer when the camera dies, and its return opens nothing", async () => {
    const openedMs = await openForThree();
    kill(rig.world.pid ?? Number.NaN);
    const { atMs } = await rig.locked(mark);
    expect(atMs - openedMs).toBeLessThan(openMs + lateMs);
    await rig.untilHealthy(({ ok, vision }) => !ok && vision.camera === "lost");
    await rig.startWorld();
    await rig.untilHealthy();
    await openedOnce();
  });

  it("ends at once when the guard dies, and the next guard does not open again", async () => {
    await openForThree();
    const guard = rig.daemon.pidOf("guard");
    const killedMs = kill(guard);
    const { atMs, cause } = await rig.locked(mark);
    expect(atMs - killedMs).toBeLessThan(promptMs);
    expect(cause).toBe("released");
    await rig.untilHealthy(({ lock }) => lock === "locked");
    expect(rig.daemon.pidOf("guard")).not.toBe(guard);
    expect((await rig.events()).at(-1)).toMatchObject({ type: "closed" });
    await openedOnce();
  });

  it("ends at once when a grant's opening loses its guard, and the person has to come again", async () => {
    await rig.letAliceIn();
    await rig.opened(mark);
    const killedMs = kill(rig.daemon.pidOf("guard"));
    const { atMs } = await rig.locked(mark);
    expect(atMs - killedMs).toBeLessThan(promptMs);
    await rig.untilHealthy();
    await openedOnce();
  });

  it("ends at once when lintel dies, nothing of it survives, and the next one starts locked", async () => {
    await openForThree();
    const children = rig.daemon.everything().map(({ pid }) => pid);
    expect(children.length).toBeGreaterThanOrEqual(2);
    const killedMs = kill(rig.daemon.pid);
    const { atMs } = await rig.locked(mark);
    expect(atMs - killedMs).toBeLessThan(promptMs);
    await expect.poll(() => children.filter(isRunning), { timeout: 3000 }).toEqual([]);
    await rig.startDaemon();
    await rig.untilHealthy(({ ok, people }) => ok && people === 1);
    await openedOnce();
  });
});
