import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Acknowledgement, DisplayState } from "../../src/daemon/api.ts";
import { kill, root } from "./camera-kit.ts";

export const browserPath = "/usr/bin/chromium";
export const browserFlags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
];

/** The pages as the daemon serves them, and what they acknowledge. */
export class PageServer {
  readonly acknowledged: Acknowledgement[] = [];
  readonly port: Promise<number>;
  readonly #child: ChildProcess;
  #onLine: () => void = () => {};

  constructor() {
    const child = spawn(process.execPath, [`${root}test/support/web-server.mjs`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    this.port = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const { port, acknowledged } = JSON.parse(line);
        if (port) resolve(port);
        if (acknowledged) this.acknowledged.push(acknowledged);
        this.#onLine();
      });
    });
  }

  show(state: DisplayState): void {
    this.#child.stdin?.write(`${JSON.stringify({ display: state })}\n`);
  }

  /** Resolves when so many steps were acknowledged. */
  async acknowledgements(count: number): Promise<readonly Acknowledgement[]> {
    while (this.acknowledged.length < count) await new Promise<void>((resolve) => (this.#onLine = resolve));
    return this.acknowledged;
  }

  stop(): Promise<unknown> {
    return kill(this.#child);
  }
}
