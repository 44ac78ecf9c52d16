import { expect, it } from "vitest";
import { type LightTried, lightMarkdown, lightRows } from "../../../../src/lab/liveness/light/light-table.ts";
import type { LivenessVerdict } from "../../../../src/pipeline/types.ts";

const tried = (kind: LightTried["kind"], ...verdicts: LivenessVerdict[]): LightTried[] =>
  verdicts.map((verdict, seed) => ({ kind, seed, cue: { name: "coloured-light", score: 0.5, verdict, says: "" } }));

it("a row for each kind says how many were flagged, how many passed as heads, and of how many nothing was said", () => {
  const rows = lightRows([...tried("print", "spoof", "spoof", "no-verdict"), ...tried("walker", "live", "spoof")]);
  expect(rows).toMatchObject([
    { kind: "print", isGenuine: false, spoof: { count: 2, n: 3 }, live: 0, none: 1 },
    { kind: "walker", isGenuine: true, spoof: { count: 1, n: 2 }, live: 1, none: 0 },
  ]);
  expect(lightMarkdown(rows)).toContain("| print | 3 | 2 | 9.4 to 99.2 % | 0 | 1 |");
});
