import { describe, expect, it } from "vitest";
import { atLevel, challengeCue } from "../../../../src/pipeline/liveness/level.ts";
import type { CueResult, Liveness, LivenessVerdict } from "../../../../src/pipeline/types.ts";

const network = (verdict: LivenessVerdict): CueResult => ({ name: "network", score: 0.5, verdict, says: "" });
const passive = (verdict: LivenessVerdict, cues: CueResult[] = []): Liveness => ({ verdict, cues });
const { passed, missing, unanswerable } = challengeCue;

describe("the levels with a challenge", () => {
  it.each([
    ["active", passive("live"), passed, false, "live"],
    ["active", passive("live"), missing, false, "no-verdict"],
    ["active", passive("live"), unanswerable, true, "no-verdict"],
    ["active", passive("no-verdict"), passed, false, "no-verdict"],
    ["active", passive("no-verdict"), passed, true, "live"],
    ["active", passive("spoof"), passed, true, "spoof"],
    ["active", passive("spoof"), unanswerable, false, "spoof"],
    ["strict", passive("live"), passed, true, "no-verdict"],
    ["strict", passive("live", [network("no-verdict")]), passed, true, "no-verdict"],
    ["strict", passive("live", [network("spoof")]), passed, true, "no-verdict"],
    ["strict", passive("live", [network("live")]), passed, false, "live"],
    ["strict", passive("live", [network("live")]), missing, false, "no-verdict"],
    ["strict", passive("no-verdict", [network("live")]), passed, false, "no-verdict"],
    ["strict", passive("spoof", [network("live")]), passed, true, "spoof"],
  ] as const)("%s: %j, challenge %j, live a moment ago %j: %s", (level, found, challenge, wasLive, verdict) => {
    const judged = atLevel(found, level, { challenge, wasLive });
    expect(judged.verdict).toBe(verdict);
    expect(judged.cues).toEqual([...found.cues, challenge]);
  });
});
