// Stands in for systemd where there is none: one unit of type notify, with the times that its file names.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import koffi from "koffi";
import { pause } from "./process.mjs";

const afUnix = 1;
const sockDatagram = 2;
const withoutWaiting = 0x40;
const lookEveryMs = 2;

/** Times of a unit file, in milliseconds; systemd's defaults where it names none. */
export function readUnit(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  const value = (key) => lines.findLast((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  return {
    watchdogMs: milliseconds(value("WatchdogSec") ?? "0"),
    watchdogSignal: value("WatchdogSignal") ?? "SIGABRT",
    restartMs: milliseconds(value("RestartSec") ?? "100ms"),
  };
}

function milliseconds(text) {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min)?$/.exec(text);
  if (!match) throw new Error(`no time: ${text}`);
  return Number(match[1]) * { ms: 1, s: 1000, min: 60_000 }[match[2] ?? "s"];
}

/** Keeps `command run` going as the unit says until it is stopped; `lockCommand` is its ExecStopPost. */
export class StandIn {
  readyMs = [];
  startedMs = [];
  #socket;
  #unit;
  #commands;
  #main;
  #heardMs = 0;
  #isStopping = false;
  #running;

  constructor({ folder, unit, command, lockCommand, env }) {
    this.#unit = unit;
    this.#commands = { command, lockCommand, env };
    this.#socket = openSocket(join(folder, "notify"));
  }

  get pid() {
    return this.#main?.pid;
  }

  start() {
    this.#running = this.#run();
  }

  async stop() {
    this.#isStopping = true;
    this.#main?.kill("SIGTERM");
    await this.#running;
    this.#socket.close();
  }

  async #run() {
    while (!this.#isStopping) {
      await this.#once();
      // Whatever is left of it ends with its control group; then what stands in ExecStopPost runs, and the pause.
      const [program, ...args] = this.#commands.lockCommand;
      spawnSync(program, args, { stdio: "ignore", env: this.#commands.env });
      if (!this.#isStopping) await pause(this.#unit.restartMs);
    }
  }

  async #once() {
    const { command, env } = this.#commands;
    const [program, ...args] = command;
    const { watchdogMs, watchdogSignal } = this.#unit;
    this.#socket.received();
    this.startedMs.push(performance.now());
    this.#main = spawn(program, args, {
      stdio: "ignore",
      detached: true,
      env: { ...env, NOTIFY_SOCKET: this.#socket.path, WATCHDOG_USEC: String(watchdogMs * 1000) },
    });
    const main = this.#main;
    let hasEnded = false;
    const ended = new Promise((resolve) => main.once("exit", resolve)).then(() => {
      hasEnded = true;
    });
    let isReady = false;
    while (!hasEnded) {
      for (const state of this.#socket.received().flatMap((text) => text.split("\n"))) {
        if (state === "READY=1") this.readyMs.push(performance.now());
        if (state === "READY=1" || state === "WATCHDOG=1") this.#heardMs = performance.now();
        isReady ||= state === "READY=1";
      }
      if (isReady && performance.now() - this.#heardMs > watchdogMs) {
        main.kill(watchdogSignal);
        main.kill("SIGCONT");
      }
      await pause(lookEveryMs);
    }
    await ended;
    try {
      process.kill(-main.pid, "SIGKILL");
    } catch {
      // Its children have ended already.
    }
  }
}

// Node knows no datagram sockets of this kind.
function openSocket(path) {
  rmSync(path, { force: true });
  const libc = koffi.load("libc.so.6");
  const socket = libc.func("int socket(int domain, int type, int protocol)")(afUnix, sockDatagram, 0);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(afUnix, 0);
  address.write(path, 2);
  const bind = libc.func("int bind(int fd, const uint8_t *address, unsigned int length)");
  if (bind(socket, address, address.length) !== 0) throw new Error(`bind: errno ${koffi.errno()}`);
  const receive = libc.func("long recv(int fd, _Out_ uint8_t *buffer, unsigned long length, int flags)");
  const buffer = Buffer.alloc(4096);
  return {
    path,
    received: () => {
      const all = [];
      for (;;) {
        const length = Number(receive(socket, buffer, buffer.length, withoutWaiting));
        if (length < 0) return all;
        all.push(buffer.toString("utf8", 0, length));
      }
    },
    close: () => libc.func("int close(int fd)")(socket),
  };
}
