// The package for Debian and its relatives, with a Node of its own: npm run package:deb -- --arch arm64 [--out FOLDER]
// Prints its path. No root needed. The same sources make the same bytes: SOURCE_DATE_EPOCH, or else the time of the last commit.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bill } from "../bill-of-materials.mjs";
import { licencesPage } from "../licences.mjs";
import { debianNames } from "./debian.mjs";
import { packDeb, putCommands, putControl, putSystem } from "./debian-tree.mjs";
import { pinned, unpackNode } from "./node-binary.mjs";
import { manifest, packNpm, stageNpmPackage } from "./npm-package.mjs";
import { fail, run, say } from "./run.mjs";
import { prune, put, sizeOf } from "./tree.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: { arch: { type: "string", default: process.arch }, out: { type: "string", default: "packages" } },
});
/** Debian says amd64 where Node says x64; both are understood. */
const arch = values.arch === "amd64" ? "x64" : values.arch;
const epochSeconds = Number(process.env.SOURCE_DATE_EPOCH ?? commitTime());

const work = mkdtempSync(join(tmpdir(), "lintel-deb-"));
try {
  if (!(arch in debianNames)) fail(`--arch ${values.arch}: it is amd64 or arm64`);
  const tree = join(work, "tree");
  const app = putApp(tree);
  unpackNode({ arch, into: join(tree, "opt/lintel/node") });
  putCommands(tree);
  putSystem(tree, app);
  const share = join(tree, "opt/lintel/share");
  put(join(share, "doc/licences.md"), licencesPage(join(app, "npm-shrinkwrap.json")));
  put(join(share, "sbom.cdx.json"), bill(app, epochSeconds));
  putControl(tree, { manifest, arch, nodeVersion: pinned.version });
  say("packing");
  mkdirSync(resolve(values.out), { recursive: true });
  const deb = join(resolve(values.out), `lintel_${manifest.version}_${debianNames[arch]}.deb`);
  packDeb(tree, deb, epochSeconds);
  say(`${megabytes(statSync(deb).size)}, ${megabytes(sizeOf(tree))} installed`);
  process.stdout.write(`${deb}\n`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The very npm package, with the dependencies it locks, for the board's architecture. */
function putApp(tree) {
  const app = join(tree, "opt/lintel/app");
  say("compiling");
  stageNpmPackage(join(work, "stage"));
  const tarball = packNpm(join(work, "stage"), work);
  mkdirSync(app, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", app, "--strip-components=1"]);
  say(`installing the locked dependencies for ${arch} (no install script runs)`);
  const platform = ["--os=linux", `--cpu=${arch}`, "--libc=glibc"];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["ci", "--omit=dev", ...platform, ...quiet], { cwd: app });
  const removed = prune(app, arch);
  say(`left out ${megabytes(removed)} of the dependencies that a board does not need`);
  return app;
}

function commitTime() {
  const git = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: here, encoding: "utf8" });
  return git.status === 0 ? git.stdout.trim() : 0;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
