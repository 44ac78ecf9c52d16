// Processor time of the real vision process: nobody there, and somebody there.
import { roles } from "../../dist/simulation/roles.js";
import { cpuMs, residentMb } from "../lib/proc.mjs";
import { pause, start, withFolder } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { budget, percent } from "../lib/table.mjs";

const emptyBudget = 5;

export async function processor({ seconds }) {
  const rows = [await empty(seconds), ...(await visit(seconds))];
  return {
    title: "Processor time of the vision process",
    text: [
      `The built program, spawned, on frames of 640x480 from the simulated camera over its socket; user and system time of all its threads over ${seconds} s, as percent of one core. Taking the frames off the socket is part of it. The camera's own work (the simulated world, or ffmpeg) is another process and not counted.`,
      "`judged` is the worst case of a visit: nobody tells vision that the case is decided, so it goes on embedding every 150 ms.",
    ],
    columns: ["scene", "frames/s", "seen", "of one core", "ms a frame", "resident MB", "budget", ""],
    rows,
  };
}

async function empty(seconds) {
  return withVision(10, async ({ vision }) => {
    await vision.messages.until((message) => message.type === "health" && message.isIdle && message.fps > 5);
    await pause(3000);
    const { share, frames } = await watch(vision, seconds);
    return row("empty, 10 frames/s", { share, frames, seconds, vision }, emptyBudget);
  });
}

async function visit(seconds) {
  return withVision(15, async ({ world, vision }) => {
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

async function withVision(fps, work) {
  return withFolder(async (folder, onEnd) => {
    const socket = `${folder}/camera.sock`;
    const world = start("simulation/world-main.js", { config: { socketPath: socket, fps, cacheDirectory } });
    onEnd(() => world.stop());
    await world.messages.until((message) => message.type === "ready");
    const vision = start("vision/main.js", {
      config: { camera: { driver: "simulated", socket }, modelCacheDirectory: cacheDirectory, logLevel: "error" },
    });
    onEnd(() => vision.stop());
    await vision.messages.until((message) => message.type === "ready");
    return work({ world, vision });
  });
}

/** Share of one core over the time, and how many frames were looked at (by vision's own count of frames a second). */
async function watch(vision, seconds) {
  const rates = [];
  const stop = vision.messages.each((message) => {
    if (message.type === "health") rates.push(message.fps);
  });
  const [startMs, startCpu] = [performance.now(), cpuMs(vision.pid)];
  await pause(seconds * 1000);
  const share = (cpuMs(vision.pid) - startCpu) / (performance.now() - startMs);
  stop();
  const rate = rates.reduce((sum, value) => sum + value, 0) / Math.max(1, rates.length);
  return { share, frames: Math.round(rate * seconds) };
}
