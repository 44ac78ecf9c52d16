import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { testModelCache } from "../support/model-cache.ts";

/**
 * Real kernel, real systemd, simulated GPIO chip and camera: boots an emulated board (scripts/hardware/board.sh). Needs root, apt
 * and the programs below; left out, with a word, where they are missing. Kernel and downloads (300 MB once) are kept in
 * LINTEL_HARDWARE_CACHE.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = process.env.LINTEL_HARDWARE_CACHE ?? join(homedir(), ".cache", "lintel-hardware");
const programs = ["qemu-system-x86_64", "busybox", "cpio", "modprobe", "gcc-12", "make", "apt-get", "gpioinfo"];
const folders = [...(process.env.PATH ?? "").split(":"), "/sbin", "/usr/sbin"];
const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
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

const outs: string[] = [];
const boot = (stage: string, extra: readonly string[] = []): string => {
  const out = mkdtempSync(join(tmpdir(), "lintel-board-"));
  outs.push(out);
  const args = [join(root, "scripts/hardware/board.sh"), cache, join(root, "test/board", stage), out, ...extra];
  spawnSync("bash", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return out;
};
const said = (out: string, file: string) => (existsSync(join(out, file)) ? readFileSync(join(out, file), "utf8") : "");

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

describe.skipIf(!isReady)("on an emulated board", () => {
  afterAll(() => {
    for (const out of outs) rmSync(out, { recursive: true, force: true });
  });

  it("the drivers of lines and cameras do with a real kernel what they must", () => {
    const extra = mkdtempSync(join(tmpdir(), "lintel-extra-"));
    outs.push(extra);
    const hasEpoll = prepare("epoll.sh");
    if (hasEpoll) cpSync(join(cache, "epoll"), join(extra, "epoll"), { recursive: true });
    else process.stderr.write("left out: driver onoff, whose native part needs g++, make and python3\n");
    const out = boot("drivers.sh", [extra]);
    const report: Report = JSON.parse(said(out, "results.json") || '{"testResults":[]}');
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = results.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
    expect(failed, said(out, "log.txt") || said(out, "console.log")).toEqual([]);
    expect(results.filter(({ status }) => status === "passed").length).toBeGreaterThanOrEqual(hasEpoll ? 20 : 14);
  });

  // Emulated processors on a busy machine start the relay guard more slowly than its supervisor waits: for idle ones only.
  it.skipIf(process.env.LINTEL_HARDWARE_SERVICE !== "1")(
    "the service works under systemd, and whatever is killed leaves the door locked",
    () => {
      const extra = mkdtempSync(join(tmpdir(), "lintel-extra-"));
      outs.push(extra);
      mkdirSync(join(extra, "models"));
      const models = existsSync(testModelCache) ? readdirSync(testModelCache) : [];
      for (const model of models.filter((name) => name.endsWith(".model"))) {
        cpSync(join(testModelCache, model), join(extra, "models", model));
      }
      const out = boot("service.sh", [extra]);
      const log = said(out, "log.txt");
      const checks = log.split("\n").filter((line) => /^(NOT )?ok /.test(line));
      expect(
        checks.filter((line) => line.startsWith("NOT")),
        `${log}\n${said(out, "journal.txt").slice(-4000)}`,
      ).toEqual([]);
      expect(checks.length).toBeGreaterThanOrEqual(36);
      expect(log).toContain("checked at");
    },
  );
});
