import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemTimers, type Timers } from "../../src/core/timers.ts";
import { Scene } from "../../src/simulation/scene.ts";
import { World } from "../../src/simulation/world.ts";
import { type WorldMessage, worldCommand, worldConfig } from "../../src/simulation/world-protocol.ts";
import { drawnCast } from "../support/cast.ts";
import { ManualClock } from "../support/manual-clock.ts";

const [width, height] = [160, 120];
const frameBytes = width * height * 3;
let directory: string;
let socketPath: string;
let world: World;
let scene: Scene;
let said: WorldMessage[];
let listeners: Set<() => void>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "lintel-world-"));
  socketPath = join(directory, "camera.sock");
  said = [];
  listeners = new Set();
  scene = new Scene(drawnCast("anna", "bea"), { width, height, seed: 1 });
  world = makeWorld({ clock: systemClock, timers: systemTimers });
  await world.start();
});
afterEach(async () => {
  await world.stop();
  rmSync(directory, { recursive: true, force: true });
});

function makeWorld(time: { clock: Clock; timers: Timers }): World {
  return new World({
    ...time,
    scene,
    socketPath,
    fps: 30,
    logger: silentLogger,
    answer: (message) => {
      said.push(message);
      for (const listener of listeners) listener();
    },
  });
}

/** Resolves with the first message that fits, already said or yet to come. */
function heard(fits: (message: WorldMessage) => boolean): Promise<WorldMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not said: ${JSON.stringify(said)}`)), 10_000);
    const look = () => {
      const found = said.find(fits);
      if (!found) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve(found);
    };
    listeners.add(look);
    look();
  });
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Reads until a number of bytes is there. */
function read(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => reject(new Error(`${length} of ${bytes} bytes came`)), 10_000);
    const take = (chunk: Buffer) => {
      parts.push(chunk);
      length += chunk.length;
      if (length < bytes) return;
      clearTimeout(timer);
      socket.off("data", take);
      resolve(Buffer.concat(parts));
    };
    socket.on("data", take);
    socket.resume();
  });
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
const meanDifference = (a: Buffer, b: Buffer) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]!), 0) / a.length;

describe("the camera of the world", () => {
  it("gives each of several readers whole frames, back to back", async () => {
    const readers = await Promise.all([open(), open(), open()]);
    for (const bytes of await Promise.all(readers.map((reader) => read(reader, 3 * frameBytes)))) {
      const frames = [0, 1, 2].map((n) => bytes.subarray(n * frameBytes, (n + 1) * frameBytes));
      // Frames of an empty room differ by noise only; a frame that began in the middle would be shifted rows.
      expect(meanDifference(frames[0]!, frames[1]!)).toBeLessThan(4);
      expect(meanDifference(frames[0]!, frames[2]!)).toBeLessThan(4);
    }
    for (const reader of readers) reader.destroy();
  });

  it("lets a slow reader miss frames, never a part of one, and goes on for the others", async () => {
    const [slow, fast] = [await open(), await open()];
    slow.pause();
    await read(fast, 25 * frameBytes);
    const bytes = await read(slow, 3 * frameBytes);
    const [first, last] = [bytes.subarray(0, frameBytes), bytes.subarray(2 * frameBytes, 3 * frameBytes)];
    expect(meanDifference(first, last)).toBeLessThan(4);
    slow.destroy();
    fast.destroy();
  });

  it("survives a reader that goes away in the middle of a frame", async () => {
    const rude = await open();
    await read(rude, 10);
    rude.destroy();
    const reader = await open();
    expect((await read(reader, 2 * frameBytes)).length).toBeGreaterThanOrEqual(2 * frameBytes);
    reader.destroy();
  });

  it("sends nothing while frozen, keeps the connection, and goes on when plugged in again", async () => {
    await world.stop();
    const clock = new ManualClock();
    world = makeWorld({ clock, timers: clock });
    await world.start();
    const reader = await open();
    const first = read(reader, frameBytes);
    clock.advance(40);
    await first;
    let arrived = 0;
    reader.on("data", (chunk) => {
      arrived += chunk.length;
    });
    await world.command({ type: "freeze" });
    clock.advance(1_000);
    await world.command({ type: "replug" });
    const next = read(reader, frameBytes);
    clock.advance(40);
    await next;
    // Thirty frames were due while it was frozen; the only one that came is that of after.
    expect(arrived).toBe(frameBytes);
    reader.destroy();
  });

  it("hangs up and refuses when unplugged, and takes readers again when replugged", async () => {
    const reader = await open();
    const hungUp = closed(reader);
    reader.resume();
    await world.command({ type: "unplug" });
    await hungUp;
    await expect(open()).rejects.toMatchObject({ code: "ENOENT" });
    await world.command({ type: "replug" });
    const next = await open();
    expect((await read(next, frameBytes)).length).toBeGreaterThanOrEqual(frameBytes);
    next.destroy();
  });

  it("leaves no socket behind, and may be stopped twice", async () => {
    await world.stop();
    await world.stop();
    expect(existsSync(socketPath)).toBe(false);
  });
});

describe("the director", () => {
  it("is told who comes and who is gone", async () => {
    await world.command({ type: "enter", id: "x", actor: "anna", as: "walker" });
    await heard((m) => m.type === "present" && m.ids.includes("x"));
    await world.command({ type: "leave", id: "x" });
    said.length = 0;
    await heard((m) => m.type === "present" && m.ids.length === 0);
  });

  it("is refused an unknown actor and the leaving of nobody, and nothing changes", async () => {
    await world.command({ type: "enter", id: "x", actor: "zoe", as: "walker" });
    await world.command({ type: "leave", id: "x" });
    expect(said).toEqual([
      { type: "refused", reason: 'there is no actor "zoe"' },
      { type: "refused", reason: "nobody called x is there" },
    ]);
    expect(scene.figures).toHaveLength(0);
  });

  it("passes what the display asks to the scene, once", async () => {
    await world.command({ type: "prompt", prompt: "turn" });
    await world.command({ type: "prompt", prompt: "turn" });
    await world.command({ type: "prompt", prompt: null });
    expect(scene.history.map((entry) => entry.prompt)).toEqual(["turn", null]);
  });

  it("can empty the stage at once", async () => {
    await world.command({ type: "enter", id: "x", actor: "anna", as: "print" });
    await heard((m) => m.type === "present" && m.ids.length === 1);
    await world.command({ type: "clear" });
    expect(said.at(-1)).toEqual({ type: "present", ids: [] });
  });
});

describe("the protocol", () => {
  it.each([
    ["an unknown command", { type: "dance" }],
    ["a species that does not exist", { type: "enter", id: "x", actor: "a", as: "ghost" }],
    ["somebody without an id", { type: "enter", actor: "a" }],
    ["a key too many", { type: "leave", id: "x", now: true }],
    ["an unknown prompt", { type: "prompt", prompt: "jump" }],
    ["somebody who stands in the camera", { type: "enter", id: "x", actor: "a", standM: 0.1 }],
  ])("refuses %s", (_, command) => {
    expect(worldCommand.safeParse(command).success).toBe(false);
  });

  it.each([
    ["no socket", { cacheDirectory: "/tmp" }],
    ["a socket whose name is too long", { socketPath: "x".repeat(108), cacheDirectory: "/tmp" }],
    ["no frames", { socketPath: "s", cacheDirectory: "/tmp", fps: 0 }],
    ["a picture without extent", { socketPath: "s", cacheDirectory: "/tmp", width: 0 }],
  ])("refuses a configuration with %s", (_, config) => {
    expect(worldConfig.safeParse(config).success).toBe(false);
  });
});
