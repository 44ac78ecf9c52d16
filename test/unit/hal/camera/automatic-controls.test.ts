import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { AutomaticControls } from "../../../../src/hal/camera/automatic-controls.ts";
import { ControlDevice } from "../../../support/control-device.ts";

const [autoExposure, exposure] = [0x9a0901, 0x9a0902];
const [autoGain, gain] = [0x980912, 0x980913];
const [autoWhite, white] = [0x98090c, 0x98091a];
const byAperture = 3;

/** A USB camera as most are: exposure by aperture priority, white balance automatic, no automatic gain. */
const usbCamera = () =>
  new ControlDevice({
    [autoExposure]: { value: byAperture, usual: byAperture },
    [exposure]: { value: 312, usual: 250 },
    [autoWhite]: { value: 1, usual: 1 },
    [white]: { value: 4600, usual: 4000 },
  });

const folder = mkdtempSync(join(tmpdir(), "lintel-controls-"));
const node = join(folder, "video0");
writeFileSync(node, "");
const opened: AutomaticControls[] = [];
const open = async (device: ControlDevice) => {
  const controls = await AutomaticControls.open(node, device.ioctl);
  opened.push(controls);
  return controls;
};
afterEach(async () => {
  for (const controls of opened.splice(0)) await controls.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("held, what a camera adjusts by itself", () => {
  it("becomes manual at the value that it has, not at an older one that it would go back to", async () => {
    const device = usbCamera();
    expect(await (await open(device)).hold()).toEqual(["exposure", "white balance"]);
    expect(device.history).toEqual([
      [autoExposure, 1],
      [exposure, 312],
      [autoWhite, 0],
      [white, 4600],
    ]);
  });

  it("is gain too where the camera has it, and what has no value of its own is only stopped", async () => {
    const device = new ControlDevice({ [autoGain]: { value: 1, usual: 1 }, [gain]: { value: 40, usual: 0 } });
    device.controls.delete(gain);
    expect(await (await open(device)).hold()).toEqual(["gain"]);
    expect(device.history).toEqual([[autoGain, 0]]);
  });

  it.each([
    ["manual by somebody's choice", { value: 1, usual: byAperture }],
    ["manual by its maker's", { value: 1, usual: 1 }],
    ["switched off in the camera", { value: byAperture, usual: byAperture, flags: 0x0001 }],
    ["only there to be read", { value: byAperture, usual: byAperture, flags: 0x0004 }],
  ])("is left alone when it is %s", async (_, control) => {
    const device = new ControlDevice({ [autoExposure]: control, [exposure]: { value: 200, usual: 250 } });
    expect(await (await open(device)).hold()).toEqual([]);
    expect(device.history).toEqual([]);
  });

  it("is nothing in a camera without such controls", async () => {
    expect(await (await open(new ControlDevice({}))).hold()).toEqual([]);
  });
});

describe("freed", () => {
  it("all is as its maker has it, also what a process held that is gone", async () => {
    const device = usbCamera();
    await (await open(device)).hold();
    await (await open(device)).free();
    expect([device.value(autoExposure), device.value(autoWhite)]).toEqual([byAperture, 1]);
  });

  it("nothing is written to a camera that is automatic already", async () => {
    const device = usbCamera();
    await (await open(device)).free();
    expect(device.history).toEqual([]);
  });
});

it("a device that is not there cannot be opened", async () => {
  await expect(AutomaticControls.open(join(folder, "video9"), usbCamera().ioctl)).rejects.toThrow("ENOENT");
});

it("the kernel's own refusal, here of a file that is no camera, means that there is no such control", async () => {
  const controls = await AutomaticControls.open(node);
  opened.push(controls);
  expect(await controls.hold()).toEqual([]);
  await controls.free();
});
