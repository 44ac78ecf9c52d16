import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** `lintel run` in a process of its own, as an operator's service manager would start it. */
export interface DaemonProcess {
  readonly pid: number | undefined;
  /** Its log, JSON Lines. */
  readonly log: Readable;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly hasEnded: boolean;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end, forces it after four seconds. Safe to call twice. */
  stop(): Promise<void>;
}

const forceAfterMs = 4000;
const nodeOptions = ["--enable-source-maps"];

/** Starts it; it ends with this process, whatever happens to us. */
export function startDaemon(options: {
  readonly configFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}): DaemonProcess {
  const main = fileURLToPath(new URL("../main.js", import.meta.url));
  const args = [...nodeOptions, main, "run", "--config", options.configFile, "--end-with-input"];
  const child: ChildProcess & { readonly stderr: Readable } = spawn(process.execPath, args, {
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
    env: { ...process.env, ...options.environment },
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
    child.once("error", () => resolve(-1));
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid,
    log: child.stderr,
    ended,
    get hasEnded() {
      return hasEnded();
    },
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      if (hasEnded()) return;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), forceAfterMs);
      await ended;
      clearTimeout(force);
    },
  };
}
