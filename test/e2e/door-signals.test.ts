import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ChipRig, startChip } from "../support/chip-process.ts";
import { type Said, type Spoken, speak } from "../support/processes.ts";

const [strike, contact, tamper, alarm, greenLight, redLight, buzzer] = [0, 1, 3, 4, 5, 6, 7];

const stateOf = ({ type, state }: Said): { lock?: string; mode?: string; alarms?: string[] } =>
  type === "state" && typeof state === "object" && state !== null ? state : {};
const isEvent = (name: string, fields: object = {}) => {
  return ({ type, event }: Said) => {
    if (type !== "event" || typeof event !== "object" || event === null) return false;
    return Object.entries({ type: name, ...fields }).every(([key, value]) => Reflect.get(event, key) === value);
  };
};

describe("a door with lights, sounders and bouncing contacts, on a chip of its own", () => {
  let rig: ChipRig;
  let parent: Spoken;

  const goes = (line: number, isActive: boolean, deadlineMs = 3000) =>
    rig.observer.waitFor((edge) => edge.line === line && edge.isActive === isActive, deadlineMs);
  const edgesOf = async (line: number) => (await rig.observer.record()).filter((edge) => edge.line === line);

  beforeEach(async () => {
    rig = await startChip();
    parent = speak("test/support/door-process.mjs", {
      gpio: rig.gpio,
      rules: { heldMs: 2000, heldWarningMs: 1000, scheduleRetryMs: 1000 },
    });
    await parent.heard((said) => stateOf(said).lock === "locked");
  });
  afterEach(async () => {
    parent.process.stdin.end();
    await parent.ended;
    await rig.stop();
  });

  it("shows green for a grant and red for a refusal", async () => {
    parent.send({ unlock: 2 });
    await goes(greenLight, true);
    expect(await edgesOf(redLight)).toEqual([]);
    parent.send({ refuse: true });
    await goes(redLight, true);
  });

  it("warns, sounds the siren when the door is held open, and is silent when somebody has seen it", async () => {
    parent.send({ unlock: 5 });
    await goes(strike, true);
    await rig.observer.drive(contact, 1);
    await parent.heard((said) => stateOf(said).alarms?.includes("held-warning") ?? false);
    expect(await edgesOf(alarm)).toEqual([]);
    await goes(buzzer, true);
    await goes(alarm, true);
    await parent.heard(isEvent("held", { state: "raised" }));
    parent.send({ acknowledge: "held" });
    await goes(alarm, false);
    await rig.observer.drive(contact, 0);
    await parent.heard(isEvent("held", { state: "resolved" }));
  });

  it("keeps the siren off when the guard is killed, and sounds it again with the next guard while the cause is there", async () => {
    await rig.observer.drive(tamper, 1);
    await goes(alarm, true);
    const before = (await rig.observer.record()).length;
    process.kill(Number((await parent.heard((said) => stateOf(said).lock === "locked")).guard), "SIGKILL");
    await rig.observer.waitFor((edge) => edge.line === alarm && !edge.isActive && edge.cause === "released", 3000);
    const again = (edge: { line: number; isActive: boolean; sequence: number }) =>
      edge.line === alarm && edge.isActive && edge.sequence >= before;
    await rig.observer.waitFor(again, 5000);
  });

  it("hears one opening of a contact that bounces, and forced once", async () => {
    for (const level of [1, 0, 1, 0, 1] as const) await rig.observer.drive(contact, level);
    await parent.heard(isEvent("forced", { state: "raised" }));
    await rig.observer.drive(contact, 0);
    await parent.heard(isEvent("forced", { state: "resolved" }));
    expect(parent.said.filter(isEvent("opened", { source: "contact" }))).toHaveLength(1);
    expect(await edgesOf(strike)).toEqual([]);
  });

  it("opens by its schedule again after the guard was killed, and not after an order to lock", async () => {
    parent.send({ schedule: true });
    await goes(strike, true);
    process.kill(Number((await parent.heard((said) => stateOf(said).lock === "locked")).guard), "SIGKILL");
    const second = await rig.observer.waitFor(
      ({ line, isActive, sequence }) => line === strike && isActive && sequence > 1,
      8000,
    );
    parent.send({ lock: true });
    await parent.heard(isEvent("mode", { mode: "normal", scheduleSuspended: true }));
    await rig.observer.waitFor((edge) => edge.line === strike && edge.sequence > second.sequence, 3000);
    const opened = (await edgesOf(strike)).filter(({ isActive }) => isActive).length;
    const looks = parent.said.filter(({ type }) => type === "look").length;
    await parent.heard(() => parent.said.filter(({ type }) => type === "look").length >= looks + 3, 6000);
    expect((await edgesOf(strike)).filter(({ isActive }) => isActive)).toHaveLength(opened);
  });
});
