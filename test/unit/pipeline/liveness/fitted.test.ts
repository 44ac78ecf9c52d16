import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { denialOf, type FittedModel, livingProbability } from "../../../../src/pipeline/liveness/fitted.ts";
import { askFitted, fuse } from "../../../../src/pipeline/liveness/fuse.ts";
import type { CueResult } from "../../../../src/pipeline/types.ts";

const verdict = fc.constantFrom("live", "spoof", "no-verdict" as const);
const cue: fc.Arbitrary<CueResult> = fc.record({
  name: fc.constantFrom("evidence", "parallax", "same-face", "blink", "carrier", "network"),
  score: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(Number.NaN, Infinity)),
  verdict,
  says: fc.constant(""),
});
const model: fc.Arbitrary<FittedModel> = fc.record({
  weights: fc.dictionary(fc.constantFrom("parallax", "blink", "carrier", "network"), fc.double({ noNaN: true })),
  bias: fc.double({ noNaN: true }),
  denyBelow: fc.double({ min: 0, max: 1, noNaN: true }),
});
const live: CueResult[] = [
  { name: "evidence", score: 0.5, verdict: "live", says: "" },
  { name: "parallax", score: 0.9, verdict: "live", says: "" },
  { name: "same-face", score: 0.6, verdict: "live", says: "" },
  { name: "network", score: 0.2, verdict: "no-verdict", says: "" },
];

describe("a fitted model", () => {
  it("never grants what the rule denies or leaves open, whatever its numbers", () => {
    fc.assert(
      fc.property(fc.array(cue), model, (cues, fitted) => {
        const byRule = fuse(cues);
        const asked = askFitted(byRule, fitted);
        if (byRule.verdict === "live") expect(["live", "spoof"]).toContain(asked.verdict);
        else expect(asked).toBe(byRule);
      }),
    );
  });

  it("denies what the rule grants when the scores together speak against it", () => {
    const against = { weights: { network: 20 }, bias: 0, denyBelow: 0.3 };
    expect(fuse(live).verdict).toBe("live");
    expect(askFitted(fuse(live), against)).toMatchObject({
      verdict: "spoof",
      cues: expect.arrayContaining([expect.objectContaining({ name: "fitted", verdict: "spoof" })]),
    });
  });

  it("says nothing for somebody whom it takes for alive", () => {
    expect(denialOf(live, { weights: { parallax: 5 }, bias: 0, denyBelow: 0.5 })).toBeNull();
  });

  it("takes a cue that was not asked for one that knows nothing", () => {
    expect(livingProbability({}, { weights: { network: 8 }, bias: 0 })).toBe(0.5);
  });

  it("denies on a score that is no number", () => {
    const broken = live.map((one) => ({ ...one, score: Number.NaN }));
    expect(denialOf(broken, { weights: { parallax: 1 }, bias: 9, denyBelow: 0.1 })).toMatchObject({ verdict: "spoof" });
  });
});
