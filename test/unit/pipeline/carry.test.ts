import { describe, expect, test } from "vitest";
import { carryDetection } from "../../../src/pipeline/carry.ts";
import type { Detection, FaceMesh, Point } from "../../../src/pipeline/types.ts";

const detection: Detection = {
  box: { x: 100, y: 80, width: 100, height: 100 },
  score: 0.9,
  keypoints: {
    rightEye: { x: 130, y: 115 },
    leftEye: { x: 170, y: 115 },
    nose: { x: 150, y: 130 },
    mouth: { x: 150, y: 155 },
    rightEar: { x: 105, y: 125 },
    leftEar: { x: 195, y: 125 },
  },
};

function mesh(move: (point: Point) => Point, confidence = 0.99): FaceMesh {
  const points = new Float32Array(1404);
  for (let i = 0; i < 468; i++) {
    const { x, y } = move({ x: 150 + 50 * Math.cos(i), y: 130 + 60 * Math.sin(i) });
    points.set([x, y, 0], i * 3);
  }
  return { points, confidence };
}

const still = (point: Point) => point;
const before = mesh(still);
const shifted = (dx: number, dy: number) => (point: Point) => ({ x: point.x + dx, y: point.y + dy });
const scaled = (by: number) => (point: Point) => ({ x: 150 + (point.x - 150) * by, y: 130 + (point.y - 130) * by });
const turned = (rad: number) => (point: Point) => ({
  x: 150 + (point.x - 150) * Math.cos(rad) - (point.y - 130) * Math.sin(rad),
  y: 130 + (point.x - 150) * Math.sin(rad) + (point.y - 130) * Math.cos(rad),
});

describe("a detection that landmarks carry on", () => {
  test("stays where it is when they do", () => {
    const carried = carryDetection(detection, before, before);
    expect(carried?.box.x).toBeCloseTo(100, 3);
    expect(carried?.box.width).toBeCloseTo(100, 3);
    expect(carried?.score).toBe(0.9);
  });

  test("goes along with a step to the side, keypoints and all", () => {
    const carried = carryDetection(detection, before, mesh(shifted(12, -5)));
    expect(carried?.box.x).toBeCloseTo(112, 3);
    expect(carried?.box.y).toBeCloseTo(75, 3);
    expect(carried?.keypoints.leftEye.x).toBeCloseTo(182, 3);
    expect(carried?.keypoints.mouth.y).toBeCloseTo(150, 3);
  });

  test("grows around its middle as the face comes nearer", () => {
    const carried = carryDetection(detection, before, mesh(scaled(1.1)));
    expect(carried?.box.width).toBeCloseTo(110, 3);
    expect(carried?.box.x).toBeCloseTo(95, 3);
  });

  test("tilts with the head: the eyes level the next crop", () => {
    const carried = carryDetection(detection, before, mesh(turned(0.2)));
    const { leftEye, rightEye } = carried?.keypoints ?? detection.keypoints;
    expect(Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x)).toBeCloseTo(0.2, 4);
  });

  test.each([
    ["has gone further than a head goes", mesh(shifted(31, 0))],
    ["has grown too much", mesh(scaled(1.2))],
    ["has shrunk too much", mesh(scaled(0.8))],
    ["is no longer surely a face", mesh(still, 0.79)],
    ["is sure to a degree that is no number", mesh(still, Number.NaN)],
    ["has landmarks that are no numbers", mesh(() => ({ x: Number.NaN, y: Number.NaN }))],
  ])("is left to the detector when the face %s", (_, after) => {
    expect(carryDetection(detection, before, after)).toBeNull();
  });

  test("is left to the detector when the first landmarks were unsure or all in one place", () => {
    expect(carryDetection(detection, mesh(still, 0.5), before)).toBeNull();
    expect(
      carryDetection(
        detection,
        mesh(() => ({ x: 9, y: 9 })),
        before,
      ),
    ).toBeNull();
  });
});
