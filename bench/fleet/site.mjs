// A site for measuring: mosquitto as it comes, doors in a few processes, and what is asked of them.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../dist/cli/demo/ports.js";
import { openDoorKeys } from "../../dist/daemon/fleet/door-keys.js";
import { admit, makeRoster, newSite } from "../../dist/daemon/fleet/owner.js";

const doorsFile = fileURLToPath(new URL("./doors.mjs", import.meta.url));
const configFile = fileURLToPath(new URL("../../config/demo.yaml", import.meta.url));

export async function withSite({ doorIds, processes }, measure) {
  const folder = mkdtempSync(join(tmpdir(), "lintel-bench-fleet-"));
  const broker = await startBroker(folder);
  const workers = Array.from({ length: processes }, () => new Worker());
  try {
    const site = new Site({ folder, broker, workers, ...(await found(folder, doorIds)) });
    return await measure(site);
  } finally {
    for (const worker of workers) worker.kill();
    broker.process.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

class Site {
  #places = new Map();

  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Opens a door in the process with this number; the milliseconds until it had caught up when `isTimed`. */
  open(door, number, { isTimed = false } = {}) {
    const worker = this.workers[number % this.workers.length];
    this.#places.set(door, worker);
    const { url } = this.broker;
    const { site, owner, roster } = this;
    return worker.ask("open", { door, folder: this.directory(door), url, site, owner, roster, configFile, isTimed });
  }

  directory(door) {
    return join(this.folder, door);
  }

  /** The door starts with what another knows: its database and the keys of that, never the other's own keys. */
  copyState(from, to) {
    for (const name of ["lintel.db", "lintel.db-wal", "gallery.key"]) {
      cpSync(join(this.directory(from), name), join(this.directory(to), name), { force: true, recursive: true });
    }
  }

  at(door, name, data = {}) {
    return this.#places.get(door).ask(name, { door, ...data });
  }

  async close(door) {
    await this.at(door, "close");
    this.#places.delete(door);
  }

  forget(door) {
    for (const name of ["lintel.db", "lintel.db-wal", "lintel.db-shm", "gallery.key"]) {
      rmSync(join(this.directory(door), name), { force: true });
    }
  }

  /** Asks every process; `until` gives the time when the last door had it. */
  all(name, data = {}) {
    return Promise.all(this.workers.map((worker) => worker.ask(name, data)));
  }

  brokerMb() {
    const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.broker.process.pid}/status`, "utf8"))?.[1] ?? "0";
    return (Number(kb) * 1024) / 1e6;
  }
}

class Worker {
  #process = fork(doorsFile, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  #waiting = new Map();
  #next = 0;

  constructor() {
    this.#process.on("message", ({ id, answer, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    });
  }

  ask(name, data) {
    const id = this.#next++;
    this.#process.send({ id, name, data });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  kill() {
    this.#process.kill("SIGKILL");
  }
}

/** Keys of every door, and a roster that has them all. */
async function found(folder, doorIds) {
  const joining = doorIds.map((id) => {
    const stateDirectory = join(folder, id);
    mkdirSync(stateDirectory, { recursive: true });
    const { publicPart } = openDoorKeys({ stateDirectory, keyFile: undefined, credentialsDirectory: undefined });
    return { format: "lintel-fleet-join-1", id, ...publicPart };
  });
  const { file, roster } = await makeRoster(admit(newSite("bench"), joining, { writes: true }));
  return { site: file.site, owner: file.key.x, roster };
}

/** mosquitto with its own limits (1000 messages waiting for a client), in memory. */
async function startBroker(folder) {
  const port = await freePort(0);
  const file = join(folder, "mosquitto.conf");
  chmodSync(folder, 0o755);
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`);
  const process = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const isUp = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isUp) return { process, url: `mqtt://127.0.0.1:${port}` };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("mosquitto did not start: apt install mosquitto");
}
