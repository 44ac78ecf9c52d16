import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { type PackedSite, packSite, unpackSite } from "../../../../src/daemon/calibration/packed-site.ts";
import { type FaceVectors, faceDistance } from "../../../../src/pipeline/matching/fusion.ts";
import { type TrainedModel, trainedComparer } from "../../../../src/pipeline/matching/trained.ts";

const random = seededRandom(2);
const vector = (length: number, size = 1): Float32Array =>
  Float32Array.from({ length }, () => (gaussian(random) * size) / Math.sqrt(length));
const face = (parts: Partial<FaceVectors> = {}): FaceVectors => ({ dlib: vector(128, 0.45), faceres: null, ...parts });

function packed(people: Readonly<Record<string, readonly FaceVectors[]>>, model: TrainedModel | null = null) {
  const site = new Map(Object.entries(people).map(([id, faces]) => [id, faces.map((vectors) => ({ vectors }))]));
  const work = packSite(site, model);
  let turns = 0;
  for (;;) {
    const step = work.next();
    if (step.done === true) return { site: step.value satisfies PackedSite, turns };
    turns++;
  }
}

describe("a packed site", () => {
  const people = {
    ann: [face({ faceres: vector(1024) }), face()],
    bob: [face({ faceres: vector(1024), learned: vector(32) })],
    nobody: [],
    cy: [face({ learned: vector(32) })],
  };

  test("unpacks to the same vectors of the same people", () => {
    expect(Object.fromEntries(unpackSite(packed(people).site).people)).toEqual(people);
  });

  test("is one block of numbers, with nothing beside the vectors in it", () => {
    const { site, turns } = packed(people);
    expect(site.vectors).toHaveLength(4 * 128 + 2 * 1024 + 2 * 32);
    // Somebody at a time: once to measure, once to copy.
    expect(turns).toBe(8);
  });

  test("compares as the door does, and says of what is far that it is far", () => {
    const { distance } = unpackSite(packed(people).site);
    const [a, b] = [people.ann[0]!, people.bob[0]!];
    expect(distance(a, b, 2)).toBe(faceDistance(a, b));
    expect(distance(a, b, 0.1)).toBeGreaterThan(0.1);
  });

  test("compares with the trained model where one is in force", () => {
    const matrix = new Float32Array(128 * 128).map((_, i) => Number(i % 129 === 0));
    const knots = [
      [0, 0],
      [1, 0.9],
    ] as const;
    const model: TrainedModel = { kind: "adapter", layers: [{ matrix, bias: new Float32Array(128) }], knots };
    const comparer = trainedComparer(model);
    const faces = [face(), face()].map(({ dlib }) => comparer.vectorsOf([{ embedder: "dlib", vector: dlib }])!);
    const { distance, people: unpacked } = unpackSite(packed({ ann: [faces[0]!], bob: [faces[1]!] }, model).site);
    const [a, b] = [...unpacked.values()].flat();
    expect(distance(a!, b!, 2)).toBe(comparer.distance(faces[0]!, faces[1]!));
    expect(distance(a!, b!, 2)).not.toBe(faceDistance(a!, b!));
  });
});
