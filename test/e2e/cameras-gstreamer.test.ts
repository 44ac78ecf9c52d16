import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/hal/api.ts";
import * as kit from "../support/camera-kit.ts";

const signal = AbortSignal.timeout(600_000);
const size = { width: 160, height: 120 };
const cleanUps: (() => Promise<void>)[] = [];
let cameras: Awaited<ReturnType<typeof kit.builtCameras>>;

beforeAll(async () => {
  cameras = await kit.builtCameras();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function camera(pipeline: string, more: object = {}): Camera {
  const config = cameras.cameraConfig.parse({ driver: "gstreamer", pipeline, ...size, ...more });
  const made = cameras.createCamera(config, { logger: silentLogger, clock: systemClock });
  cleanUps.push(() => made.stop());
  return made;
}

async function lostReason(source: Camera): Promise<string> {
  try {
    await source.start(signal);
    for (;;) await source.next(signal);
  } catch (error) {
    expect(error).toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
    return error instanceof Error ? error.message : "";
  }
}

const live = "videotestsrc is-live=true pattern=white";
const at = (rgb: Uint8Array, x: number, y: number) => [...rgb.subarray((y * 160 + x) * 3, (y * 160 + x) * 3 + 3)];

describe.skipIf(!kit.hasProgram("gst-launch-1.0"))("GStreamer as a camera (needs gst-launch-1.0)", () => {
  it("fits a wide picture of another format into the frame, with borders, in order", async () => {
    const source = camera(`${live} ! video/x-raw, format=I420, width=320, height=160, framerate=30/1`);
    await source.start(signal);
    const frames = [await source.next(signal), await source.next(signal), await source.next(signal)];
    expect(frames.map(({ rgb }) => rgb.length)).toEqual([57_600, 57_600, 57_600]);
    expect(frames.map(({ sequence }) => sequence)).toEqual(
      [...frames.map(({ sequence }) => sequence)].sort((p, q) => p - q),
    );
    const { rgb } = frames[2] ?? frames[0]!;
    expect(Math.min(...at(rgb, 80, 60))).toBeGreaterThan(230);
    expect(Math.max(...at(rgb, 80, 5))).toBeLessThan(25);
  });

  it("keeps its frames whole when the source talks on the standard output, as that of the Jetson does", async () => {
    const talk = "videotestsrc is-live=true ! video/x-raw,width=16,height=16 ! fdsink fd=1";
    const source = camera(`${talk} ${live} ! video/x-raw,width=160,height=120`);
    await source.start(signal);
    for (let i = 0; i < 5; i++) {
      const { rgb } = await source.next(signal);
      expect(rgb.every((level) => level > 230)).toBe(true);
    }
  });

  it.each([
    ["an element that is not there", "nosuchsource", /no element "nosuchsource"/],
    ["a device that is not there", "v4l2src device=/dev/video250", /Cannot identify device|no element/],
    ["a pipeline that ends", "videotestsrc num-buffers=3", /gst-launch-1\.0 ended \(exit code 0\)/],
  ])("is lost with the reason in one line: %s", async (_name, pipeline, reason) => {
    expect(await lostReason(camera(pipeline))).toMatch(reason);
  });

  it("tells nobody the password of a pipeline", async () => {
    const reason = await lostReason(camera('rtspsrc user-id=door user-pw="hush hush" nosuchproperty=1'));
    expect(reason).not.toContain("hush");
  });

  it("runs nothing that a shell would run", async () => {
    const { path, remove } = kit.scratchFolder();
    cleanUps.push(async () => remove());
    await lostReason(camera(`videotestsrc num-buffers=1 name=$(touch$IFS${path}/x);touch$IFS${path}/y`));
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(path)).toEqual([]);
  });

  it("leaves no program behind when its owner is killed while it hangs", async () => {
    const owner = await kit.startOwner({ driver: "gstreamer", pipeline: live, ...size, silenceMs: 60_000 });
    // Linux keeps 15 letters of a name
    const pids = kit.descendants(owner.pid, "gst-launch-1.0");
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    owner.kill("SIGKILL");
    await kit.until(() => !pids.some(kit.isRunning), 3000);
  });
});
