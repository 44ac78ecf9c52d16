import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

const script = fileURLToPath(new URL("../../support/core-dump-process.mjs", import.meta.url));
const hasPrlimit = (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/prlimit`));
const hard = /^Max core file size +\S+ +(\S+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
const isOpen = hard !== "0" && hard !== "1";

const run = (...args: string[]) => JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: "utf8" }));

describe("core dumps", () => {
  test.runIf(hasPrlimit && isOpen)("are forbidden for the process and for children it starts afterwards", () => {
    expect(run()).toEqual({ result: "off", own: ["1", "1"], child: ["1", "1"], warnings: [] });
  });

  test.runIf(isOpen)("that cannot be forbidden are said, and nothing else fails", () => {
    const { result, warnings } = run("/nonexistent");
    expect(result).toBe("on");
    expect(warnings).toEqual([
      "core dumps are not forbidden: install util-linux (prlimit), or start lintel with ulimit -c 0",
    ]);
  });

  test("that are forbidden already (a service with LimitCORE=0) are left so", () => {
    const output = execFileSync("sh", ["-c", 'ulimit -c 0 && exec "$0" "$1"', process.execPath, script], {
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toMatchObject({ result: "off", own: ["0", "0"], child: ["0", "0"] });
  });

  test("with a limit of one byte a crash leaves no file", () => {
    const directory = temporaryStateDirectory();
    const crash = 'ulimit -c 1; sh -c "kill -ABRT \\$\\$"; true';
    execFileSync("bash", ["-c", crash], { cwd: directory, stdio: "ignore" });
    expect(readdirSync(directory)).toEqual([]);
  });
});
