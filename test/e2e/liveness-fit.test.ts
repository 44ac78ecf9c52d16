import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLivenessFit } from "../../src/models/liveness-fit.ts";
import { root } from "../support/daemon.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-fit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function runFit(...args: string[]) {
  return spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "liveness", "fit", ...args], {
    ...{ encoding: "utf8", timeout: 60_000 },
    env: { ...process.env, XDG_CACHE_HOME: folder },
  });
}

/** Ten people whose network score is high, ten attacks whose score is low. */
function tracksFile(): string {
  const lines = Array.from({ length: 20 }, (_, i) => {
    const isGenuine = i < 10;
    const score = (isGenuine ? 0.8 : 0.35) + 0.01 * (i % 10);
    const cue = { name: "network", score, leastScore: score, spoofAtMs: null };
    return JSON.stringify({
      ...{ material: "real", kind: isGenuine ? "person" : "phone", isGenuine, source: `${i}.mp4`, person: `${i}.mp4` },
      tracks: [{ frames: 30, liveAtMs: 1500, cues: [cue] }],
    });
  });
  const file = join(folder, "tracks.jsonl");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

describe("lintel liveness fit", () => {
  it("writes a model that the vision process can read, and says where and how good it is", async () => {
    const { stdout, stderr, status } = runFit(tracksFile(), "--json");
    expect(status, stderr).toBe(0);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ folds: 20, peopleDenied: { count: 0, n: 10 }, fit: { data: { tracks: 20 } } });
    expect(await readLivenessFit(join(folder, "lintel", "models"))).toEqual(told.fit);
  });

  it("writes nothing with --dry-run", () => {
    const { stdout, status } = runFit(tracksFile(), "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toContain("nothing was written");
    expect(existsSync(join(folder, "lintel"))).toBe(false);
  });

  it("refuses a file that is not there, or holds something else, with code 2 and one clear line", () => {
    const absent = runFit(join(folder, "none.jsonl"));
    expect([absent.status, absent.stderr]).toEqual([2, expect.stringContaining("not there")]);
    writeFileSync(join(folder, "other.jsonl"), '{"truth":"live"}\n');
    const other = runFit(join(folder, "other.jsonl"));
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining("line 1 tells of no presentation")]);
  });
});
