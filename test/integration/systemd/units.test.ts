import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/daemon/config/load.ts";
import { visionEnvironment } from "../../../src/vision/environment.ts";
import { temporaryFolder } from "../../support/processes.ts";

const systemd = fileURLToPath(new URL("../../../systemd", import.meta.url));
const units = [
  "lintel.service",
  "lintel-vision.service",
  "lintel-photos.service",
  "lintel-vision.socket",
  "lintel-photos.socket",
];
const services = units.filter((unit) => unit.endsWith(".service"));
const hasAnalyser = spawnSync("systemd-analyze", ["--version"]).status === 0;
const textOf = (unit: string) => readFileSync(join(systemd, unit), "utf8");

/** Of the lobby screen: its program is no part of Lintel, and it has a browser's rights. */
const kiosk = "lintel-kiosk.service";

/** The units with programs that are there, for an analyser that looks for them. */
function stageUnits(folder: string): void {
  const program = join(folder, "program");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  for (const unit of [...units, kiosk]) {
    const text = textOf(unit).replaceAll(/\/opt\/lintel\/bin\/\S+|\/usr\/bin\/(?:cage|chromium|curl)/g, program);
    writeFileSync(join(folder, unit), text);
  }
}

/** Left out where systemd-analyze is not installed: nothing else can say what systemd makes of a unit. */
describe.skipIf(!hasAnalyser)("what systemd makes of the units", () => {
  const folder = temporaryFolder();
  stageUnits(folder.path);
  afterAll(() => folder.remove());

  it.each([...units, kiosk])("%s is understood without a single complaint", (unit) => {
    const { stderr, status } = spawnSync("systemd-analyze", ["verify", join(folder.path, unit)], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each(services)("%s is exposed by no more than 2.0", (unit) => {
    const args = ["security", "--offline=true", "--threshold=20", join(folder.path, unit)];
    const { status, stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    expect(status, stdout.split("\n").at(-2)).toBe(0);
  });
});

describe.skipIf(!hasAnalyser)("with what is added for other hardware", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it.each([
    ["rtsp.conf", "lintel-vision.service"],
    ["csi.conf", "lintel-vision.service"],
    ["gpu.conf", "lintel-vision.service"],
    ["gpu.conf", "lintel-photos.service"],
    ["onoff.conf", "lintel.service"],
  ])("%s, %s is understood and exposed by no more than 2.0", (addition, unit) => {
    const staged = join(folder.path, addition);
    mkdirSync(join(staged, `${unit}.d`), { recursive: true });
    stageUnits(staged);
    writeFileSync(join(staged, `${unit}.d`, addition), textOf(addition));
    const analyse = (...args: string[]) => spawnSync("systemd-analyze", args, { encoding: "utf8", cwd: staged });
    expect(analyse("verify", `./${unit}`).stderr).toBe("");
    const { status, stdout } = analyse("security", "--offline=true", "--threshold=20", `./${unit}`);
    expect(status, stdout.split("\n").at(-2)).toBe(0);
  });
});

describe("the unit", () => {
  it("of the door tells when it is ready, is watched for eight seconds and locks however it ended", () => {
    const unit = textOf("lintel.service");
    for (const line of [
      "Type=notify",
      "NotifyAccess=main",
      "WatchdogSec=8",
      "Restart=always",
      "StartLimitIntervalSec=0",
    ]) {
      expect(unit).toContain(`\n${line}\n`);
    }
    expect(unit).toMatch(/\nExecStopPost=\S+ lock --config \/etc\/lintel\/lintel\.yaml\n/);
  });

  it("of the door reaches GPIO chips and no other device", () => {
    const devices = textOf("lintel.service").match(/^Device.*$/gm);
    expect(devices).toEqual(["DevicePolicy=closed", "DeviceAllow=char-gpiochip rw"]);
  });

  it("of vision lets setpriv set no capabilities: through it each camera's program is started", () => {
    const filters = [...textOf("lintel-vision.service").matchAll(/^SystemCallFilter=(.*)$/gm)].map(
      ([, calls]) => calls,
    );
    expect(filters).toEqual(["@system-service @pkey", "~@privileged", "capset"]);
    expect(textOf("lintel-vision.service")).toMatch(/^CapabilityBoundingSet=$/m);
  });

  it.each(["lintel-vision.service", "lintel-photos.service"])(
    "%s has neither credentials nor state nor a network",
    (unit) => {
      const text = textOf(unit);
      expect(text).not.toMatch(/Credential|StateDirectory|gpio/);
      expect(text).toMatch(/\nUser=lintel-vision\n/);
      expect(text).toMatch(/\nPrivateNetwork=yes\n/);
    },
  );

  it.each([...services, kiosk])("%s cannot fill the disk with what it says", (unit) => {
    expect(textOf(unit)).toMatch(/\nLogRateLimitBurst=\d+\n/);
    expect(textOf("lintel-journal.conf")).toMatch(/\nSystemMaxUse=200M\n/);
    expect(textOf("install.sh")).toContain("/usr/lib/systemd/journald.conf.d/lintel.conf");
  });

  it.each(["lintel-vision.socket", "lintel-photos.socket"])("%s takes connections of the door alone", (unit) => {
    expect(textOf(unit)).toMatch(/\nSocketUser=lintel\nSocketGroup=lintel\nSocketMode=0600\n/);
  });
});

describe("the configuration that is installed", () => {
  it("is valid and names the sockets that the units open", () => {
    const result = checkConfig(join(systemd, "lintel.yaml"), {});
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { vision } = result.config;
    expect(textOf("lintel-vision.socket")).toContain(`ListenStream=${vision.socket}\n`);
    expect(textOf("lintel-photos.socket")).toContain(`ListenStream=${vision.photosSocket}\n`);
  });
});

describe("install.sh", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const script = (name: string, ...args: string[]) =>
    spawnSync("bash", [join(systemd, name), ...args], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  const filesBelow = (root: string) =>
    existsSync(root)
      ? readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
          .sort()
      : [];

  it("places nothing when it is only asked what it would do", () => {
    const root = join(folder.path, "dry");
    const { status, stdout } = script("install.sh", "--dry-run", "--root", root);
    expect(status).toBe(0);
    expect(stdout).toContain(
      `would run: install -D -m 644 ${systemd}/lintel.service ${root}/etc/systemd/system/lintel.service`,
    );
    expect(existsSync(root)).toBe(false);
  });

  it("says what it would do to the running system, users and device rules included", () => {
    const { stdout } = script("install.sh", "--dry-run");
    for (const step of ["systemd-sysusers", "udevadm control --reload", "systemctl enable lintel.service"]) {
      expect(stdout).toContain(`would run: ${step}`);
    }
  });

  it("places every unit, and a second time changes nothing, not even what an operator has written", () => {
    const root = join(folder.path, "twice");
    expect(script("install.sh", "--root", root).status).toBe(0);
    const placed = filesBelow(root);
    for (const unit of units) expect(placed).toContain(`/etc/systemd/system/${unit}`);
    expect(placed).toContain("/opt/lintel/bin/lintel-vision");
    writeFileSync(join(root, "etc/lintel/lintel.yaml"), "door: { id: mine }\n");
    expect(script("install.sh", "--root", root).stdout).toBe("installed already\n");
    expect(filesBelow(root)).toEqual(placed);
    expect(readFileSync(join(root, "etc/lintel/lintel.yaml"), "utf8")).toBe("door: { id: mine }\n");
  });

  it("makes a launcher that becomes the program, so that systemd watches the right process", () => {
    const root = join(folder.path, "launch");
    script("install.sh", "--root", root);
    const version = spawnSync(join(root, "opt/lintel/bin/lintel"), ["--version"], { encoding: "utf8" });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+/);
    expect(readFileSync(join(root, "opt/lintel/bin/lintel"), "utf8")).toMatch(/^#!\/bin\/sh\nexec /);
  });

  it("is undone by uninstall.sh, which leaves people, keys and the configuration until it is told to purge", () => {
    const root = join(folder.path, "undo");
    script("install.sh", "--root", root, "--kiosk");
    mkdirSync(join(root, "var/lib/lintel"), { recursive: true });
    writeFileSync(join(root, "var/lib/lintel/lintel.db"), "");
    mkdirSync(join(root, "etc/systemd/system/lintel.service.d"));
    writeFileSync(join(root, "etc/systemd/system/lintel.service.d/onoff.conf"), "");
    const before = filesBelow(root);
    script("uninstall.sh", "--dry-run", "--root", root);
    expect(filesBelow(root)).toEqual(before);
    expect(script("uninstall.sh", "--root", root).status).toBe(0);
    expect(filesBelow(root)).toEqual([
      "/etc/lintel/lintel.yaml",
      "/etc/systemd/system/lintel.service.d/onoff.conf",
      "/var/lib/lintel/lintel.db",
    ]);
    expect(script("uninstall.sh", "--root", root, "--purge").status).toBe(0);
    expect(filesBelow(root)).toEqual([]);
  });

  it.each(["install.sh", "uninstall.sh"])("%s refuses options it does not know, and explains itself", (name) => {
    expect(script(name, "--now")).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown option --now") });
    expect(script(name, "--help").stdout).toContain(`${basename(name)} [--dry-run]`);
  });
});

it.each(["lintel-vision.service", "lintel-photos.service"])(
  "%s starts vision with what a door without services starts it with",
  (unit) => {
    for (const [name, value] of Object.entries(visionEnvironment)) {
      expect(textOf(unit)).toContain(`\nEnvironment=${name}=${value}\n`);
    }
  },
);
