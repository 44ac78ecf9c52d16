import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { testCacheDirectory } from "./cast.ts";
import { root } from "./daemon.ts";

export interface Trained {
  /** Exit code, or the signal that ended it. */
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TrainOptions {
  /** Ctrl-C is pressed as soon as it has said this. */
  readonly interruptAt?: RegExp;
  /** It is killed, with no chance to do anything, once this resolves. */
  killOn?(signal: AbortSignal): Promise<void>;
}

const running = new Set<ChildProcessWithoutNullStreams>();

/** Runs `lintel train …` from dist/ to its end. */
export async function train(args: readonly string[], { interruptAt, killOn }: TrainOptions = {}): Promise<Trained> {
  const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), "train", ...args], {
    // Networks compiled once serve all of these runs.
    env: { ...process.env, XDG_CACHE_HOME: testCacheDirectory },
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  let isInterrupted = false;
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    if (isInterrupted || interruptAt?.test(stderr) !== true) return;
    isInterrupted = true;
    child.kill("SIGINT");
  });
  const ended = new AbortController();
  const killed = killOn?.(ended.signal).then(
    () => child.kill("SIGKILL"),
    () => false,
  );
  const status = await new Promise<Trained["status"]>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  ended.abort();
  await killed;
  running.delete(child);
  return { status, stdout, stderr };
}

/** For the end of a test file: nothing of it goes on. */
export function stopTrainings(): void {
  for (const child of running) child.kill("SIGKILL");
}
