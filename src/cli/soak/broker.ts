import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { LoggedEvent } from "./judge/delivery.ts";

const said = z.union([z.object({ ready: z.literal(true) }), z.object({ seq: z.int(), hash: z.string() })]);

/** The broker beside the door, in a process of its own, with everything it was told on one topic. */
export class SoakBroker {
  readonly #port: number;
  readonly #topic: string;
  #process: ChildProcess | undefined;
  /** In the order of arrival, over all its lives. */
  readonly delivered: LoggedEvent[] = [];

  constructor(port: number, topic: string) {
    this.#port = port;
    this.#topic = topic;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const main = fileURLToPath(new URL("./broker-main.js", import.meta.url));
    const child = spawn(process.execPath, [main, String(this.#port), this.#topic], {
      stdio: ["pipe", "pipe", "inherit"],
      // A Ctrl-C in the terminal is for us alone; it ends when its input closes.
      detached: true,
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the broker ended with code ${code}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const message = said.parse(JSON.parse(line));
        if ("ready" in message) resolve();
        else this.delivered.push(message);
      });
    });
  }

  /** At once, with everything it had kept. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }
}
