import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/hal/api.ts";
import type { Frame } from "../../src/pipeline/types.ts";
import * as kit from "../support/camera-kit.ts";

const signal = AbortSignal.timeout(600_000);
const size = { width: 160, height: 120 };
const folder = kit.scratchFolder();
const cleanUps: (() => Promise<void>)[] = [];
let cameras: Awaited<ReturnType<typeof kit.builtCameras>>;

beforeAll(async () => {
  cameras = await kit.builtCameras();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => folder.remove());

function camera(config: object): Camera {
  const made = cameras.createCamera(cameras.cameraConfig.parse(config), { logger: silentLogger, clock: systemClock });
  cleanUps.push(() => made.stop());
  return made;
}

async function feeder(name: string, options: Omit<Parameters<typeof kit.startFeeder>[1], "width" | "height">) {
  const started = await kit.startFeeder(join(folder.path, name), { ...size, ...options });
  cleanUps.push(() => started.stop());
  return started;
}

function blockMainThread(ms: number): void {
  const end = systemClock.nowMs() + ms;
  while (systemClock.nowMs() < end);
}

const madeAtMs = (frame: Frame): number => new DataView(frame.rgb.buffer, frame.rgb.byteOffset).getFloat64(0, true);

async function lostReason(camera: Camera): Promise<string> {
  try {
    for (;;) await camera.next(signal);
  } catch (error) {
    expect(error).toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
    return error instanceof Error ? error.message : "";
  }
}

/** How many pictures are handed out while the camera makes sixty. */
async function takenOfSixty(source: Camera): Promise<number> {
  const { sequence } = await source.next(signal);
  let taken = 0;
  while ((await source.next(signal)).sequence < sequence + 60) taken++;
  return taken;
}

/** Two pictures, one right after the other. */
async function hasNeighbours(source: Camera): Promise<boolean> {
  let before = await source.next(signal);
  for (let n = 0; n < 300; n++) {
    const frame = await source.next(signal);
    if (frame.sequence === before.sequence + 1) return true;
    before = frame;
  }
  return false;
}

/** At 50 pictures a second every fourth or fifth is enough for one in 0.1 s. */
async function expectToLeaveOut(source: Camera): Promise<void> {
  await source.start(signal);
  source.relax?.(true);
  expect(await takenOfSixty(source)).toBeLessThan(30);
  source.relax?.(false);
  expect(await hasNeighbours(source)).toBe(true);
}

describe("a camera on a unix socket", () => {
  it("leaves pictures out while nobody needs them, and none afterwards", async () => {
    const { socket } = await feeder("relaxed.sock", { fps: 50 });
    await expectToLeaveOut(camera({ driver: "simulated", socket, ...size }));
  });

  it("hands out the newest frame after the main thread was blocked, not the oldest", async () => {
    const { socket } = await feeder("newest.sock", { fps: 10 });
    const source = camera({ driver: "simulated", socket, ...size });
    await source.start(signal);
    const before = await source.next(signal);
    for (let round = 0; round < 3; round++) {
      blockMainThread(1000);
      const frame = await source.next(signal);
      expect(systemClock.nowMs() - madeAtMs(frame)).toBeLessThan(200);
      expect(frame.sequence - before.sequence).toBeGreaterThan(4 * (round + 1));
    }
  });

  it("does not overwrite the pixels of a frame while the reader works on them", async () => {
    const { socket } = await feeder("held.sock", { fps: 50 });
    const source = camera({ driver: "simulated", socket, ...size });
    await source.start(signal);
    const frame = await source.next(signal);
    const copy = Buffer.from(frame.rgb);
    blockMainThread(500);
    expect(Buffer.compare(copy, Buffer.from(frame.rgb))).toBe(0);
  });

  it("waits for a world that starts later", async () => {
    const socket = join(folder.path, "late.sock");
    const source = camera({ driver: "simulated", socket, ...size });
    const started = source.start(signal);
    await feeder("late.sock", { fps: 20 });
    await started;
    expect(await source.next(signal)).toMatchObject(size);
  });

  it("is lost when its world closes the socket", async () => {
    const { socket } = await feeder("closed.sock", { fps: 20, frames: 3, end: "close" });
    const source = camera({ driver: "simulated", socket, ...size });
    await source.start(signal);
    expect(await lostReason(source)).toContain("closed");
  });

  it("is lost when its world goes silent", async () => {
    const { socket } = await feeder("frozen.sock", { fps: 20, frames: 3, end: "freeze" });
    const source = camera({ driver: "simulated", socket, ...size, silenceMs: 400 });
    await source.start(signal);
    expect(await lostReason(source)).toContain("no picture came for 0.4 s");
  });

  it("does not start without a first picture", async () => {
    const source = camera({ driver: "simulated", socket: join(folder.path, "none.sock"), startTimeoutMs: 500 });
    await expect(source.start(signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
  });

  it("lets a waiting reader go when it is stopped", async () => {
    const { socket } = await feeder("stopped.sock", { fps: 20, frames: 1 });
    const source = camera({ driver: "simulated", socket, ...size });
    await source.start(signal);
    await source.next(signal);
    const waiting = expect(source.next(signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
    await source.stop();
    await source.stop();
    await waiting;
  });

  it("lets a waiting reader go when its signal aborts, and goes on afterwards", async () => {
    const { socket } = await feeder("aborted.sock", { fps: 5 });
    const source = camera({ driver: "simulated", socket, ...size });
    await source.start(signal);
    await source.next(signal);
    const abort = new AbortController();
    const waiting = expect(source.next(abort.signal)).rejects.toThrow("enough");
    abort.abort(new Error("enough"));
    await waiting;
    expect(await source.next(signal)).toMatchObject(size);
  });
});

describe.skipIf(!kit.hasProgram("ffmpeg"))("ffmpeg as a camera (needs ffmpeg)", () => {
  const clip = join(folder.path, "clip: one's.mp4");

  beforeAll(() => {
    const source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=1.5"];
    const made = spawnSync("ffmpeg", ["-v", "error", ...source, "-pix_fmt", "yuv420p", `file:${clip}`]);
    expect(made.stderr.toString()).toBe("");
  });

  it("leaves pictures out while nobody needs them, and none afterwards", async () => {
    await expectToLeaveOut(camera({ driver: "ffmpeg", source: "TEST:", fps: 50, ...size }));
  });

  it("delivers frames of the configured size from its test picture", async () => {
    const source = camera({ driver: "ffmpeg", source: "TEST:", ...size, fps: 20 });
    await source.start(signal);
    const frames = [await source.next(signal), await source.next(signal), await source.next(signal)];
    expect(frames.map((frame) => frame.rgb.length)).toEqual([57_600, 57_600, 57_600]);
    const order = frames.map((frame) => frame.sequence);
    expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
  });

  it("fits a wide picture into the frame with black borders instead of stretching it", async () => {
    const source = camera({ driver: "ffmpeg", source: clip, ...size });
    await source.start(signal);
    const { rgb } = await source.next(signal);
    const rowMean = (y: number) => rgb.slice(y * 480, (y + 1) * 480).reduce((sum, v) => sum + v, 0) / 480;
    expect([rowMean(2), rowMean(117)].every((mean) => mean < 3)).toBe(true);
    expect(rowMean(60)).toBeGreaterThan(30);
  });

  it("is lost at the end of a file although ffmpeg ends with exit code 0", async () => {
    const source = camera({ driver: "ffmpeg", source: clip, ...size });
    await source.start(signal);
    expect(await lostReason(source)).toContain("ended (exit code 0)");
  });

  it("plays a file again when told to", async () => {
    const source = camera({ driver: "ffmpeg", source: clip, ...size, loop: true });
    await source.start(signal);
    let frame = await source.next(signal);
    while (frame.sequence < 20) frame = await source.next(signal);
    expect(frame.sequence).toBeGreaterThanOrEqual(20);
  });

  it("says what is wrong with a camera that is not there", async () => {
    const source = camera({ driver: "ffmpeg", source: "/dev/video250" });
    await expect(source.start(signal)).rejects.toThrow(/\/dev\/video250: No such file/);
  });

  it("is lost when ffmpeg hangs, and ends the hanging program", async () => {
    const source = camera({ driver: "ffmpeg", source: "TEST:", ...size, silenceMs: 500 });
    await source.start(signal);
    const [pid] = kit.descendants(process.pid, "ffmpeg");
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, "SIGSTOP");
    expect(await lostReason(source)).toContain("no picture came");
    await source.stop();
    expect(kit.isRunning(pid ?? 0)).toBe(false);
  });

  it("leaves no ffmpeg behind when it is stopped", async () => {
    const source = camera({ driver: "ffmpeg", source: "TEST:", ...size });
    await source.start(signal);
    const pids = kit.descendants(process.pid, "ffmpeg");
    expect(pids).toHaveLength(1);
    await source.stop();
    expect(pids.filter(kit.isRunning)).toEqual([]);
  });

  it("leaves no ffmpeg behind when its owner is killed", async () => {
    const owner = await kit.startOwner({ driver: "ffmpeg", source: "TEST:", ...size });
    const pids = kit.descendants(owner.pid, "ffmpeg");
    expect(pids).toHaveLength(1);
    owner.kill("SIGKILL");
    await kit.until(() => !pids.some(kit.isRunning), 3000);
  });

  it("leaves no ffmpeg behind when its owner is killed while ffmpeg hangs and can not notice", async () => {
    const owner = await kit.startOwner({ driver: "ffmpeg", source: "TEST:", ...size, silenceMs: 60_000 });
    const pids = kit.descendants(owner.pid, "ffmpeg");
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    owner.kill("SIGKILL");
    await kit.until(() => !pids.some(kit.isRunning), 3000);
  });

  it("replays a video at its own rate, every picture in fast time, and ends as a lost camera", async () => {
    const source = camera({ driver: "replay", path: clip, pace: "fast" });
    await source.start(signal);
    const frames: Frame[] = [];
    const reason = await (async () => {
      try {
        for (;;) frames.push(await source.next(signal));
      } catch (error) {
        return error;
      }
    })();
    expect(reason).toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
    expect(frames.map((frame) => frame.sequence)).toEqual(Array.from({ length: 15 }, (_, i) => i));
    expect(frames[0]).toMatchObject({ width: 320, height: 180 });
    expect((frames[14]?.capturedAtMs ?? 0) - (frames[0]?.capturedAtMs ?? 0)).toBeCloseTo(1400, 3);
  });

  it("leaves late pictures of a replayed video out in real time", async () => {
    const source = camera({ driver: "replay", path: clip, loop: true });
    await source.start(signal);
    await source.next(signal);
    blockMainThread(1000);
    const frame = await source.next(signal);
    expect(frame.sequence).toBeGreaterThanOrEqual(10);
    expect(systemClock.nowMs() - frame.capturedAtMs).toBeLessThan(500);
  });

  it("refuses a file that is no video with one line", async () => {
    const source = camera({ driver: "replay", path: `${kit.root}package.json` });
    await expect(source.start(signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
  });
});
