import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { testModelCache } from "../support/model-cache.ts";

/**
 * Real kernel, real systemd, simulated GPIO chip and camera: boots an emulated board (scripts/hardware/board.sh). Needs root, apt
 * and the programs below; left out, with a word, where they are missing. Kernel and downloads (300 MB once) are kept in
 * LINTEL_HARDWARE_CACHE. The drivers are always tried; the service and the Debian package, minutes each, with LINTEL_HARDWARE=all
 * (npm run test:hardware), or LINTEL_HARDWARE=service or =package alone.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = process.env.LINTEL_HARDWARE_CACHE ?? join(homedir(), ".cache", "lintel-hardware");
const programs = ["qemu-system-x86_64", "busybox", "cpio", "modprobe", "gcc-12", "make", "apt-get", "gpioinfo"];
const paths = [...(process.env.PATH ?? "").split(":"), "/sbin", "/usr/sbin"];
const missing = programs.filter((program) => !paths.some((path) => existsSync(join(path, program))));
const canBoot = missing.length === 0 && process.getuid?.() === 0;
const prepare = (script: string) =>
  spawnSync("bash", [join(root, "scripts/hardware", script), cache], { stdio: ["ignore", 2, 2] }).status === 0;
const isReady = canBoot && prepare("kernel.sh");
if (!canBoot) {
  process.stderr.write(
    `left out: tests on an emulated board need root and ${missing.join(", ") || "nothing else"} (apt-get install qemu-system-x86 seabios busybox-static cpio kmod gcc-12 make xz-utils gpiod)\n`,
  );
} else if (!isReady) {
  process.stderr.write("left out: tests on an emulated board need a Debian kernel, which apt-get could not fetch\n");
}

const wanted = process.env.LINTEL_HARDWARE ?? "drivers";
const isWanted = (part: string) => wanted === "all" || wanted.split(",").includes(part);

/** On a busy machine; trying again would tell nothing that the board's log does not. */
const minutes = { timeout: 1_800_000, retry: 0 };
/** On the board's own time: nothing in it is late because this machine is busy, and it takes half the work. */
const patiently = { BOARD_TIME: "instructions", BOARD_SECONDS: "1500" };

const folders: string[] = [];
const folder = (name: string) => {
  const path = mkdtempSync(join(tmpdir(), `lintel-${name}-`));
  folders.push(path);
  return path;
};
const boot = (stage: string, extra: string, environment: Record<string, string>): string => {
  const out = folder("board");
  const args = [join(root, "scripts/hardware/board.sh"), cache, join(root, "test/board", stage), out, extra];
  spawnSync("bash", args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  return out;
};
const said = (out: string, file: string) => (existsSync(join(out, file)) ? readFileSync(join(out, file), "utf8") : "");

/** What a board under systemd is given: udev, where this machine has none, and compiled networks. */
function extraForSystemd(): string {
  const extra = folder("extra");
  if (!prepare("udev.sh")) throw new Error(`udev could not be fetched: ${cache}/udev.log`);
  cpSync(join(cache, "udev.tar"), join(extra, "udev.tar"));
  mkdirSync(join(extra, "models"));
  const models = existsSync(testModelCache) ? readdirSync(testModelCache) : [];
  for (const model of models.filter((name) => name.endsWith(".model"))) {
    cpSync(join(testModelCache, model), join(extra, "models", model));
  }
  return extra;
}

/** Each line of the board's log that is a check; fails with what the board said. */
function expectAllOk(out: string, atLeast: number): void {
  const log = said(out, "log.txt");
  const checks = log.split("\n").filter((line) => /^(NOT )?ok /.test(line));
  const failed = checks.filter((line) => line.startsWith("NOT"));
  expect(failed, `${log}\n${said(out, "journal.txt").slice(-4000)}`).toEqual([]);
  expect(checks.length, log).toBeGreaterThanOrEqual(atLeast);
  expect(log).toContain("checked at");
  for (const line of log.split("\n").filter((text) => text.startsWith("time: ")))
    process.stdout.write(`on the board, ${line}\n`);
}

function run(program: string, args: readonly string[]): void {
  const done = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stdout}${done.stderr}`);
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Read by whoever sees that something was left out. */
const leftOut = isReady
  ? wanted === "all"
    ? ""
    : ` (only ${wanted}; npm run test:hardware runs drivers, service and package)`
  : " (not run here: needs root, QEMU and a Debian kernel)";

describe.skipIf(!isReady)(`on an emulated board${leftOut}`, () => {
  afterAll(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });

  it.skipIf(!isWanted("drivers"))(
    "the drivers of lines and cameras do with a real kernel what they must",
    minutes,
    () => {
      const extra = folder("extra");
      const hasEpoll = prepare("epoll.sh");
      if (hasEpoll) cpSync(join(cache, "epoll"), join(extra, "epoll"), { recursive: true });
      else process.stderr.write("left out: driver onoff, whose native part needs g++, make and python3\n");
      const out = boot("drivers.sh", extra, patiently);
      const report: Report = JSON.parse(said(out, "results.json") || '{"testResults":[]}');
      const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
      const failed = results.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
      expect(failed, said(out, "log.txt") || said(out, "console.log")).toEqual([]);
      expect(results.filter(({ status }) => status === "passed").length).toBeGreaterThanOrEqual(hasEpoll ? 21 : 15);
    },
  );

  it.skipIf(!isWanted("service"))(
    "the service works under systemd, sees through its sandbox, and whatever is killed leaves the door locked",
    minutes,
    () => expectAllOk(boot("service.sh", extraForSystemd(), patiently), 46),
  );

  it.skipIf(!isWanted("package"))("the Debian package is installed, updated and taken away by apt", minutes, () => {
    const extra = extraForSystemd();
    const packages = join(extra, "packages");
    run(process.execPath, [join(root, "scripts/package/deb.mjs"), "--arch", "amd64", "--out", packages]);
    const [made = ""] = readdirSync(packages);
    // This version and the next, packed anew and quick to unpack: an emulated processor takes minutes else.
    const tree = join(folder("tree"), "tree");
    run("dpkg-deb", ["-R", join(packages, made), tree]);
    const control = join(tree, "DEBIAN/control");
    for (const [name, version] of [
      ["first.deb", "0.1.0"],
      ["second.deb", "0.1.1"],
    ] as const) {
      writeFileSync(control, readFileSync(control, "utf8").replace(/^Version: .*$/m, `Version: ${version}`));
      run("dpkg-deb", ["--root-owner-group", "-Zzstd", "-z1", "--build", tree, join(packages, name)]);
    }
    expectAllOk(boot("package.sh", extra, { ...patiently, BOARD_MEMORY: "3072" }), 32);
  });
});
