import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { evidenceMs, maxGapMs, noEvidence, withMesh } from "../../../../src/pipeline/liveness/evidence.ts";
import { fuse, judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import {
  isFitForNetwork,
  isNetworkDue,
  liveProbability,
  type NetworkLook,
  networkCue,
  withNetworkLook,
} from "../../../../src/pipeline/liveness/network.ts";
import type { CueResult, LivenessVerdict } from "../../../../src/pipeline/types.ts";
import { meshOf } from "../../../support/head.ts";

const judged = (live: number): NetworkLook => ({ kind: "judged", live });
const grey: NetworkLook = { kind: "unfit", why: "grey" };

function seen(looks: readonly NetworkLook[], spacingMs = 100) {
  return looks.reduce((evidence, look, i) => withNetworkLook(evidence, { atMs: i * spacingMs, look }), noEvidence);
}

const of = (...values: number[]) => seen(values.map(judged));

describe("the probability of a living face", () => {
  it.each([
    [[0, 0, 0], 1 / 3],
    [[0, Math.log(2), 0], 0.5],
    [[Math.log(8), 0, Math.log(1)], 0.1],
    [[1000, 1001, 0], 1 / (1 + Math.exp(-1))],
    [[-1000, -2000, -1000], 0],
  ])("logits %j give %d", (logits, expected) => {
    expect(liveProbability(Float32Array.from(logits))).toBeCloseTo(expected, 6);
  });
});

describe("the verdict over several frames", () => {
  const cases: [string, number[], LivenessVerdict][] = [
    ["nothing was seen", [], "no-verdict"],
    ["four frames are too few, however bad", [0, 0, 0, 0], "no-verdict"],
    ["four frames are too few, however good", [1, 1, 1, 1], "no-verdict"],
    ["five bad frames agree", [0.1, 0.2, 0.05, 0, 0.3], "spoof"],
    ["one good frame among bad ones changes nothing", [0.01, 0.02, 0.95, 0.01, 0.02], "spoof"],
    ["two good frames of five contradict", [0.01, 0.95, 0.95, 0.01, 0.02], "no-verdict"],
    ["a median just above the limit is no agreement", [0.31, 0.31, 0.31, 0.31, 0.31], "no-verdict"],
    ["middling frames say nothing", [0.5, 0.6, 0.4, 0.55, 0.45], "no-verdict"],
    ["good frames speak for a person", [0.9, 0.95, 0.99, 0.8, 0.7], "live"],
    ["two bad frames of five do not make a person an artefact", [0.9, 0.05, 0.99, 0.05, 0.95], "live"],
    [
      "numbers that are none decide nothing",
      [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      "no-verdict",
    ],
  ];
  for (const [name, values, verdict] of cases) {
    it(name, () => {
      const result = networkCue(of(...values));
      expect(result).toMatchObject({ name: "network", verdict });
      expect(result.score).toBeGreaterThanOrEqual(0);
      expect(result.score).toBeLessThanOrEqual(1);
    });
  }

  it("greyscale frames are said to be such, and judged by nobody", () => {
    const result = networkCue(seen(Array.from({ length: 20 }, () => grey)));
    expect(result).toMatchObject({ verdict: "no-verdict", score: 0.5 });
    expect(result.says).toContain("no colour");
  });

  it("greyscale frames do not count towards the five", () => {
    expect(networkCue(seen([...[0, 0, 0, 0].map(judged), grey, grey])).verdict).toBe("no-verdict");
  });
});

describe("evidence of the networks", () => {
  it("frames older than the evidence are forgotten", () => {
    const old = of(0, 0, 0, 0, 0);
    const later = withNetworkLook(old, { atMs: evidenceMs + 350, look: judged(0.9) });
    expect(later.network?.map(({ atMs }) => atMs)).toEqual([400, evidenceMs + 350]);
  });

  it("a frame that is not newer is left out", () => {
    const once = withNetworkLook(noEvidence, { atMs: 100, look: judged(0.5) });
    expect(withNetworkLook(once, { atMs: 100, look: judged(0) })).toBe(once);
    expect(withNetworkLook(once, { atMs: 50, look: judged(0) })).toBe(once);
  });

  it("goes on with the landmarks, and starts again where they do after a gap", () => {
    const mesh = meshOf({ yawDeg: 0 }, seededRandom(1));
    let evidence = withMesh(noEvidence, { mesh, atMs: 0, isVerified: false });
    evidence = withNetworkLook(evidence, { atMs: 0, look: judged(0) });
    const next = withMesh(evidence, { mesh, atMs: 100, isVerified: false });
    expect(next.network).toHaveLength(1);
    expect(withMesh(next, { mesh, atMs: 101 + maxGapMs, isVerified: false }).network).toBeUndefined();
  });

  it("a clock that stands nearly still fills no memory", () => {
    expect(
      seen(
        Array.from({ length: 500 }, () => judged(0)),
        1,
      ).network?.length,
    ).toBeLessThanOrEqual(30);
  });
});

describe("when the networks are asked", () => {
  it("at once, then every tenth of a second until there are enough frames, then seldom", () => {
    expect(isNetworkDue(noEvidence, 0)).toBe(true);
    expect(isNetworkDue(of(0.5), 50)).toBe(false);
    expect(isNetworkDue(of(0.5), 100)).toBe(true);
    expect(isNetworkDue(of(0.5, 0.5, 0.5, 0.5, 0.5), 400 + 100)).toBe(false);
    expect(isNetworkDue(of(0.5, 0.5, 0.5, 0.5, 0.5), 400 + 400)).toBe(true);
  });

  it("in three seconds of thirty frames a second at most a dozen times", () => {
    let evidence = noEvidence;
    for (let atMs = 0; atMs < 3000; atMs += 33) {
      if (isNetworkDue(evidence, atMs)) evidence = withNetworkLook(evidence, { atMs, look: judged(0.9) });
    }
    expect(evidence.network?.length).toBeGreaterThanOrEqual(10);
    expect(evidence.network?.length).toBeLessThanOrEqual(12);
  });

  it("never about faces that are blurred, dark or cut off, but about turned and small ones", () => {
    for (const reason of ["blurred", "too-dark", "too-bright", "cut-off", "not-a-face"] as const) {
      expect(isFitForNetwork(["turned-away", reason])).toBe(false);
    }
    expect(isFitForNetwork([])).toBe(true);
    expect(isFitForNetwork(["turned-away", "too-small"])).toBe(true);
  });
});

describe("the network among the cues", () => {
  const cue = (name: string, verdict: LivenessVerdict): CueResult => ({ name, verdict, score: 0.5, says: "" });

  it("is not reported where it is not installed", () => {
    expect(judgeLiveness(noEvidence).cues.map(({ name }) => name)).not.toContain("network");
    expect(judgeLiveness(of(0.9)).cues.map(({ name }) => name)).toContain("network");
  });

  it("denies alone", () => {
    expect(judgeLiveness(of(0, 0, 0, 0, 0)).verdict).toBe("spoof");
    const granted = ["evidence", "parallax", "same-face"].map((name) => cue(name, "live"));
    expect(fuse([...granted, networkCue(of(0, 0, 0, 0, 0))]).verdict).toBe("spoof");
  });

  it("grants nothing alone, and takes no other cue's place", () => {
    const live = networkCue(of(1, 1, 1, 1, 1));
    expect(judgeLiveness(of(1, 1, 1, 1, 1)).verdict).toBe("no-verdict");
    for (const others of [
      ["parallax", "evidence"],
      ["same-face", "evidence"],
      ["parallax", "same-face"],
    ]) {
      expect(fuse([live, ...others.map((name) => cue(name, "live"))]).verdict).toBe("no-verdict");
    }
  });

  it("having nothing to say leaves the grant to the others", () => {
    const granted = ["evidence", "parallax", "same-face"].map((name) => cue(name, "live"));
    expect(fuse([...granted, networkCue(seen([grey]))]).verdict).toBe("live");
  });
});
