import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../support/daemon.ts";

interface DebianTree {
  putCommands(tree: string): void;
  putSystem(tree: string, app: string): void;
  putControl(tree: string, about: { manifest: { version: string }; arch: string; nodeVersion: string }): void;
  packDeb(tree: string, deb: string, epochSeconds: number): void;
}
const debianTree: DebianTree = await import(join(root, "scripts/package/debian-tree.mjs"));

const isAbsent = spawnSync("dpkg-deb", ["--version"]).error !== undefined || process.getuid?.() !== 0;
const work = mkdtempSync(join(tmpdir(), "lintel-debian-"));
const epochSeconds = 1_700_000_000;

/** The package without the application and its Node: what dpkg and its scripts do is the same, and takes no minute. */
function makeDeb(version: string): string {
  const tree = mkdtempSync(join(work, "tree-"));
  debianTree.putCommands(tree);
  debianTree.putSystem(tree, root);
  debianTree.putControl(tree, { manifest: { version }, arch: process.arch, nodeVersion: "22.0.0" });
  const deb = join(tree, "..", `lintel_${version}.deb`);
  debianTree.packDeb(tree, deb, epochSeconds);
  return deb;
}

/** A system of its own in a folder, as image builders have one: scripts run outside of it and are told where it is. */
class System {
  readonly at = mkdtempSync(join(work, "system-"));

  constructor() {
    for (const folder of ["info", "updates", "triggers"]) {
      mkdirSync(join(this.at, "var/lib/dpkg", folder), { recursive: true });
    }
    writeFileSync(join(this.at, "var/lib/dpkg/status"), "");
    mkdirSync(join(this.at, "etc"));
  }

  dpkg(...args: string[]): string {
    const options = [`--root=${this.at}`, "--force-script-chrootless", "--force-depends", `--log=${join(work, "log")}`];
    const done = spawnSync("dpkg", [...options, ...args], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
    expect({ args, status: done.status, stderr: done.status === 0 ? "" : done.stderr }).toEqual({
      args,
      status: 0,
      stderr: "",
    });
    return `${done.stdout}${done.stderr}`;
  }

  path(path: string): string {
    return join(this.at, path);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  /** Numbers of a user's own group. */
  gidOf(group: string): number {
    return Number(new RegExp(`^${group}:[^:]*:(\\d+)`, "m").exec(this.read("etc/group"))?.[1]);
  }
}

describe.skipIf(isAbsent)("the Debian package (needs dpkg and root)", () => {
  let first: string;
  let second: string;
  const system = () => new System();

  beforeAll(() => {
    first = makeDeb("1.0.0");
    second = makeDeb("1.1.0");
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("makes users and a configuration that only they read, and starts nothing", () => {
    const board = system();
    const said = board.dpkg("--install", first);
    expect(said).toContain("installed, and not started");
    const { mode, uid, gid } = statSync(board.path("etc/lintel/lintel.yaml"));
    expect({ mode: (mode & 0o777).toString(8), uid, gid }).toEqual({ mode: "640", uid: 0, gid: board.gidOf("lintel") });
    expect(board.read("etc/lintel/lintel.yaml")).toBe(readFileSync(join(root, "systemd/lintel.yaml"), "utf8"));
    expect(board.read("etc/passwd")).toMatch(/^lintel-vision:/m);
    expect(board.read("etc/group")).toMatch(/^gpio:[^:]*:\d+:lintel$/m);
    // Neither a link that starts it at boot, nor one that was there.
    expect(existsSync(board.path("etc/systemd/system"))).toBe(false);
  });

  it("leaves what the operator wrote alone when it is updated, and does not tell them to begin", () => {
    const board = system();
    board.dpkg("--install", first);
    writeFileSync(board.path("etc/lintel/lintel.yaml"), "door: { id: back }\n");
    mkdirSync(board.path("var/lib/lintel"), { recursive: true });
    writeFileSync(board.path("var/lib/lintel/lintel.db"), "everybody");
    expect(board.dpkg("--install", second)).not.toContain("not started");
    expect(board.read("etc/lintel/lintel.yaml")).toBe("door: { id: back }\n");
    expect(statSync(board.path("etc/lintel/lintel.yaml")).mode & 0o777).toBe(0o640);
    expect(board.read("var/lib/lintel/lintel.db")).toBe("everybody");
  });

  it("may be installed twice, and its files are those that it lists", () => {
    const board = system();
    board.dpkg("--install", first);
    board.dpkg("--install", first);
    expect(board.dpkg("--verify", "lintel")).toBe("");
  });

  it("says so when an older installation outranks its units", () => {
    const board = system();
    mkdirSync(board.path("etc/systemd/system"), { recursive: true });
    writeFileSync(board.path("etc/systemd/system/lintel.service"), "");
    expect(board.dpkg("--install", first)).toContain("uninstall.sh");
  });

  it("keeps people and configuration when it is removed, and forgets everybody when it is purged", () => {
    const board = system();
    board.dpkg("--install", first);
    for (const folder of ["var/lib/lintel", "etc/credstore.encrypted", "var/cache/lintel-vision"]) {
      mkdirSync(board.path(folder), { recursive: true });
    }
    writeFileSync(board.path("var/lib/lintel/lintel.db"), "everybody");
    writeFileSync(board.path("etc/credstore.encrypted/lintel.gallery.key"), "key");
    writeFileSync(board.path("etc/credstore.encrypted/other"), "somebody else's");
    board.dpkg("--remove", "lintel");
    expect(existsSync(board.path("usr/lib/systemd/system/lintel.service"))).toBe(false);
    expect(existsSync(board.path("var/cache/lintel-vision"))).toBe(false);
    expect(board.read("var/lib/lintel/lintel.db")).toBe("everybody");
    expect(existsSync(board.path("etc/lintel/lintel.yaml"))).toBe(true);
    board.dpkg("--purge", "lintel");
    for (const gone of ["var/lib/lintel", "etc/lintel", "etc/credstore.encrypted/lintel.gallery.key"]) {
      expect([gone, existsSync(board.path(gone))]).toEqual([gone, false]);
    }
    expect(readdirSync(board.path("etc/credstore.encrypted"))).toEqual(["other"]);
  });

  it("has every program and page that its units name", () => {
    const board = system();
    board.dpkg("--install", first);
    const units = readdirSync(board.path("usr/lib/systemd/system"));
    expect(units).toEqual(expect.arrayContaining(["lintel.service", "lintel-vision.socket", "lintel-photos.service"]));
    const named = units.flatMap((unit) => [
      ...board.read(`usr/lib/systemd/system/${unit}`).matchAll(/(?<==|file:)\/opt\/lintel\/\S+/g),
    ]);
    expect(named.length).toBeGreaterThan(3);
    for (const [path] of named) expect([path, existsSync(board.path(path))]).toEqual([path, true]);
  });

  it("is the same to the byte however and whenever it is built", () => {
    const digest = (deb: string) => createHash("sha256").update(readFileSync(deb)).digest("hex");
    const before = digest(first);
    const umask = process.umask(0o077);
    try {
      expect(digest(makeDeb("1.0.0"))).toBe(before);
    } finally {
      process.umask(umask);
    }
    expect(execFileSync("dpkg-deb", ["--field", first, "Version"], { encoding: "utf8" })).toBe("1.0.0\n");
  });
});
