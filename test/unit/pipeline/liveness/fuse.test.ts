import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { evidenceMs, maxGapMs, noEvidence, withMesh } from "../../../../src/pipeline/liveness/evidence.ts";
import { fuse, judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import { sameFaceCue } from "../../../../src/pipeline/liveness/same-face.ts";
import type { CueResult, LivenessVerdict } from "../../../../src/pipeline/types.ts";
import { meshOf } from "../../../support/head.ts";

const cue = (name: string, verdict: LivenessVerdict): CueResult => ({ name, verdict, score: 0.5, says: "" });

const granted = ["evidence", "parallax", "same-face"].map((name) => cue(name, "live"));

describe("the rule", () => {
  const cases: [string, CueResult[], LivenessVerdict][] = [
    ["no cues: nothing is known", [], "no-verdict"],
    ["depth of the very face grants", [...granted], "live"],
    [
      "depth of the very face grants nothing while too little was seen",
      [cue("evidence", "no-verdict"), cue("parallax", "live"), cue("same-face", "live")],
      "no-verdict",
    ],
    ["nor while nobody asked how much was seen", [cue("parallax", "live"), cue("same-face", "live")], "no-verdict"],
    ["enough to judge alone grants nothing", [cue("evidence", "live"), cue("blink", "live")], "no-verdict"],
    [
      "depth of an unknown head grants nothing",
      [cue("evidence", "live"), cue("parallax", "live"), cue("same-face", "no-verdict")],
      "no-verdict",
    ],
    ["depth alone grants nothing", [cue("evidence", "live"), cue("parallax", "live")], "no-verdict"],
    [
      "a blink alone grants nothing",
      [cue("evidence", "live"), cue("blink", "live"), cue("same-face", "live")],
      "no-verdict",
    ],
    ["one spoof denies what all others grant", [...granted, cue("x", "spoof")], "spoof"],
  ];
  for (const [name, cues, verdict] of cases) it(name, () => expect(fuse(cues).verdict).toBe(verdict));
});

/** A head that turns, of which the frames picked by `isVerified` were compared. */
function turning(isVerified: (i: number, yawDeg: number) => boolean) {
  const random = seededRandom(5);
  let evidence = noEvidence;
  for (let i = 0; i < 30; i++) {
    const yawDeg = 28 * Math.sin((2 * Math.PI * i) / 24);
    evidence = withMesh(evidence, {
      mesh: meshOf({ yawDeg }, random),
      atMs: i * 100,
      isVerified: isVerified(i, yawDeg),
    });
  }
  return evidence;
}

describe("whose depth it was", () => {
  it("a head compared frontal and turning is live", () => {
    expect(judgeLiveness(turning((i) => i % 2 === 0)).verdict).toBe("live");
  });
  it("a head that was never compared lends its depth to nobody", () => {
    const evidence = turning(() => false);
    expect(sameFaceCue(evidence).verdict).toBe("no-verdict");
    expect(judgeLiveness(evidence).verdict).toBe("no-verdict");
  });
  it("a head compared only frontal, as a photograph held before it would be, is not live", () => {
    expect(judgeLiveness(turning((_, yawDeg) => Math.abs(yawDeg) < 5)).verdict).toBe("no-verdict");
  });
});

describe("evidence", () => {
  const random = seededRandom(9);
  const mesh = meshOf({}, random);

  it("is bounded, whatever the frame rate", () => {
    let evidence = noEvidence;
    for (let i = 0; i < 3000; i++) evidence = withMesh(evidence, { mesh, atMs: i, isVerified: false });
    expect(evidence.shapes.length).toBeLessThanOrEqual(70);
    expect(evidence.eyes.length).toBeLessThanOrEqual(150);
  });
  it("grows old", () => {
    let evidence = withMesh(noEvidence, { mesh, atMs: 0, isVerified: true });
    for (let atMs = 100; atMs <= evidenceMs + 200; atMs += 100) {
      evidence = withMesh(evidence, { mesh, atMs, isVerified: false });
    }
    expect(evidence.shapes.some(({ isVerified }) => isVerified)).toBe(false);
    expect(evidence.eyes[0]?.atMs).toBeGreaterThan(0);
  });
  it("starts again after a gap in which a face could have been exchanged", () => {
    const before = withMesh(noEvidence, { mesh, atMs: 0, isVerified: true });
    const after = withMesh(before, { mesh, atMs: maxGapMs + 1, isVerified: false });
    expect(after.shapes).toHaveLength(1);
    expect(after.shapes[0]?.isVerified).toBe(false);
  });
  it("survives three frames a second", () => {
    let evidence = noEvidence;
    for (let i = 0; i < 6; i++) evidence = withMesh(evidence, { mesh, atMs: i * 333, isVerified: false });
    expect(evidence.shapes).toHaveLength(6);
  });
  it("does not take frames from the past, doubtful meshes or broken numbers", () => {
    const before = withMesh(noEvidence, { mesh, atMs: 1000, isVerified: false });
    const broken = { points: mesh.points.map(() => Number.NaN), confidence: 1 };
    expect(withMesh(before, { mesh, atMs: 1000, isVerified: true })).toBe(before);
    expect(withMesh(before, { mesh: { ...mesh, confidence: 0.5 }, atMs: 1100, isVerified: true })).toBe(before);
    expect(withMesh(before, { mesh: { ...mesh, confidence: Number.NaN }, atMs: 1100, isVerified: true })).toBe(before);
    expect(withMesh(before, { mesh: broken, atMs: 1100, isVerified: true })).toBe(before);
  });
  it("does not change with the place, the size and the roll of a face", () => {
    const still = meshOf({ noisePx: 0 }, random);
    const moved = meshOf({ noisePx: 0, rollDeg: 20, centreX: 100, eyeDistancePx: 150 }, random);
    const [p] = withMesh(noEvidence, { mesh: still, atMs: 0, isVerified: false }).shapes;
    const [q] = withMesh(noEvidence, { mesh: moved, atMs: 0, isVerified: false }).shapes;
    for (const [i, value] of p!.points.entries()) expect(q!.points[i]).toBeCloseTo(value, 3);
  });
});
