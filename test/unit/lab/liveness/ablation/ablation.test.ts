import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ablate, cuesOf } from "../../../../../src/lab/liveness/ablation/ablation.ts";
import { ablationMarkdown } from "../../../../../src/lab/liveness/ablation/markdown.ts";
import type { Presented } from "../../../../../src/lab/liveness/ablation/presented.ts";
import { TracksFile } from "../../../../../src/lab/liveness/ablation/tracks-file.ts";

/** One presentation of one track; `flags`: when each cue said spoof. */
function shown(
  kind: string,
  liveAtMs: number | null,
  flags: Readonly<Record<string, number | null>>,
  material: Presented["material"] = "simulated",
): Presented {
  const cues = Object.entries(flags).map(([name, spoofAtMs]) => ({
    ...{ name, spoofAtMs },
    score: 0.5,
    leastScore: 0.5,
  }));
  return {
    ...{ material, kind, isGenuine: kind === "walker", source: "0", person: "a" },
    tracks: [{ frames: 30, liveAtMs, cues }],
  };
}
const question = { gates: ["carrier"], tried: ["clip"] };

describe("the ablation", () => {
  it("counts an attack as kept out only by a denial that came before the grant", () => {
    const rows = ablate(
      [shown("replay", 2000, { carrier: 1000, clip: null }), shown("replay", 2000, { carrier: 3000, clip: 1500 })],
      question,
    );
    const [carrier, clip, all] = rows;
    expect(carrier).toMatchObject({ apcerWithout: { count: 2 }, apcerWith: { count: 1 } });
    expect(clip).toMatchObject({ isGate: false, apcerWithout: { count: 1 }, apcerWith: { count: 0 } });
    expect(all).toMatchObject({ cue: "all gates", apcerWithout: { count: 2 }, apcerWith: { count: 1 } });
    expect(carrier?.seenByKind).toEqual({ replay: [2, 2] });
  });

  it("counts people who are flagged by the track, and no attack among them", () => {
    const rows = ablate(
      [shown("walker", 2000, { carrier: null, clip: 900 }), shown("print", null, { carrier: 500, clip: null })],
      question,
    );
    expect(rows.map(({ genuineFlagged: { count, n } }) => [count, n])).toEqual([
      [0, 1],
      [1, 1],
      [0, 1],
    ]);
  });

  it("never puts simulated and real material in one row", () => {
    const both = [shown("print", null, { carrier: 1 }), shown("print", null, { carrier: null }, "real")];
    const rows = ablate(both, question);
    expect(rows.map(({ material, apcerWith }) => [material, apcerWith.n])).toEqual([
      ...Array.from({ length: 3 }, () => ["real", 1]),
      ...Array.from({ length: 3 }, () => ["simulated", 1]),
    ]);
    expect(ablationMarkdown(rows)).toMatch(/Recordings: 0 tracks of people, 1 attacks[\s\S]*Simulated/);
    expect(cuesOf(both)).toEqual(["carrier"]);
  });
});

describe("the file of tracks", () => {
  it("gives back what was added, also to the next run", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lintel-tracks-"));
    try {
      const file = join(folder, "tracks.jsonl");
      const one = shown("print", null, { carrier: 500 });
      await (await TracksFile.open(file)).add(one);
      expect((await TracksFile.open(file)).find("print", "0")).toEqual(one);
      writeFileSync(file, '{"kind":"print"}\n');
      await expect(TracksFile.open(file)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
