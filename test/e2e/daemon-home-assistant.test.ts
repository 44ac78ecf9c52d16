import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DoorRig } from "../support/door-rig.ts";
import { HomeAssistant } from "../support/home-assistant.ts";
import { until } from "../support/mqtt-kit.ts";

const [strike, tamper] = [0, 3];

/** The daemon, its own broker and a simulated strike; Home Assistant knows of it only what it was told. */
describe("a door in Home Assistant", () => {
  let rig: DoorRig;
  let assistant: HomeAssistant;

  beforeAll(async () => {
    rig = await DoorRig.prepare({ hasWorld: false });
    rig.configure({
      mqtt: { port: rig.mqttPort, homeAssistant: { enabled: true } },
      gpio: {
        ...{ driver: "simulated", socketPath: rig.chipSocket, outputs: { strike: { line: strike } } },
        inputs: { tamper: { line: tamper } },
      },
    });
    await rig.startDaemon();
    assistant = await HomeAssistant.connect(`mqtt://127.0.0.1:${rig.mqttPort}`, { protocolVersion: 4 });
  });

  afterAll(async () => {
    await assistant?.end();
    await rig?.stop();
  });

  it("moves the strike, and shows what the chip says rather than what was clicked", async () => {
    await assistant.untilState("lock", "locked");
    const mark = await rig.mark();
    await assistant.command("lock", "open");
    await rig.opened(mark, 10_000);
    await assistant.untilState("lock", "unlocked");
    await assistant.command("lock", "lock");
    await rig.locked(mark);
    await assistant.untilState("lock", "locked");
    expect(await rig.openings(mark)).toHaveLength(1);
    await assistant.untilState("last_event", "closed");
  });

  it("does not open in lockdown, and the lock is never shown as open", async () => {
    await assistant.command("set_mode", "lockdown");
    await assistant.untilState("mode", "lockdown");
    const mark = await rig.mark();
    await assistant.command("lock", "unlock");
    await assistant.command("set_mode", "normal");
    await assistant.untilState("mode", "normal");
    expect(assistant.stateOf("lock")).toBe("locked");
    expect(await rig.openings(mark)).toEqual([]);
  });

  it("shows an alarm and takes its acknowledgement", async () => {
    await rig.chip.drive(tamper, 1);
    await assistant.untilState("tamper", "on");
    await assistant.command("acknowledge_tamper", "press");
    await until("acknowledged", () => assistant.entity("last_event").attributes.state === "acknowledged");
    await rig.chip.drive(tamper, 0);
    await assistant.untilState("tamper", "off");
  });

  it("says nothing that would have no meaning there", () => {
    expect(assistant.entities.size).toBeGreaterThan(15);
    for (const [id, { misfits }] of assistant.entities) expect([id, misfits]).toEqual([id, []]);
  });
});
