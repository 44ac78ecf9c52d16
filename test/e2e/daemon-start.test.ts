import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sqlite } from "../../src/daemon/store/sqlite.ts";
import { Daemon, root } from "../support/daemon.ts";
import { DoorRig } from "../support/door-rig.ts";
import { testModelCache } from "../support/model-cache.ts";
import { poll } from "../support/poll.ts";

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** Runs `lintel` to its end. */
function lintel(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: 20_000 };
    execFile(process.execPath, [join(root, "dist/cli/main.js"), ...args], options, (error, _stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stderr });
    });
  });
}

/** Exactly one line that is no log record. */
function oneLine({ stderr }: Ended): string {
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  expect(lines, stderr).toHaveLength(1);
  return lines[0] ?? "";
}

describe("a daemon that must not start", () => {
  let rig: DoorRig;
  const run = (file = rig.configFile) => lintel("run", "--config", file);

  beforeAll(async () => {
    rig = await DoorRig.open();
    await rig.enrolAlice();
  });
  afterAll(() => rig?.stop());

  it("on a state directory that another one uses ends with 78 and one line, and the other one does not notice", async () => {
    const from = rig.daemon.lines.length;
    const second = await run();
    expect(second.code).toBe(78);
    expect(oneLine(second)).toContain(`another lintel process uses ${rig.stateDirectory}`);
    await rig.untilHealthy();
    expect(rig.daemon.complaints(from)).toEqual([]);
  });

  it("ends after a failed start although its parent still holds its standard input open", async () => {
    const second = await Daemon.start(rig.configFile);
    const ended = poll(
      async () => second.hasEnded,
      Boolean,
      () => "it hangs",
      20_000,
    );
    try {
      await ended;
      expect(await second.ended).toBe(78);
    } finally {
      await second.stop();
    }
  });

  it("with wrong keys in its configuration ends with 78 and names every one of them", async () => {
    const file = join(rig.folder, "wrong.yaml");
    writeFileSync(file, "door: {openSeconds: 0, colour: red}\nmqqt: {}\ncamera: {driver: webcam}\n");
    const ended = await run(file);
    expect(ended.code).toBe(78);
    const line = oneLine(ended);
    for (const key of ["door.openSeconds", "door.colour", "mqqt", "camera.driver", "gpio"]) expect(line).toContain(key);
  });

  const unreadable: [string, (file: string) => void, RegExp][] = [
    ["is not there", () => {}, /cannot read .*ENOENT/],
    ["is a directory", (file) => mkdirSync(file), /cannot read .*EISDIR/],
    ["is no YAML", (file) => writeFileSync(file, "door: [1,\n  : }"), /not valid YAML/],
    ["is binary", (file) => writeFileSync(file, Buffer.from([0, 255, 254, 1, 0])), /configuration/],
    ["is empty", (file) => writeFileSync(file, ""), /camera/],
  ];
  it.each(unreadable)("whose configuration %s ends with 78 and one line", async (name, make, text) => {
    const file = join(rig.folder, `${name.replaceAll(" ", "-")}.yaml`);
    make(file);
    const ended = await run(file);
    expect(ended.code).toBe(78);
    expect(oneLine(ended)).toMatch(text);
  });

  describe("on a state that it must not touch", () => {
    const copy = (name: string) => {
      const stateDirectory = join(rig.folder, name);
      cpSync(rig.stateDirectory, stateDirectory, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      rig.configure({ stateDirectory });
      return stateDirectory;
    };
    beforeAll(() => rig.daemon.stop());

    it("because the key of the templates is missing ends with 78, and makes no new key", async () => {
      const state = copy("no-key");
      rmSync(join(state, "gallery.key"));
      const ended = await run();
      expect(ended.code).toBe(78);
      expect(oneLine(ended)).toContain("gallery.key is missing");
      expect(readdirSync(state)).not.toContain("gallery.key");
    });

    it("because the key is another one ends with 78", async () => {
      const state = copy("other-key");
      writeFileSync(join(state, "gallery.key"), Buffer.alloc(32, 7));
      const ended = await run();
      expect(ended.code).toBe(78);
      expect(oneLine(ended)).toContain("not the key");
    });

    it("because its database is of a newer version ends with 78", async () => {
      const state = copy("newer");
      const db = new Sqlite(join(state, "lintel.db"), { busyTimeoutMs: 0 });
      db.exec("PRAGMA user_version = 9999");
      db.close();
      const ended = await run();
      expect(ended.code).toBe(78);
      expect(oneLine(ended)).toContain("version 9999");
    });

    it("because its database is damaged ends with 69 and one line", async () => {
      const state = copy("damaged");
      for (const name of ["lintel.db-wal", "lintel.db-shm"]) rmSync(join(state, name), { force: true });
      writeFileSync(join(state, "lintel.db"), "this was a database");
      const ended = await run();
      expect(ended.code).toBe(69);
      expect(oneLine(ended)).toContain("lintel.db");
    });

    it("because its port is taken ends and leaves the state directory free", async () => {
      copy("port");
      const server = createServer().listen(rig.mqttPort, "127.0.0.1");
      try {
        const ended = await run();
        expect(ended.code).toBe(69);
        expect(oneLine(ended)).toContain(String(rig.mqttPort));
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
      // In the copy, where the rig does not look.
      const daemon = await rig.spawnDaemon();
      await daemon.logged("started", 30_000);
      await daemon.stop();
      expect(await daemon.ended).toBe(0);
    });
  });
});

describe("a daemon whose compiled networks are damaged", () => {
  it("says so once, compiles them anew and works", async () => {
    const folder = join(testModelCache, "..", `lintel-damaged-${process.pid}`);
    // Not what others are writing there meanwhile.
    const isWhole = (path: string) => path === testModelCache || /\.(model|json)$/.test(path);
    cpSync(testModelCache, folder, { recursive: true, filter: isWhole });
    const name = readdirSync(folder).find((file) => file.startsWith("dlib-")) ?? "";
    chmodSync(join(folder, name), 0o600);
    writeFileSync(join(folder, name), Buffer.alloc(4096, 1));
    const rig = await DoorRig.prepare({ config: { models: { cacheDirectory: folder } } });
    try {
      const daemon = await rig.startDaemon();
      await rig.untilHealthy();
      const complaints = daemon.complaints().filter(({ msg }) => !/gallery key/.test(msg));
      expect(complaints.map(({ text }) => text)).toHaveLength(1);
      expect(complaints[0]?.text).toContain("dlib");
      await rig.enrolAlice();
    } finally {
      await rig.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
