// Processes of the build in dist/, spoken to in JSON Lines.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Starts `dist/<entry>` and sends it its configuration. */
export function start(entry, { config, args = [], env = {} } = {}) {
  const child = spawn(process.execPath, [join(dist, entry), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const messages = new Inbox();
  createInterface({ input: child.stdout }).on("line", (line) => messages.put(parse(line)));
  let complaints = "";
  child.stderr.on("data", (data) => {
    complaints = (complaints + data).slice(-2000);
  });
  child.stdin.on("error", () => {});
  const ended = new Promise((resolve) => child.once("exit", resolve));
  void ended.then((code) => messages.fail(`${entry} ended with code ${code}: ${complaints}`));
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  if (config !== undefined) send(config);
  return {
    pid: child.pid,
    send,
    messages,
    async stop() {
      child.stdin.end();
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Messages as they come; `until` waits for the next one that fits. */
class Inbox {
  #waiting = new Set();
  #failure;

  put(message) {
    for (const wait of [...this.#waiting]) {
      if (!wait.fits(message)) continue;
      this.#waiting.delete(wait);
      wait.resolve(message);
    }
  }

  fail(reason) {
    this.#failure = new Error(reason);
    for (const { reject } of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }

  until(fits, deadlineMs = 30_000) {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("nothing came in time")), deadlineMs);
      const settle = (act) => (value) => {
        clearTimeout(timer);
        act(value);
      };
      this.#waiting.add({ fits, resolve: settle(resolve), reject: settle(reject) });
    });
  }

  /** Calls back for every message until the returned function is called. */
  each(onMessage) {
    const fits = (message) => {
      onMessage(message);
      return false;
    };
    const wait = { fits, resolve() {}, reject() {} };
    this.#waiting.add(wait);
    return () => this.#waiting.delete(wait);
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { type: "no JSON", line };
  }
}

/** Runs the work with a folder of its own and ends what the work has registered, in reverse. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "lintel-bench-"));
  const endings = [];
  try {
    return await work(folder, (ending) => endings.push(ending));
  } finally {
    for (const end of endings.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
