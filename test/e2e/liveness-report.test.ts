import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stillSpecies } from "../../src/simulation/species.ts";
import { root } from "../support/daemon.ts";

function report(args: readonly string[], cwd?: string) {
  return spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "liveness", "report", ...args], {
    ...{ encoding: "utf8", timeout: 280_000 },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

describe("lintel liveness report", () => {
  it("gives --json as one document, though the command above it has a --json of its own", () => {
    const { stdout, stderr, status } = report(["--seeds", "1", "--species", "walker", "--json"]);
    expect(status, stderr).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ level: "passive", real: null });
    expect(document.simulated).toMatchObject({ seeds: 1, worst: null, genuine: [{ kind: "walker" }] });
  });

  it("lets no still in, in ten visits of each kind", () => {
    const { stdout, stderr, status } = report(["--seeds", "10", "--species", ...stillSpecies, "--json"]);
    expect(status, stderr).toBe(0);
    const { attacks } = JSON.parse(stdout).simulated;
    expect(attacks.map(({ species }: { species: string }) => species)).toEqual([...stillSpecies]);
    for (const { species, apcer } of attacks) expect({ species, ...apcer }).toMatchObject({ count: 0, n: 10 });
  }, 300_000);

  it("refuses to write where there is no page, before anything is measured", () => {
    const folder = mkdtempSync(join(tmpdir(), "lintel-report-"));
    try {
      const { stderr, status } = report(["--seeds", "100000", "--write"], folder);
      expect(status).toBe(2);
      expect(stderr).toMatch(/the page has no <!-- report:simulated -->/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    [["--seeds", "-1"], /whole number/],
    [["--species", "ghost"], /Allowed choices are print/],
    [["--seeds", "0", "--data", "/nowhere"], /labels\.json/],
  ])("refuses %j with code 2 and one clear line", (args, says) => {
    const { stderr, status } = report(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(says);
  });
});
