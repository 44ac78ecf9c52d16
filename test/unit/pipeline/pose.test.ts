import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { poseOf, yawProxy } from "../../../src/pipeline/pose.ts";
import { meshOf, type View } from "../../support/head.ts";

const far = { distance: 1000, noisePx: 0 };
const mesh = (view: View) => meshOf({ ...far, ...view }, seededRandom(1));
const resting = poseOf(mesh({}));

describe("poseOf", () => {
  it.each([-45, -20, 0, 10, 30, 45])("measures a turn of %i degrees to the person's left", (yawDeg) => {
    expect(poseOf(mesh({ yawDeg })).yawDeg).toBeCloseTo(yawDeg, 0);
  });

  it.each([-25, -10, 15, 30])("measures a nod of %i degrees upwards", (pitchDeg) => {
    // The synthetic head counts a nod downwards.
    expect(poseOf(mesh({ pitchDeg: -pitchDeg })).pitchDeg - resting.pitchDeg).toBeCloseTo(pitchDeg, 0);
  });

  it.each([-80, -30, 12, 90, 170])("measures a tilt of %i degrees clockwise", (rollDeg) => {
    expect(poseOf(mesh({ rollDeg })).rollDeg).toBeCloseTo(rollDeg, 3);
  });

  it("keeps yaw and roll apart", () => {
    const pose = poseOf(mesh({ yawDeg: 25, rollDeg: 30 }));
    expect(Math.abs(pose.yawDeg - 25)).toBeLessThan(3);
    expect(Math.abs(pose.rollDeg - 30)).toBeLessThan(3);
  });

  it("does not depend on the size of the face", () => {
    const small = poseOf(mesh({ yawDeg: 20, eyeDistancePx: 20 }));
    const large = poseOf(mesh({ yawDeg: 20, eyeDistancePx: 200 }));
    expect(small.yawDeg).toBeCloseTo(large.yawDeg, 2);
  });
});

describe("yawProxy", () => {
  it("grows as the head turns to the person's left, and mirrors to the right", () => {
    const values = [-30, -15, 0, 15, 30].map((yawDeg) => yawProxy(mesh({ yawDeg })));
    expect([...values].sort((p, q) => p - q)).toEqual(values);
    expect(values[0]).toBeCloseTo(-(values[4] ?? 0), 3);
    expect(values[2]).toBeCloseTo(0, 3);
  });

  it("does not take a tilt for a turn", () => {
    expect(yawProxy(mesh({ rollDeg: 40 }))).toBeCloseTo(0, 3);
  });

  it("is 0, not infinite, for a mesh without extent", () => {
    expect(yawProxy({ points: new Float32Array(1404), confidence: 0 })).toBe(0);
  });
});
