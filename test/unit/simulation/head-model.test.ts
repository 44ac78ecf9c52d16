import { beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../src/simulation/cast.ts";
import { headFrameOf, levelledPoint, picturePoint } from "../../../src/simulation/head-frame.ts";
import { buildHead, type HeadModel } from "../../../src/simulation/head-model.ts";
import { opticsOf } from "../../../src/simulation/optics.ts";
import { alphaOf } from "../../../src/simulation/silhouette.ts";
import { projectHead } from "../../../src/simulation/walker.ts";
import { drawnActor } from "../../support/cast.ts";

const optics = opticsOf(640, 480);
const resting = { xM: 0, yM: 0, distanceM: 1, yawDeg: 0, pitchDeg: 0, rollDeg: 0, lids: 0 };
const noseTip = 1;
let actor: Actor;
let head: HeadModel;

beforeAll(() => {
  actor = drawnActor();
  head = buildHead(actor.photo, actor.mesh, actor.silhouette);
});

/** A point of the spiral that lies near the middle of the face, where it is nearest to the camera. */
const middlePoint = 0;
const at = (state: object, i: number) => {
  const { screen } = projectHead(head, { ...resting, ...state }, optics);
  return { x: screen[2 * i]!, y: screen[2 * i + 1]! };
};

describe("the head's frame", () => {
  it("takes a point to head units and back, also for a head that leans", () => {
    const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
    const points = actor.mesh.points.slice();
    for (let i = 0; i < points.length; i += 3) {
      const [x, y] = [points[i]! - 200, points[i + 1]! - 200];
      points.set([200 + x * c - y * s, 200 + x * s + y * c], i);
    }
    const frame = headFrameOf({ points, confidence: 1 });
    expect(frame.rollRad).toBeCloseTo(0.4, 3);
    const there = levelledPoint(frame, 231, 157);
    const back = picturePoint(frame, there.x, there.y);
    expect(back.x).toBeCloseTo(231, 3);
    expect(back.y).toBeCloseTo(157, 3);
  });
});

describe("a head", () => {
  it("is as wide on the screen as a face of 14 cm at its distance", () => {
    const width = at({}, 454).x - at({}, 234).x;
    expect(width).toBeCloseTo(optics.focalPx * 0.14, 0);
    expect(at({ distanceM: 0.5 }, 454).x - at({ distanceM: 0.5 }, 234).x).toBeCloseTo(2 * width, 0);
  });

  it("moves its near points to the person's left for a yaw above 0 and up for a pitch above 0", () => {
    expect(at({ yawDeg: 20 }, middlePoint).x - at({}, middlePoint).x).toBeGreaterThan(10);
    expect(at({ yawDeg: -20 }, middlePoint).x - at({}, middlePoint).x).toBeLessThan(-10);
    expect(at({ pitchDeg: 15 }, middlePoint).y - at({}, middlePoint).y).toBeLessThan(-8);
  });

  it("leans clockwise as we see it for a roll above 0, with the neck at rest", () => {
    const lean = at({ rollDeg: 15 }, 10).x - at({}, 10).x;
    expect(lean).toBeGreaterThan(15);
  });

  it("turns the face wholly and what lies far from it hardly", () => {
    expect(head.follow.subarray(0, 468).every((w) => w === 1)).toBe(true);
    const others = [...head.follow.subarray(468)];
    expect(Math.max(...others)).toBeLessThanOrEqual(1);
    expect(Math.min(...others)).toBeLessThan(0.2);
  });

  it("closes the gap between the lids when the eyes shut, and moves nothing else of the face much", () => {
    const gap = (lids: number) => at({ lids }, 145).y - at({ lids }, 159).y;
    expect(gap(0)).toBeGreaterThan(3);
    expect(gap(1)).toBeLessThan(0.1);
    expect(Math.abs(at({ lids: 1 }, noseTip).y - at({ lids: 0 }, noseTip).y)).toBeLessThan(0.01);
  });

  it("is covered by triangles that all face the viewer when it looks straight ahead", () => {
    const { screen } = projectHead(head, resting, optics);
    let turned = 0;
    for (let t = 0; t < head.triangles.length; t += 3) {
      const [a, b, c] = [head.triangles[t]!, head.triangles[t + 1]!, head.triangles[t + 2]!];
      const area =
        (screen[2 * b]! - screen[2 * a]!) * (screen[2 * c + 1]! - screen[2 * a + 1]!) -
        (screen[2 * b + 1]! - screen[2 * a + 1]!) * (screen[2 * c]! - screen[2 * a]!);
      if (area < 0) turned++;
    }
    expect(turned / (head.triangles.length / 3)).toBeLessThan(0.02);
  });
});

describe("the silhouette", () => {
  it("keeps the head and leaves the room behind it", () => {
    const alpha = alphaOf(actor.photo, actor.silhouette);
    const opacity = (x: number, y: number) => alpha[y * actor.photo.width + x]!;
    for (const [x, y] of [
      [200, 200],
      [170, 180],
      [230, 240],
      [200, 125],
    ] as const)
      expect(opacity(x, y)).toBe(255);
    for (const [x, y] of [
      [20, 20],
      [380, 60],
      [60, 200],
      [200, 40],
      [350, 250],
    ] as const)
      expect(opacity(x, y)).toBe(0);
  });
});
