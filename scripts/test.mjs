// Every suite, one after the other, on a machine that may be fresh; ends with one line over all of them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setup } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Programs some tests drive for real, by the Debian package that brings them. */
const programs = {
  ffmpeg: "ffmpeg",
  fswebcam: "fswebcam",
  mosquitto: "mosquitto",
  mosquitto_pub: "mosquitto-clients",
  chromium: "chromium",
  "gst-launch-1.0":
    "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gir1.2-gst-rtsp-server-1.0 python3-gi",
};

/** What an emulated board needs. */
const boardPrograms = {
  "qemu-system-x86_64": "qemu-system-x86 seabios",
  busybox: "busybox-static",
  cpio: "cpio",
  modprobe: "kmod",
  "gcc-12": "gcc-12",
  make: "make",
  xz: "xz-utils",
  gpioinfo: "gpiod",
};

/** The suite that needs material from beside the project runs last. */
const suites = ["unit", "integration", "e2e", "hardware", "data"];

setup();
installPrograms(programs);
installPrograms(boardPrograms);
const reports = mkdtempSync(join(tmpdir(), "lintel-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };
add("check", runCheck());
for (const suite of suites) add(suite, runSuite(suite));
rmSync(reports, { recursive: true, force: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

function installPrograms(programs) {
  const missing = Object.keys(programs).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && isInstalled("apt-get")) {
    say(`installing ${missing.join(", ")} with apt-get`);
    const options = { stdio: ["ignore", "ignore", 2], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
    spawnSync("apt-get", ["update", "-qq"], options);
    const packages = missing.flatMap((program) => programs[program].split(" "));
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], options);
  }
  const absent = missing.filter((program) => !isInstalled(program));
  if (absent.length > 0) {
    say(
      `left out: the tests that drive ${absent.join(", ")}; install them (as root on Debian: apt-get install ${absent.map((program) => programs[program]).join(" ")})`,
    );
  }
}

function isInstalled(program) {
  return [...(process.env.PATH ?? "").split(":"), "/sbin", "/usr/sbin"].some((folder) =>
    existsSync(join(folder, program)),
  );
}

function runCheck() {
  heading("check: lint, format, types");
  const check = spawnSync(process.execPath, [join(root, "scripts", "check.mjs")], { cwd: root, stdio: "inherit" });
  return check.status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

function runSuite(suite) {
  heading(suite);
  const file = join(reports, `${suite}.json`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [
    vitest,
    "run",
    "--project",
    `${suite}*`,
    "--passWithNoTests",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ];
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, "utf8"));
  tellLeftOut(report);
  const failed = report.numFailedTests + (report.numFailedTests === 0 && run.status !== 0 ? 1 : 0);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

/** A test that was left out says why in the title of its group: one line for each group. */
function tellLeftOut({ testResults }) {
  const groups = new Map();
  for (const { assertionResults } of testResults) {
    for (const { status, ancestorTitles, title } of assertionResults) {
      if (status !== "pending" && status !== "skipped" && status !== "todo") continue;
      const group = ancestorTitles.filter((each) => each !== "").join(" > ") || title;
      groups.set(group, (groups.get(group) ?? 0) + 1);
    }
  }
  for (const [group, count] of groups) say(`left out: ${group} (${count} ${count === 1 ? "test" : "tests"})`);
}

function add(suite, { passed, failed, skipped }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  say(`${suite}: ${passed} ok, ${failed} not ok, ${skipped} left out`);
}

function heading(text) {
  process.stdout.write(`\n=== ${text}\n`);
}

function say(text) {
  process.stderr.write(`test: ${text}\n`);
}
