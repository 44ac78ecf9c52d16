import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What the camera tests share: the compiled drivers, a feeder process, and a look at the process table. */

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The drivers as built: their reading thread can only be started from there. */
export async function builtCameras(): Promise<typeof import("../../src/hal/camera/table.ts")> {
  const path = `${root}dist/hal/camera/table.js`;
  if (!existsSync(path)) throw new Error("dist/ is missing: run node scripts/build.mjs");
  return import(path);
}

export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;
}

export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "lintel-camera-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Feeder {
  readonly socket: string;
  stop(): Promise<void>;
}

export async function startFeeder(
  socket: string,
  options: { width: number; height: number; fps: number; frames?: number; end?: "freeze" | "close" },
): Promise<Feeder> {
  const { width, height, fps, frames = 1e9, end = "freeze" } = options;
  const args = [socket, width, height, fps, frames, end].map(String);
  const child = spawn(process.execPath, [`${root}test/support/camera-feeder.mjs`, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return { socket, stop: () => kill(child) };
}

/** A process that owns a camera; resolves when the first frame has come. */
export async function startOwner(config: object): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, [`${root}test/support/camera-owner.mjs`, JSON.stringify(config)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => fail("the owner ended early"))]);
  return Object.assign(child, { pid: child.pid ?? fail("the owner did not start") });
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** Ids of the living processes that were started by `pid`, directly or not, and run this program. */
export function descendants(pid: number, program: string): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) parents.set(Number(name), parent);
  }
  const isBelow = (id: number): boolean => {
    for (let at = parents.get(id); at !== undefined && at > 1; at = parents.get(at)) if (at === pid) return true;
    return false;
  };
  return [...parents.keys()].filter((id) => isBelow(id) && programOf(id) === program);
}

/** True while the process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Asks again and again until it is so; fails after the deadline. */
export async function until(isSo: () => boolean, deadlineMs: number): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!isSo()) {
    if (Date.now() > end) fail(`not so after ${deadlineMs} ms`);
    await delay(20);
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null;
  }
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function fail(message: string): never {
  throw new Error(message);
}
