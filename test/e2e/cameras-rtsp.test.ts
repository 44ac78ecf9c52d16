import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { runCameraLoop } from "../../src/vision/camera-loop.ts";
import * as kit from "../support/camera-kit.ts";
import { capturedLog } from "../support/captured-log.ts";

const needs = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';
const hasServer = kit.hasProgram("ffmpeg") && spawnSync("/usr/bin/python3", ["-c", needs]).status === 0;
const password = "hush:hush 4";
const folder = kit.scratchFolder();
const cleanUps: (() => Promise<void>)[] = [];
let cameras: Awaited<ReturnType<typeof kit.builtCameras>>;

beforeAll(async () => {
  cameras = await kit.builtCameras();
  writeFileSync(join(folder.path, "credentials"), `door:${password}\n`);
  writeFileSync(join(folder.path, "wrong"), `door:not-${password}\n`);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => folder.remove());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startServer(port: number): Promise<ChildProcess> {
  const script = join(kit.root, "test/support/rtsp-server.py");
  const server = spawn("/usr/bin/python3", [script, String(port), "door", password], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  cleanUps.push(() => kit.kill(server));
  await once(server.stdout, "data");
  return server;
}

/** A camera on the network as the vision process uses it: lost and taken back without end. */
function watch(port: number, credentials = "credentials") {
  const log = capturedLog();
  const config = cameras.cameraConfig.parse({
    ...{ driver: "ffmpeg", source: `rtsp://127.0.0.1:${port}/door`, width: 160, height: 120, silenceMs: 1500 },
    credentialsFile: join(folder.path, credentials),
  });
  const stop = new AbortController();
  const states: string[] = [];
  let frames = 0;
  const done = runCameraLoop(
    {
      openCamera: () => cameras.createCamera(config, { logger: log.logger, clock: systemClock }),
      clock: systemClock,
      onFrame: async () => void frames++,
      onState: (problem, reason) => void states.push(reason === undefined ? "ok" : `${problem}: ${reason}`),
    },
    stop.signal,
  );
  cleanUps.push(async () => {
    stop.abort();
    await done;
  });
  return { states, frames: () => frames, said: () => `${JSON.stringify(states)} ${JSON.stringify(log.lines)}` };
}

/** Left out where no RTSP server can be had (gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-good). */
describe.skipIf(!hasServer)("a camera on the network (needs ffmpeg and GStreamer's RTSP server)", () => {
  it("that is switched off and on again is lost, and comes back by itself, without its password in a log", async () => {
    const port = await freePort();
    const first = await startServer(port);
    const door = watch(port);
    await kit.until(() => door.frames() >= 3, 20_000);
    await kit.kill(first);
    await kit.until(() => door.states.some((state) => state.startsWith("lost")), 20_000);
    const before = door.frames();
    await startServer(port);
    await kit.until(() => door.frames() >= before + 3, 30_000);
    expect(door.states.filter((state) => state === "ok")).toHaveLength(2);
    expect(door.said()).not.toMatch(/hush/);
  });

  it("whose password no other user of the machine can read from the list of processes", async () => {
    const port = await freePort();
    await startServer(port);
    const door = watch(port);
    await kit.until(() => door.frames() >= 3, 20_000);
    const programs = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
      .map((name) => readFileSync(`/proc/${name}/cmdline`, "utf8"))
      .filter((line) => /ffmpeg/.test(line));
    expect(programs.some((line) => /pipe:0/.test(line))).toBe(true);
    expect(programs.join("\n")).not.toContain(encodeURIComponent(password));
  });

  it("that falls silent with its connection open is lost and taken back when it speaks again", async () => {
    const port = await freePort();
    const server = await startServer(port);
    const door = watch(port);
    await kit.until(() => door.frames() >= 3, 20_000);
    server.kill("SIGSTOP");
    await kit.until(() => door.states.some((state) => state.startsWith("lost")), 20_000);
    const before = door.frames();
    server.kill("SIGCONT");
    await kit.until(() => door.frames() >= before + 3, 30_000);
    expect(door.states.at(-1)).toBe("ok");
  });

  it("that does not take our password says so, and not the password", async () => {
    const port = await freePort();
    await startServer(port);
    const door = watch(port, "wrong");
    await kit.until(() => door.states.length > 0, 20_000);
    expect(door.states[0]).toMatch(/401 Unauthorized/);
    expect(door.said()).not.toMatch(/hush/);
  });
});
