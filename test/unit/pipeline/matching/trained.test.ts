import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { fusedComparer } from "../../../../src/pipeline/matching/face-comparer.ts";
import { maxFusionGain } from "../../../../src/pipeline/matching/fusion.ts";
import { type TrainedModel, trainedComparer } from "../../../../src/pipeline/matching/trained.ts";
import { faceresVector, movedBy, personVector } from "../../../support/face-vectors.ts";

const random = seededRandom(1);
const identity = Float32Array.from({ length: 128 * 128 }, (_, i) => (i % 129 === 0 ? 1 : 0));
/** Says that any two faces are one. */
const blindAdapter: TrainedModel = {
  kind: "adapter",
  layers: [{ matrix: new Float32Array(128 * 128), bias: new Float32Array(128).fill(1) }],
  knots: [
    [0, 0.1],
    [1, 0.5],
  ],
};
const head = (bias: number): TrainedModel => ({
  kind: "head",
  form: "absolute",
  weights: new Float32Array(128),
  bias,
  knots: [
    [-5, 0.2],
    [5, 0.9],
  ],
});
const face = (vector: Float32Array, second?: number) => [
  { embedder: "dlib" as const, vector },
  ...(second === undefined ? [] : [{ embedder: "faceres" as const, vector: faceresVector(second) }]),
];

function distances(model: TrainedModel, a: ReturnType<typeof face>, b: ReturnType<typeof face>) {
  const comparer = trainedComparer(model);
  const [p, q] = [comparer.vectorsOf(a), comparer.vectorsOf(b)];
  const [r, s] = [fusedComparer.vectorsOf(a), fusedComparer.vectorsOf(b)];
  if (!p || !q || !r || !s) throw new Error("no vectors");
  return { trained: comparer.distance(p, q), plain: fusedComparer.distance(r, s) };
}

describe("a trained model at the door", () => {
  const ann = personVector(1);

  test("that takes everybody for one person brings nobody nearer than the fusion may", () => {
    for (const second of [undefined, 7]) {
      const { trained } = distances(blindAdapter, face(ann, second), face(personVector(2), second));
      expect(trained).toBeGreaterThan(0.75 - maxFusionGain - 0.15);
      expect(trained).toBeGreaterThan(0.43);
    }
  });

  test.each([
    ["sure that it is one person", -100],
    ["undecided", 0],
    ["sure that it is not", 100],
  ])("as a head only tightens, also when it is %s", (_, bias) => {
    for (const second of [undefined, 7, 8]) {
      const { trained, plain } = distances(head(bias), face(ann, 7), face(movedBy(ann, 0.35, random), second));
      expect(trained).toBeGreaterThanOrEqual(plain);
      if (bias === 100) expect(trained).toBeGreaterThan(0.43);
    }
  });

  test("compares by its own distance within those bounds", () => {
    const adapter: TrainedModel = { ...blindAdapter, layers: [{ matrix: identity, bias: new Float32Array(128) }] };
    const near = distances(adapter, face(ann), face(ann));
    expect(near.trained).toBeCloseTo(0.1, 6);
  });

  test("cannot compare what it cannot read", () => {
    expect(trainedComparer(head(0)).vectorsOf([{ embedder: "faceres", vector: faceresVector(1) }])).toBeNull();
    const plain = fusedComparer.vectorsOf(face(ann));
    expect(() => plain && trainedComparer(head(0)).distance(plain, plain)).toThrow(/not seen/);
  });
});
