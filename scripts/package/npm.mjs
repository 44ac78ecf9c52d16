// The package for npm: node scripts/package/npm.mjs [--out FOLDER]; prints its path.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packNpm, stageNpmPackage } from "./npm-package.mjs";
import { say } from "./run.mjs";

const { values } = parseArgs({ options: { out: { type: "string", default: "packages" } } });
const work = mkdtempSync(join(tmpdir(), "lintel-npm-"));
try {
  stageNpmPackage(join(work, "lintel"));
  process.stdout.write(`${packNpm(join(work, "lintel"), resolve(values.out))}\n`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
