// Processor time of the real vision process: nobody there, and somebody there.
import { spawnSync } from "node:child_process";
import { emptyFrames } from "../../dist/lab/bench/frames.js";
import { roles } from "../../dist/simulation/roles.js";
import { childOf, cpuMs, residentMb } from "../lib/proc.mjs";
import { pause, withFolder } from "../lib/process.mjs";
import { cacheDirectory, openSetting, silentLogger } from "../lib/setting.mjs";
import { budget, percent } from "../lib/table.mjs";
import { startVision, withVision } from "../lib/vision.mjs";

const limits = { empty: 3, withFfmpeg: 6 };

export async function processor({ seconds }) {
  const rows = [];
  for (const fps of [10, 15, 30]) rows.push(await empty(seconds, fps));
  rows.push(...(await withFfmpeg(seconds)), ...(await visit(seconds)));
  return {
    title: "Processor time of the vision process",
    text: [
      `The built program, spawned, on frames of 640x480 from the simulated camera over its socket; user and system time of all its threads over ${seconds} s, as percent of one core. Taking the frames off the socket is part of it. The camera's own work is another process and counted where ffmpeg is named: there the frames are a raw recording of the same empty scene, which ffmpeg turns into RGB.`,
      "`judged` is the worst case of a visit: nobody tells vision that the case is decided, so it goes on embedding every 150 ms.",
    ],
    columns: ["scene", "frames/s", "seen", "of one core", "ms a frame", "resident MB", "budget", ""],
    rows,
  };
}

async function empty(seconds, fps) {
  return withVision({ fps }, async ({ vision }) => {
    await vision.messages.until((message) => message.type === "health" && message.isIdle && message.fps > 5);
    await pause(3000);
    const { share, frames } = await watch(vision, seconds);
    return row(`empty, ${fps} frames/s`, { share, frames, seconds, vision }, fps === 10 ? limits.empty : undefined);
  });
}

/** The same on a recording of the empty scene, raw as a USB camera gives it (YUYV), which ffmpeg makes into RGB. */
async function withFfmpeg(seconds) {
  if (spawnSync("ffmpeg", ["-version"]).status !== 0) return [];
  return withFolder(async (folder, onEnd) => {
    const source = `${folder}/empty.avi`;
    await recordEmptyScene(source);
    const camera = { driver: "ffmpeg", source, width: 640, height: 480, fps: 10, loop: true };
    const vision = await startVision(camera);
    onEnd(() => vision.stop());
    await vision.messages.until((message) => message.type === "health" && message.isIdle && message.fps > 5);
    await pause(3000);
    const ffmpeg = childOf(vision.pid, "ffmpeg");
    const { share, frames } = await watch(vision, seconds, [ffmpeg]);
    return [row("empty, 10 frames/s, with ffmpeg", { share, frames, seconds, vision }, limits.withFfmpeg)];
  });
}

/** Two seconds of the simulated lobby with nobody in it, written without compression. */
async function recordEmptyScene(file) {
  const { engine, networks } = await openSetting();
  const frames = await emptyFrames({ cacheDirectory, networks, logger: silentLogger });
  await engine.close();
  const to = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "640x480", "-r", "10", "-i", "-"];
  const args = ["-loglevel", "error", ...to, "-c:v", "rawvideo", "-pix_fmt", "yuyv422", file];
  const input = Buffer.concat(frames.slice(0, 20).map(({ rgb }) => rgb));
  const { status, stderr } = spawnSync("ffmpeg", args, { input });
  if (status !== 0) throw new Error(`ffmpeg could not write the recording: ${stderr}`);
}

async function visit(seconds) {
  return withVision({ fps: 15 }, async ({ world, vision }) => {
    const tracks = new Set();
    vision.messages.each((message) => {
      if (message.type === "sighting") tracks.add(message.trackId);
    });
    world.send({ type: "enter", id: "visitor", actor: roles.enrolled });
    await vision.messages.until((message) => message.type === "sighting" && message.embedding);
    await pause(2000);
    const judged = await watch(vision, seconds);
    const rows = [row("visit, 15 frames/s, judged", { ...judged, seconds, vision })];
    for (const trackId of tracks) vision.send({ type: "track", trackId, state: "decided" });
    await pause(500);
    const decided = await watch(vision, seconds);
    return [...rows, row("visit, 15 frames/s, decided", { ...decided, seconds, vision })];
  });
}

function row(label, { share, frames, seconds, vision }, limit) {
  const perFrame = (share * seconds * 1000) / frames;
  return [
    label,
    (frames / seconds).toFixed(1),
    String(frames),
    percent(share),
    perFrame.toFixed(1),
    residentMb(vision.pid).now.toFixed(0),
    ...budget(100 * share, limit, "%"),
  ];
}

/** Share of one core over the time, and how many frames were looked at (by vision's own count of frames a second). */
async function watch(vision, seconds, others = []) {
  const rates = [];
  const stop = vision.messages.each((message) => {
    if (message.type === "health") rates.push(message.fps);
  });
  const cpu = () => [vision.pid, ...others].reduce((sum, pid) => sum + cpuMs(pid), 0);
  const [startMs, startCpu] = [performance.now(), cpu()];
  await pause(seconds * 1000);
  const share = (cpu() - startCpu) / (performance.now() - startMs);
  stop();
  const rate = rates.reduce((sum, value) => sum + value, 0) / Math.max(1, rates.length);
  return { share, frames: Math.round(rate * seconds) };
}
