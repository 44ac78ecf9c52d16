import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DaemonProcess } from "../../src/cli/demo/daemon-process.ts";
import { type ProcessEntry, processesBelow } from "./process-table.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A part of the program as built: whatever starts processes can only be started from there. */
export async function built<T>(path: string): Promise<T> {
  if (!existsSync(`${root}dist/${path}`)) throw new Error("dist/ is missing: run node scripts/build.mjs");
  return import(`${root}dist/${path}`);
}

export interface LogLine {
  /** info 30, warn 40, error 50. */
  readonly level: number;
  readonly msg: string;
  readonly component?: string;
  /** The whole line. */
  readonly text: string;
}

/** From 20 on, in tens. */
const levels = ["debug", "info", "warn", "error"];

const entries = {
  guard: /relay-guard\/main\.js/,
  vision: /vision\/main\.js$/,
  photos: /vision\/main\.js --photos/,
  ffmpeg: /ffmpeg/,
  art: /art\/process\/main\.js$/,
} as const;

/** A `lintel run` with everything it said and everything it started. */
export class Daemon {
  readonly pid: number;
  readonly lines: LogLine[] = [];
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: DaemonProcess;
  readonly #listeners = new Set<() => void>();

  constructor(process: DaemonProcess) {
    this.#process = process;
    this.pid = process.pid ?? Number.NaN;
    this.ended = process.ended;
    createInterface({ input: process.log }).on("line", (text) => {
      this.lines.push(parseLine(text));
      for (const listener of [...this.#listeners]) listener();
    });
  }

  static async start(configFile: string, environment: Readonly<Record<string, string>> = {}): Promise<Daemon> {
    const { startDaemon } =
      await built<typeof import("../../src/cli/demo/daemon-process.ts")>("cli/demo/daemon-process.js");
    return new Daemon(startDaemon({ configFile, environment }));
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** The first log line that fits, from the given index on, said already or within the deadline. */
  logged(fits: string | ((line: LogLine) => boolean), deadlineMs = 10_000, from = 0): Promise<LogLine> {
    const isIt = typeof fits === "string" ? ({ msg }: LogLine) => msg === fits : fits;
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        how();
      };
      const look = () => {
        const found = this.lines.slice(from).find(isIt);
        if (found) settle(() => resolve(found));
      };
      const fail = (why: string) => settle(() => reject(new Error(`${why}: ${String(fits)}\n${this.#tail()}`)));
      const timer = setTimeout(() => fail(`not logged within ${deadlineMs} ms`), deadlineMs);
      this.#listeners.add(look);
      void this.ended.then((how) => setImmediate(() => fail(`the daemon ended (${how})`)));
      look();
    });
  }

  /** Lines of warnings and errors. */
  complaints(from = 0): LogLine[] {
    return this.lines.slice(from).filter(({ level }) => level >= 40);
  }

  everything(): ProcessEntry[] {
    return processesBelow(this.pid);
  }

  /** Process id of a child; undefined while it does not run. */
  child(kind: keyof typeof entries): number | undefined {
    return this.everything().find(({ command }) => entries[kind].test(command))?.pid;
  }

  /** Process id of a child that must be there. The process table is read entry by entry: one look may miss a living one. */
  pidOf(kind: keyof typeof entries): number {
    for (let look = 0; look < 10; look++) {
      const pid = this.child(kind);
      if (pid !== undefined) return pid;
    }
    throw new Error(`no ${kind} runs:\n${this.#tail()}`);
  }

  #tail(): string {
    return this.lines
      .slice(-15)
      .map(({ text }) => text)
      .join("\n");
  }
}

function parseLine(text: string): LogLine {
  try {
    const { level, msg, component } = JSON.parse(text);
    return { level: levels.indexOf(level) * 10 + 20, msg: String(msg), component, text };
  } catch {
    return { level: 50, msg: text, text };
  }
}
