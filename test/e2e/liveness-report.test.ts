import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kinds } from "../../src/lab/liveness/presentations.ts";
import { stillSpecies } from "../../src/simulation/species.ts";
import { root } from "../support/daemon.ts";

function report(args: readonly string[], cwd?: string) {
  return spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "liveness", "report", ...args], {
    ...{ encoding: "utf8", timeout: 590_000 },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** What level `passive` must never take for alive; a tablet whose edges are out of view and a mask may pass it. */
const stopped: readonly string[] = [...stillSpecies, "phone-replay"];

describe("lintel liveness report", () => {
  it("lets no still in, and denies nobody, in ten visits of each kind, as one JSON document", () => {
    const { stdout, stderr, status } = report(["--seeds", "10", "--json"]);
    expect(status, stderr).toBe(0);
    const { simulated, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ level: "passive", real: null });
    const { seeds, attacks, genuine, denials } = simulated;
    expect(seeds).toBe(10);
    expect([...attacks, ...genuine].map(({ species, kind }) => species ?? kind).sort()).toEqual([...kinds].sort());
    for (const { species, apcer } of attacks) {
      expect({ species, n: apcer.n }).toEqual({ species, n: 10 });
      if (stopped.includes(species)) expect({ species, live: apcer.count }).toEqual({ species, live: 0 });
    }
    for (const { kind, bpcer, live } of genuine) {
      expect({ kind, ...bpcer }).toMatchObject({ kind, count: 0, n: 10 });
      // Some faces in low light are too dark to be compared at all.
      expect({ kind, live }).toEqual({
        kind,
        live: expect.toSatisfy((n) => n >= (kind === "walker-low-light" ? 7 : 9)),
      });
    }
    expect(denials.at(-1)).toMatchObject({ cue: "all together", denied: { count: 0, n: 50 } });
  }, 600_000);

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
