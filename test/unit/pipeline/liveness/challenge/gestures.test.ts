import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/core/random.ts";
import { type Gestures, noGestures, withGesture } from "../../../../../src/pipeline/liveness/challenge/gestures.ts";
import { heldActions } from "../../../../../src/pipeline/liveness/challenge/held-actions.ts";
import { type Evidence, noEvidence, withMesh } from "../../../../../src/pipeline/liveness/evidence.ts";
import { poseOf } from "../../../../../src/pipeline/pose.ts";
import type { FaceMesh } from "../../../../../src/pipeline/types.ts";
import { meshOf, type View } from "../../../../support/head.ts";

function watch(views: readonly (readonly [atMs: number, view: View])[], change = (mesh: FaceMesh) => mesh): Gestures {
  const random = seededRandom(4);
  let evidence: Evidence = noEvidence;
  let gestures = noGestures;
  for (const [atMs, view] of views) {
    const mesh = change(meshOf({ noisePx: 0.2, ...view }, random));
    evidence = withMesh(evidence, { mesh, atMs, isVerified: true });
    gestures = withGesture(gestures, { evidence, mesh, atMs, isVerified: true });
  }
  return gestures;
}

/** As a camera that delivers a mirrored picture of 640 pixels would have it, the points numbered as the network numbers them. */
const mirror = (mesh: FaceMesh): FaceMesh => {
  const points = Float32Array.from(mesh.points, (v, i) => (i % 3 === 0 ? 639 - v : v));
  const swapped = Float32Array.from(points);
  for (const [a, b] of [
    [33, 263],
    [133, 362],
    [234, 454],
    [61, 291],
  ] as const) {
    swapped.set(points.subarray(3 * a, 3 * a + 3), 3 * b);
    swapped.set(points.subarray(3 * b, 3 * b + 3), 3 * a);
  }
  return { ...mesh, points: swapped };
};

const shareOf = (action: keyof typeof heldActions, view: View, change?: (mesh: FaceMesh) => FaceMesh) => {
  const [rest, now] = watch(
    [
      [0, {}],
      [100, view],
    ],
    change,
  ).samples;
  return rest && now ? heldActions[action](now, rest) : Number.NaN;
};

describe("left and right", () => {
  const [right, left] = [-25, 25].map((yawDeg) => poseOf(meshOf({ yawDeg, noisePx: 0 }, seededRandom(1))).yawDeg);

  it("are the person's own, as in the pose", () => {
    // `Pose`: yaw > 0 is the person's left.
    const toLeft = (left ?? 0) > 0 ? 25 : -25;
    expect(Math.abs(left ?? 0)).toBeGreaterThan(10);
    expect(Math.abs(right ?? 0)).toBeGreaterThan(10);
    expect(shareOf("turn-left", { yawDeg: toLeft })).toBeGreaterThan(1);
    expect(shareOf("turn-right", { yawDeg: toLeft })).toBeLessThan(-1);
    expect(shareOf("turn-right", { yawDeg: -toLeft })).toBeGreaterThan(1);
  });

  it("a turn to the person's left moves the nose towards the right edge of the picture", () => {
    const noseX = (yawDeg: number) => meshOf({ yawDeg, noisePx: 0 }, seededRandom(1)).points[3] ?? 0;
    const toLeft = noseX(25) > noseX(0) ? 25 : -25;
    expect(shareOf("turn-left", { yawDeg: toLeft })).toBeGreaterThan(1);
  });

  it("are swapped by a camera that delivers a mirrored picture", () => {
    const straight = shareOf("turn-left", { yawDeg: 25 });
    const mirrored = shareOf("turn-left", { yawDeg: 25 }, mirror);
    expect(Math.sign(mirrored)).toBe(-Math.sign(straight));
    expect(Math.abs(mirrored)).toBeGreaterThan(1);
  });
});

describe("what a face shows", () => {
  it("a chin that is raised is a look up, one that is lowered is not", () => {
    const [a, b] = [shareOf("look-up", { pitchDeg: 20 }), shareOf("look-up", { pitchDeg: -20 })];
    expect(Math.max(a, b)).toBeGreaterThan(1);
    expect(Math.min(a, b)).toBeLessThan(0);
  });

  it("a flat picture that is tipped by 20 degrees does not look up", () => {
    for (const pitchDeg of [-20, 20]) expect(shareOf("look-up", { pitchDeg, depth: 0 })).toBeLessThan(1);
  });

  it("a roll of the head or another distance is no action", () => {
    for (const view of [{ rollDeg: 20 }, { eyeDistancePx: 50 }, { centreX: 200, centreY: 300 }]) {
      for (const action of ["turn-left", "turn-right", "look-up"] as const) {
        expect(Math.abs(shareOf(action, view))).toBeLessThan(0.45);
      }
    }
  });
});

describe("the ring of gestures", () => {
  const every = (stepMs: number, count: number) => Array.from({ length: count }, (_, n) => [n * stepMs, {}] as const);

  it("begins again after a gap, and says since when it is unbroken", () => {
    const gestures = watch([...every(100, 5), [950, {}], [1050, {}]]);
    expect(gestures.unbrokenSinceMs).toBe(950);
    expect(gestures.samples.map(({ atMs }) => atMs)).toEqual([950, 1050]);
  });

  it("has no gap at 3 frames a second", () => {
    expect(watch(every(333, 9)).unbrokenSinceMs).toBe(0);
  });

  it("leaves out a mesh that its network doubts and a frame that is not newer", () => {
    const gestures = watch([
      [0, {}],
      [100, { confidence: 0.4 }],
      [200, {}],
      [200, {}],
      [150, {}],
    ]);
    expect(gestures.samples.map(({ atMs }) => atMs)).toEqual([0, 200]);
  });

  it("outlasts a whole challenge and stays small whatever the clock does", () => {
    const long = watch(every(40, 1200));
    expect(long.samples.length).toBeLessThanOrEqual(600);
    expect((long.samples.at(-1)?.atMs ?? 0) - (long.samples[0]?.atMs ?? 0)).toBeGreaterThan(18_000);
  });
});
