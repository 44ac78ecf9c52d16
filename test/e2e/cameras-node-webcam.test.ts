import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/hal/api.ts";
import * as kit from "../support/camera-kit.ts";

const signal = AbortSignal.timeout(600_000);
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
  const parsed = cameras.cameraConfig.parse({ driver: "node-webcam", ...config });
  const made = cameras.createCamera(parsed, { logger: silentLogger, clock: systemClock });
  cleanUps.push(() => made.stop());
  return made;
}

const ownShotFolders = (): string[] =>
  readdirSync(existsSync("/dev/shm") ? "/dev/shm" : "/tmp").filter((name) =>
    name.startsWith(`lintel-shots-${process.pid}-`),
  );

describe.skipIf(!kit.hasProgram("fswebcam"))("node-webcam as a camera (needs fswebcam)", () => {
  it("shoots the test picture in the configured size", async () => {
    const source = camera({ device: "TEST:", width: 320, height: 240 });
    await source.start(signal);
    const frames = [await source.next(signal), await source.next(signal)];
    expect(frames.map(({ width, height, rgb }) => [width, height, rgb.length])).toEqual([
      [320, 240, 230_400],
      [320, 240, 230_400],
    ]);
    expect((frames[1]?.sequence ?? 0) - (frames[0]?.sequence ?? 0)).toBe(1);
  });

  it("shoots a file of another size, fitted and upright in its colours", async () => {
    const file = join(folder.path, "red.jpg");
    await sharp({ create: { width: 200, height: 100, channels: 3, background: "#f01010" } })
      .jpeg()
      .toFile(file);
    const source = camera({ device: `FILE:${file}`, width: 160, height: 120 });
    await source.start(signal);
    const { rgb } = await source.next(signal);
    const pixel = (x: number, y: number) => [...rgb.slice((y * 160 + x) * 3, (y * 160 + x) * 3 + 3)];
    expect(pixel(80, 60)[0]).toBeGreaterThan(220);
    expect(pixel(80, 60)[1]).toBeLessThan(40);
    expect(Math.max(...pixel(80, 3))).toBeLessThan(30);
  });

  it("takes shots one after the other when it is asked twice at once", async () => {
    const source = camera({ device: "TEST:", width: 160, height: 120 });
    await source.start(signal);
    const frames = await Promise.all([source.next(signal), source.next(signal), source.next(signal)]);
    expect(frames.map((frame) => frame.rgb.length)).toEqual([57_600, 57_600, 57_600]);
  });

  it("leaves no picture behind, neither between shots nor after the end", async () => {
    const source = camera({ device: "TEST:", width: 160, height: 120 });
    await source.start(signal);
    await source.next(signal);
    const [name] = ownShotFolders();
    expect(readdirSync(join("/dev/shm", name ?? ""))).toEqual([]);
    await source.stop();
    await source.stop();
    expect(ownShotFolders()).toEqual([]);
  });

  it("clears the pictures of a process that was killed", async () => {
    const abandoned = "/dev/shm/lintel-shots-4194999-0";
    mkdirSync(abandoned, { recursive: true });
    writeFileSync(join(abandoned, "shot-0.jpg"), "x");
    const source = camera({ device: "TEST:", width: 160, height: 120 });
    await source.start(signal);
    expect(existsSync(abandoned)).toBe(false);
  });

  it("is lost, with what to do, when there is no such device", async () => {
    await expect(camera({ device: "/dev/video250" }).start(signal)).rejects.toMatchObject({
      code: "LINTEL_E_CAMERA_LOST",
      hint: expect.stringContaining("plugged in"),
    });
  });

  it("is lost when the file behind it is no picture", async () => {
    const file = join(folder.path, "not-a-picture.jpg");
    writeFileSync(file, "hello");
    await expect(camera({ device: `FILE:${file}` }).start(signal)).rejects.toMatchObject({
      code: "LINTEL_E_CAMERA_LOST",
    });
  });
});

describe.skipIf(!kit.hasProgram("fswebcam"))("a device that hangs (needs fswebcam)", () => {
  it("is given up at the deadline of a shot", async () => {
    const fifo = join(folder.path, "hanging.jpg");
    expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
    const started = camera({ device: `FILE:${fifo}`, shotTimeoutMs: 500 }).start(signal);
    await expect(started).rejects.toThrow("the shot took too long");
    expect(kit.descendants(process.pid, "fswebcam")).toEqual([]);
  });
});

describe("a folder of pictures as a camera", () => {
  it("plays in natural order at its own rate and ends as a lost camera", async () => {
    const pictures = kit.scratchFolder();
    cleanUps.push(async () => pictures.remove());
    for (const [i, name] of ["p1.png", "p2.png", "p10.png"].entries()) {
      const background = { r: 50 * (i + 1), g: 0, b: 0 };
      await sharp({ create: { width: 8, height: 6, channels: 3, background } }).toFile(join(pictures.path, name));
    }
    const parsed = cameras.cameraConfig.parse({ driver: "replay", path: pictures.path, fps: 20, pace: "fast" });
    const source = cameras.createCamera(parsed, { logger: silentLogger, clock: systemClock });
    await source.start(signal);
    const frames = [await source.next(signal), await source.next(signal), await source.next(signal)];
    expect(frames.map((frame) => frame.rgb[0])).toEqual([50, 100, 150]);
    expect((frames[2]?.capturedAtMs ?? 0) - (frames[0]?.capturedAtMs ?? 0)).toBeCloseTo(100, 3);
    await expect(source.next(signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
    await source.stop();
  });

  it("refuses a folder without pictures and a path that is not there", async () => {
    for (const path of [join(kit.root, "scripts"), "/nowhere/at/all"]) {
      const parsed = cameras.cameraConfig.parse({ driver: "replay", path });
      const source = cameras.createCamera(parsed, { logger: silentLogger, clock: systemClock });
      await expect(source.start(signal)).rejects.toMatchObject({ code: "LINTEL_E_CAMERA_LOST" });
      await source.stop();
    }
  });
});
