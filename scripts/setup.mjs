// Makes a fresh clone runnable: installs the locked dependencies and compiles, each only when needed. Built-ins only.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export function setup() {
  requireNode();
  install();
  build();
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isGood = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (isGood) return;
  fail(
    `Lintel needs Node 20.19 or newer (20 or 22), this is ${process.versions.node}. See https://nodejs.org/en/download`,
  );
}

function install() {
  const stamp = join(root, "node_modules", ".lintel-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("installing the locked dependencies (once, a minute or so; no install script runs)");
  const npm = spawnSync("npm", ["ci", "--loglevel=error", "--no-progress"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail("npm ci failed; its message stands above");
  writeFileSync(stamp, wanted);
}

function build() {
  const stamp = join(root, "dist", ".built");
  if (
    existsSync(stamp) &&
    statSync(stamp).mtimeMs >= newest(["src", "scripts/build.mjs", "tsconfig.json", "package.json"])
  )
    return;
  say("compiling");
  const tsc = spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root, stdio: ["ignore", 2, 2] });
  if (tsc.status !== 0) fail("the compilation failed; its message stands above");
  writeFileSync(stamp, "");
}

/** Time of the last change below the given files and folders, in milliseconds. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const full = join(root, path);
    const stat = statSync(full);
    latest = Math.max(latest, stat.mtimeMs);
    if (stat.isDirectory()) latest = Math.max(latest, newest(readdirSync(full).map((name) => join(path, name))));
  }
  return latest;
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`setup: ${text}\n`);
  process.exit(2);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) setup();
