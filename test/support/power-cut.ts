import { spawn } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Random } from "../../src/core/random.ts";

const script = fileURLToPath(new URL("power-cut-process.mjs", import.meta.url));

const line = z.object({
  opened: z
    .object({
      ok: z.boolean(),
      brokenAt: z.int().nullable(),
      events: z.int(),
      cursor: z.int(),
      integrity: z.string(),
      head: z.object({ seq: z.int() }),
    })
    .optional(),
  appended: z.int().optional(),
  hash: z.string().optional(),
  published: z.int().optional(),
  cursor: z.int().optional(),
  frames: z.int().optional(),
  salt: z.string().optional(),
});
export type Found = NonNullable<z.output<typeof line>["opened"]>;

/** What the world outside knows: all of it must be true after any power cut. */
export interface Known {
  /** The last event whose `append` returned. */
  event: { seq: number; hash: string } | null;
  /** The broker has these. */
  readonly delivered: Set<number>;
  /** Every event up to here was acknowledged by the broker. */
  brokerAcknowledged: number;
  /** The last cursor whose `advance` returned. */
  cursor: number;
  /** Up to here the write-ahead file was synced. */
  frames: number;
  salt: string;
}

export function nothingKnown(): Known {
  return { event: null, delivered: new Set(), brokerAcknowledged: 0, cursor: 0, frames: 0, salt: "" };
}

export interface Cut {
  readonly seed: number;
  readonly checkpointPages: number;
  /** Power goes after so many durable things; undefined: run until everything is delivered. */
  readonly afterThings: number | undefined;
  /** In the middle of what comes next, this much later; or, with events, behind a commit that nobody was told of. */
  readonly delayUs: number;
  readonly unsaidEvents: number;
}

/** Runs the process until its power goes. Updates what is known; returns what it found at its start. */
export async function runUntilCut(stateDirectory: string, known: Known, cut: Cut): Promise<Found> {
  const settings = {
    checkpointPages: cut.checkpointPages,
    expected: known.event,
    seed: cut.seed,
    mode: cut.afterThings === undefined ? "drain" : "run",
  };
  const args = [script, stateDirectory, JSON.stringify(settings)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  let found: Found | undefined;
  let things = 0;
  let isCut = false;
  for await (const text of createInterface({ input: child.stdout })) {
    const said = line.parse(JSON.parse(text));
    found ??= said.opened;
    if (said.published !== undefined) acknowledge(known, said.published, child.stdin);
    if (said.appended !== undefined && said.hash !== undefined) known.event = { seq: said.appended, hash: said.hash };
    if (said.cursor !== undefined) known.cursor = said.cursor;
    if (said.frames === undefined || said.salt === undefined) continue;
    Object.assign(known, { frames: said.frames, salt: said.salt });
    things += 1;
    if (isCut || cut.afterThings === undefined || things < cut.afterThings) continue;
    isCut = true;
    if (cut.unsaidEvents > 0) child.stdin.write(`${JSON.stringify({ cut: cut.unsaidEvents })}\n`);
    else killAfter(cut.delayUs, () => child.kill("SIGKILL"));
  }
  await ended;
  if (!found) throw new Error("the process ended before it had opened its log");
  return found;
}

export const tears = ["none", "truncate", "corrupt", "zeros", "garbage"] as const;
export type Tear = (typeof tears)[number];

/**
 * Does to the write-ahead file what a power cut may do to whatever was not synced yet. Returns how many bytes were at
 * stake; 0: nothing was done.
 */
export function tear(stateDirectory: string, known: Known, { kind, random }: { kind: Tear; random: Random }): number {
  const path = join(stateDirectory, "lintel.db-wal");
  if (!existsSync(path)) return 0;
  const { size } = statSync(path);
  const file = openSync(path, "r+");
  try {
    const from = Math.min(size, syncedBytes(stateDirectory, file, known));
    // Most of the file may be left from earlier generations: half of the tears aim at the newest commit.
    const reach = random() < 0.5 ? size - from : Math.min(size - from, 16 * 1024);
    const at = from + Math.floor(random() * (reach + 1));
    if (kind === "truncate") ftruncateSync(file, at);
    if (kind === "zeros") writeSync(file, Buffer.alloc(size - at), 0, size - at, at);
    if (kind === "corrupt") {
      const noise = bytes(Math.min(size - at, 1 + Math.floor(random() * 200)), random);
      writeSync(file, noise, 0, noise.length, at);
    }
    if (kind === "garbage") writeSync(file, bytes(5000, random), 0, 5000, size);
    return kind === "none" ? 0 : size - from;
  } finally {
    closeSync(file);
  }
}

// --- internal ---

function acknowledge(known: Known, seq: number, input: { write(text: string): unknown }): void {
  known.delivered.add(seq);
  while (known.delivered.has(known.brokerAcknowledged + 1)) known.brokerAcknowledged += 1;
  input.write(`${JSON.stringify({ acknowledge: seq })}\n`);
}

/** Timers are too coarse to hit a commit in its middle. */
function killAfter(us: number, kill: () => void): void {
  const end = process.hrtime.bigint() + BigInt(Math.round(us * 1000));
  while (process.hrtime.bigint() < end);
  kill();
}

const headerBytes = 32;

/**
 * Bytes of the write-ahead file that a power cut cannot take any more: up to the last thing we were told of, and up to
 * where writing back into the database had begun, because SQLite syncs the file before that. A file of another
 * generation than both was begun after all before it had been written back: nothing of it is known to be synced.
 */
function syncedBytes(stateDirectory: string, file: number, { frames, salt }: Known): number {
  const header = Buffer.alloc(headerBytes);
  if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return 0;
  const generation = header.toString("hex", 16, 24);
  const index = writtenBack(stateDirectory);
  const told = generation === salt ? frames : 0;
  const begun = generation === index.salt ? index.frames : 0;
  const synced = Math.max(told, begun);
  return synced === 0 ? 0 : headerBytes + synced * (24 + header.readUInt32BE(8));
}

/** From the index the dead process left (SQLite file format, 4.5): `aSalt` and `nBackfillAttempted`. */
function writtenBack(stateDirectory: string): { frames: number; salt: string } {
  const index = readFileSync(join(stateDirectory, "lintel.db-shm"));
  return { frames: index.readUInt32LE(128), salt: index.toString("hex", 32, 40) };
}

function bytes(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
