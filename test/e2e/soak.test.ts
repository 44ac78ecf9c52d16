import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { SoakReport } from "../../src/cli/soak/run-soak.ts";
import { root } from "../support/daemon.ts";
import { testModelCache } from "../support/model-cache.ts";

/** The short form of `npm run soak`: a quarter of an hour, each fault once. */
test("every fault once: nothing opens unpermitted, every event is delivered in order, the door answers again in time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lintel-soak-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const name = join(folder, "report");
  const short = ["--hours", "0.25", "--visits", "2", "--rounds", "1", "--seed", "3", "--patience", "2"];
  const words = [`${root}dist/cli/soak/main.js`, ...short, "--models", testModelCache, "--report", name];
  await promisify(execFile)(process.execPath, words).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  const report = JSON.parse(readFileSync(`${name}.json`, "utf8")) as SoakReport;
  expect(report.breaches).toEqual([]);
  expect(report.faults.length + report.leftOut.length).toBe(11);
  expect(report.leftOut.map(({ fault }) => fault).filter((fault) => fault !== "disk full")).toEqual([]);
  expect(report.visits.map(({ who, verdict }) => [who, verdict])).toEqual([
    ["enrolled", "granted"],
    ["stranger", "unknown"],
  ]);
  expect(report.openings).toBeGreaterThan(report.faults.length);
  expect(report.events).toBeGreaterThan(30);
  expect(report.simulatedHours).toBeGreaterThanOrEqual(0.25);
  expect(readFileSync(`${name}.md`, "utf8")).toContain("# Soak: passed");
}, 240_000);

test("a time source is refused by a daemon whose lines are real", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lintel-soak-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "time"), Buffer.alloc(16));
  const run = promisify(execFile)(
    process.execPath,
    [`${root}dist/cli/main.js`, "run", "--config", `${root}config/lintel.yaml`],
    { env: { ...process.env, LINTEL__stateDirectory: folder, LINTEL_TIME_SOURCE: join(folder, "time") } },
  );
  const { code, stderr } = await run.then(
    () => ({ code: 0, stderr: "" }),
    (error: { code: number; stderr: string }) => error,
  );
  expect(code).toBe(78);
  expect(stderr).toContain("LINTEL_TIME_SOURCE is set, but the lines are not simulated");
});
