import { closeSync, existsSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/hal/api.ts";
import { readIdentity } from "../../src/hal/camera/identity.ts";
import { loadLinux } from "../../src/hal/linux.ts";
import { runCameraLoop } from "../../src/vision/camera-loop.ts";
import { FreshCamera, LastPicture } from "../../src/vision/fresh-camera.ts";
import * as kit from "../support/camera-kit.ts";
import { isBoard, slowMs } from "./chip.ts";

/** The kernel's own virtual camera; it is taken away and given back as a plug is pulled and put in. */
const vivid = "/sys/bus/platform/drivers/vivid";
const name = "vivid-000-vid-cap";
const size = { width: 640, height: 480 };
const never = AbortSignal.timeout(30 * 60_000);
const drivers = [
  ["ffmpeg", { driver: "ffmpeg", source: "/dev/video0", fps: 15 }, 5],
  ["node-webcam", { driver: "node-webcam", device: "/dev/video0", shotTimeoutMs: 30_000 }, 3],
  ["gstreamer", { driver: "gstreamer", pipeline: "v4l2src device=/dev/video0 ! video/x-raw,framerate=15/1" }, 5],
] as const;
const programs = { ffmpeg: "ffmpeg", "node-webcam": "fswebcam", gstreamer: "gst-launch-1.0" };
/** A real camera's sensor starts at once; a program takes seconds to start on an emulated processor. */
const patience = { startTimeoutMs: slowMs, silenceMs: 20_000 };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function cameraOf(given: object): Promise<() => Camera> {
  const cameras = await kit.builtCameras();
  const isWebcam = "driver" in given && given.driver === "node-webcam";
  const config = cameras.cameraConfig.parse({ ...given, ...size, ...(isWebcam ? {} : patience) });
  return () => cameras.createCamera(config, { logger: silentLogger, clock: systemClock });
}

/** The one control of vivid that is held: V4L2_CID_AUTOGAIN, asked of the kernel beside the driver. */
async function automaticGain() {
  const linux = await loadLinux();
  const call = (request: number, value: number) => {
    const control = Buffer.alloc(8);
    control.writeUInt32LE(0x00980912, 0);
    control.writeInt32LE(value, 4);
    const fd = openSync("/dev/video0", "r+");
    try {
      linux.ioctl(fd, request, control);
    } finally {
      closeSync(fd);
    }
    return control.readInt32LE(4);
  };
  return { get: () => call(0xc008561b, 0), set: (value: number) => call(0xc008561c, value) };
}

describe.skipIf(!isBoard || !existsSync(vivid))("a camera of the emulated board (vivid)", () => {
  it.each(drivers.filter(([driver]) => kit.hasProgram(programs[driver])))(
    "gives pictures through %s, each another one",
    async (_driver, config, count) => {
      const camera = (await cameraOf(config))();
      cleanUps.push(() => camera.stop());
      const fresh = new FreshCamera(camera, {
        last: new LastPicture(),
        isWatched: () => false,
        isStill: () => false,
        isLit: () => false,
        clock: systemClock,
      });
      await fresh.start(never);
      for (let i = 0; i < count; i++) {
        const { rgb, width, height } = await fresh.next(never);
        expect({ width, height, bytes: rgb.length }).toEqual({ ...size, bytes: 640 * 480 * 3 });
        // Colour bars: bright and dark side by side.
        expect(Math.max(...rgb.subarray(0, 1920)) - Math.min(...rgb.subarray(0, 1920))).toBeGreaterThan(100);
      }
    },
    slowMs * 2,
  );

  it("is known to the kernel by its name, and another one is refused", async () => {
    expect(await readIdentity("/dev/video0")).toEqual({ name });
    const wrong = (await cameraOf({ driver: "ffmpeg", source: "/dev/video0", identity: { vendor: "046d" } }))();
    cleanUps.push(() => wrong.stop());
    await expect(wrong.start(never)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_REFUSED" });
  });

  it("is held while the display shines, and automatic afterwards and at its next start, however it was left", async () => {
    const gain = await automaticGain();
    const open = await cameraOf({ driver: "ffmpeg", source: "/dev/video0", fps: 15, holdForLight: true });
    gain.set(0);
    const camera = open();
    cleanUps.push(() => camera.stop());
    await camera.start(never);
    await kit.until(() => gain.get() === 1, slowMs);
    camera.hold?.(true);
    await kit.until(() => gain.get() === 0, slowMs);
    await camera.next(never);
    camera.hold?.(false);
    await kit.until(() => gain.get() === 1, slowMs);
    camera.hold?.(true);
    await camera.stop();
    expect(gain.get()).toBe(1);
  }, 300_000);

  it("that is unplugged is lost, and taken back when it is plugged in again", async () => {
    const openCamera = await cameraOf({ driver: "ffmpeg", source: "/dev/video0", fps: 15, identity: { name } });
    const stop = new AbortController();
    const states: (string | null)[] = [];
    let frames = 0;
    const onFrame = async () => {
      frames++;
    };
    const onState = (problem: string | null) => void states.push(problem);
    const done = runCameraLoop({ openCamera, clock: systemClock, onFrame, onState }, stop.signal);
    cleanUps.push(async () => {
      stop.abort();
      await done;
    });
    await kit.until(() => frames >= 2, slowMs);
    const device = readdirSync(vivid).find((entry) => entry.startsWith("vivid.")) ?? "vivid.0";
    writeFileSync(`${vivid}/unbind`, device);
    await kit.until(() => states.includes("lost"), slowMs);
    const before = frames;
    writeFileSync(`${vivid}/bind`, device);
    await kit.until(() => frames >= before + 2, slowMs);
    expect(states.at(-1)).toBeNull();
  }, 600_000);
});
