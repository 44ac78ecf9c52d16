import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonLines, writeJsonLine } from "../../src/core/json-lines.ts";

export type Said = Readonly<Record<string, unknown>>;

/** A spawned program that speaks JSON Lines, with everything it said. */
export interface Spoken {
  readonly process: ChildProcessWithoutNullStreams;
  readonly said: readonly Said[];
  send(message: unknown): void;
  /** The first message that fits, said already or within the deadline. */
  heard(fits: (message: Said) => boolean, deadlineMs?: number): Promise<Said>;
  /** Code or signal it ended with. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts a node program by its path from the root of the repository. */
export function speak(path: string, first?: unknown): Spoken {
  const child = spawn(process.execPath, [join(root, path)], { stdio: ["pipe", "pipe", "pipe"] });
  const said: Said[] = [];
  const listeners = new Set<(message: Said) => void>();
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdin.on("error", () => {});
  readJsonLines(child.stdout, 16 * 1024 * 1024, {
    onMessage: (raw) => {
      const message: Said = typeof raw === "object" && raw !== null ? { ...raw } : { raw };
      said.push(message);
      for (const listener of [...listeners]) listener(message);
    },
    onBadLine: () => {},
    onClose: () => {},
  });
  const heard = (fits: (message: Said) => boolean, deadlineMs = 5000) =>
    new Promise<Said>((resolve, reject) => {
      const before = said.find(fits);
      if (before) return resolve(before);
      const listen = (message: Said) => {
        if (!fits(message)) return;
        clearTimeout(timer);
        listeners.delete(listen);
        resolve(message);
      };
      const timer = setTimeout(() => {
        listeners.delete(listen);
        reject(
          new Error(`${path} did not say it within ${deadlineMs} ms: ${JSON.stringify(said.slice(-5))} ${errors}`),
        );
      }, deadlineMs);
      listeners.add(listen);
    });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
  });
  if (first !== undefined) writeJsonLine(child.stdin, first);
  return { process: child, said, send: (message) => void writeJsonLine(child.stdin, message), heard, ended };
}

/** A fresh folder that is removed by the returned function. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "lintel-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
