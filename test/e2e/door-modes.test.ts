import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DoorRig } from "../support/door-rig.ts";
import { poll } from "../support/poll.ts";

const contactLine = 1;
const allWeek = {
  id: "always",
  timeZone: "UTC",
  weekly: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", until: "24:00" }],
};

describe("the modes of a door over a daemon that is killed", () => {
  let rig: DoorRig;

  const mode = async () => (await rig.events()).findLast(({ type }) => type === "mode");
  const start = async () => {
    await rig.startDaemon();
    await rig.untilHealthy(({ lock }) => lock !== "unknown");
  };
  const killAndStart = async () => {
    rig.daemon.kill("SIGKILL");
    await rig.daemon.ended;
    const mark = await rig.mark();
    await start();
    return mark;
  };

  beforeEach(async () => {
    const lines = { outputs: { strike: { line: 0 } }, inputs: { contact: { line: contactLine } } };
    rig = await DoorRig.prepare({ hasWorld: false });
    rig.configure({
      door: { id: "rig", passageSchedule: "always" },
      clock: { requireSync: false },
      gpio: { driver: "simulated", socketPath: rig.chipSocket, ...lines },
    });
    await start();
  });
  afterEach(() => rig?.stop());

  it("a lockdown goes on and refuses from the first moment", async () => {
    await rig.ask("door/mode", { mode: "lockdown" });
    const mark = await killAndStart();
    await expect(rig.ask("door/unlock", {})).rejects.toThrow(/lockdown/);
    expect(await rig.openings(mark)).toEqual([]);
    await rig.ask("door/mode", { mode: "normal" });
    await rig.ask("door/unlock", { seconds: 1 });
    await rig.opened(mark);
  });

  it("a passage that was commanded does not come back", async () => {
    let mark = await rig.mark();
    await rig.ask("door/mode", { mode: "passage" });
    await rig.opened(mark);
    mark = await killAndStart();
    await rig.ask("door/unlock", { seconds: 1 });
    await rig.opened(mark);
    await rig.locked(mark);
    expect(await rig.openings(mark)).toHaveLength(1);
  });

  it("a scheduled passage does, until somebody orders the door locked: then it stays so over the next kill", async () => {
    let mark = await rig.mark();
    await rig.ask("access/schedule/put", allWeek);
    await rig.opened(mark);
    mark = await killAndStart();
    await rig.opened(mark, 8000);
    await rig.ask("door/lock", {});
    await rig.locked(mark);
    expect(await mode()).toMatchObject({ mode: "normal", scheduleSuspended: true });
    mark = await killAndStart();
    await rig.ask("door/unlock", { seconds: 1 });
    await rig.locked(mark);
    expect(await rig.openings(mark)).toHaveLength(1);
  });

  it("a forced door is raised, acknowledged and resolved, each once", async () => {
    await rig.chip.drive(contactLine, 1);
    await poll(
      () => rig.ask("alarms/acknowledge", { alarm: "forced" }),
      () => true,
      () => "forced was not raised",
      5000,
    );
    await expect(rig.ask("alarms/acknowledge", { alarm: "forced" })).rejects.toThrow(/no alarm forced/);
    await rig.chip.drive(contactLine, 0);
    const forced = async () => (await rig.events()).filter(({ type }) => type === "forced");
    await poll(
      forced,
      (events) => events.length === 3,
      () => "forced was not resolved",
      5000,
    );
    expect(await forced()).toMatchObject([{ state: "raised" }, { state: "acknowledged" }, { state: "resolved" }]);
  });
});
