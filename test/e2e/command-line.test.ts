import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../support/daemon.ts";

const main = join(root, "dist/cli/main.js");

it("lintel --version says the version of the package", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { status, stdout } = spawnSync(process.execPath, [main, "--version"], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` });
});

it("a reader that has seen enough ends the command without a complaint", () => {
  // The reader is gone before the first word comes.
  const script = '"$1" "$2" --help | true';
  const { stderr } = spawnSync("sh", ["-c", script, "sh", process.execPath, main], { encoding: "utf8" });
  expect(stderr).toBe("");
});
