import { describe, expect, it } from "vitest";
import { LandmarkFinder, regionOfDetection, regionOfMesh } from "../../../src/pipeline/landmarks.ts";
import type { Detection } from "../../../src/pipeline/types.ts";
import { NumberNetwork } from "../../support/number-network.ts";

const at = (x: number, y: number) => ({ x, y });

describe("regionOfDetection", () => {
  it.each([
    ["level", at(10, 20), at(30, 20), 0],
    ["tilted clockwise", at(10, 20), at(30, 40), Math.PI / 4],
    ["on its head", at(30, 20), at(10, 20), Math.PI],
  ])("follows the eyes of a face that is %s", (_, rightEye, leftEye, rollRad) => {
    const detection: Detection = {
      box: { x: 0, y: 10, width: 40, height: 50 },
      score: 1,
      keypoints: { rightEye, leftEye, nose: at(0, 0), mouth: at(0, 0), rightEar: at(0, 0), leftEar: at(0, 0) },
    };
    const region = regionOfDetection(detection);
    expect(region.centre).toEqual({ x: 20, y: 35 });
    expect(region.size).toBeCloseTo(80, 9);
    expect(region.rollRad).toBeCloseTo(rollRad, 9);
  });
});

describe("LandmarkFinder", () => {
  const image = { rgb: new Uint8Array(300), width: 10, height: 10 };

  it("carries points of the crop into the picture and scales the depth with them", async () => {
    const points = new Float32Array(1404);
    points.set([96, 96, 10, 192, 96, -20]);
    const network = new NumberNetwork(192, () => ({ points: points.slice(), confidence: Float32Array.of(0.75) }));
    const region = { centre: at(50, 60), size: 96, rollRad: Math.PI / 2 };
    const mesh = await new LandmarkFinder(network).find(image, region);
    expect(mesh.confidence).toBe(0.75);
    for (const [i, expected] of [50, 60, 5, 50, 108, -10].entries()) expect(mesh.points[i]).toBeCloseTo(expected, 4);
  });

  it("looks at the same square again when the mesh of the first pass fills 1/1.6 of it", async () => {
    const points = new Float32Array(1404);
    // A level face: all points on the corners of a square of 120 pixels around the middle, eyes on its top edge.
    for (let i = 0; i < 468; i++) points.set([i % 2 === 0 ? 36 : 156, i % 4 < 2 ? 36 : 156, 0], i * 3);
    points.set([36, 36, 0], 33 * 3);
    points.set([156, 36, 0], 263 * 3);
    const network = new NumberNetwork(192, () => ({ points, confidence: Float32Array.of(1) }));
    const region = { centre: at(40, 40), size: 64, rollRad: 0.4 };
    const again = regionOfMesh(await new LandmarkFinder(network).find(image, region));
    expect(again.centre.x).toBeCloseTo(40, 3);
    expect(again.centre.y).toBeCloseTo(40, 3);
    expect(again.size).toBeCloseTo(64, 3);
    expect(again.rollRad).toBeCloseTo(0.4, 4);
  });
});
