import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { type FaceComparer, fusedComparer } from "../../../../src/pipeline/matching/face-comparer.ts";
import type { FaceVectors } from "../../../../src/pipeline/matching/fusion.ts";
import { euclidean, TemplateMatrix } from "../../../../src/pipeline/matching/matrix.ts";
import { type TrainedModel, trainedComparer } from "../../../../src/pipeline/matching/trained.ts";

const knots = [
  [0, 0],
  [0.5, 0.4],
  [1, 1.1],
] as const;
const random = seededRandom(9);
const drawn = (length: number, spread: number) => Float32Array.from({ length }, () => gaussian(random) * spread);

const adapter: TrainedModel = {
  kind: "adapter",
  knots,
  layers: [{ matrix: drawn(128 * 8, 0.3), bias: drawn(8, 0.1) }],
};
const head: TrainedModel = { kind: "head", form: "absolute", weights: drawn(128, 3), bias: -1, knots };

/** Faces of a few people, some without the second vector, some very near to each other. */
function faces(comparer: FaceComparer, count: number): (FaceVectors & { person: string })[] {
  const people = Array.from({ length: 12 }, () => ({ dlib: drawn(128, 0.047), faceres: drawn(1024, 0.025) }));
  return Array.from({ length: count }, (_, n) => {
    const person = people[n % people.length] ?? people[0]!;
    const near = (vector: Float32Array, spread: number) => vector.map((value) => value + gaussian(random) * spread);
    const vectors = comparer.vectorsOf([
      { embedder: "dlib", vector: near(person.dlib, 0.02) },
      ...(n % 5 === 0 ? [] : [{ embedder: "faceres" as const, vector: near(person.faceres, 0.01) }]),
    ]);
    if (!vectors) throw new Error("a face without a vector");
    return { ...vectors, person: `p${n % people.length}` };
  });
}

describe.each([
  ["both embedders", fusedComparer],
  ["an adapter", trainedComparer(adapter)],
  ["a head", trainedComparer(head)],
] as const)("compared by %s", (_name, comparer) => {
  test("the least distance is never above the distance", () => {
    const some = faces(comparer, 60);
    for (const a of some) {
      for (const b of some) {
        const second = a.faceres && b.faceres ? euclidean(a.faceres, b.faceres) : null;
        const least = comparer.leastDistance(euclidean(a.dlib, b.dlib), second);
        expect(least).toBeLessThanOrEqual(comparer.distance(a, b) + 1e-9);
      }
    }
  });

  test("the least distance only falls when what it rests on falls", () => {
    const distance = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(distance, distance, distance, distance, (a, b, c, d) => {
        const less = comparer.leastDistance(Math.min(a, b), Math.min(c, d));
        expect(less).toBeLessThanOrEqual(comparer.leastDistance(Math.max(a, b), Math.max(c, d)));
      }),
      { seed: 3 },
    );
  });

  test("the two nearest are those of a search that compares everybody, while people come and go", () => {
    const some = faces(comparer, 150);
    const matrix = new TemplateMatrix(128);
    const here = new Set<number>();
    const put = (templateId: number) => {
      const face = some[templateId]!;
      matrix.add({ personId: face.person, templateId, vector: face.dlib, second: face.faceres });
      here.add(templateId);
    };
    for (let id = 0; id < some.length; id++) put(id);
    for (const [round, probe] of faces(comparer, 36).entries()) {
      if (round % 6 === 5) {
        matrix.removePerson(`p${round % 7}`);
        for (const id of [...here]) if (some[id]?.person === `p${round % 7}`) here.delete(id);
      }
      if (round % 6 === 0) for (let id = 0; id < some.length; id += 11) if (!here.has(id)) put(id);
      const found = matrix.refinedTop2(probe.dlib, {
        maxGain: 0.12,
        second: probe.faceres,
        distanceTo: (id) => comparer.distance(probe, some[id]!),
        leastDistance: (own, second) => comparer.leastDistance(own, second),
      });
      const order = [...here]
        .map((id) => ({ id, person: some[id]!.person, distance: comparer.distance(probe, some[id]!) }))
        .sort((a, b) => a.distance - b.distance);
      const second = order.find(({ person }) => person !== order[0]?.person);
      expect(found?.first.distance).toBe(order[0]?.distance);
      expect(found?.first.personId).toBe(order[0]?.person);
      expect(found?.second?.distance).toBe(second?.distance);
    }
  });
});

test("of a large gallery only a few are compared by their second vectors as they are", () => {
  const matrix = new TemplateMatrix(128);
  const all = faces(fusedComparer, 600).map((face, n) => ({ ...face, person: `p${n}` }));
  all.forEach(({ person, dlib, faceres }, templateId) => {
    matrix.add({ personId: person, templateId, vector: dlib, second: faceres });
  });
  const probe = all.find(({ faceres }) => faceres)!;
  let compared = 0;
  matrix.refinedTop2(probe.dlib, {
    maxGain: 0.12,
    second: probe.faceres,
    distanceTo: (id) => {
      compared++;
      return fusedComparer.distance(probe, all[id]!);
    },
    leastDistance: (own, second) => fusedComparer.leastDistance(own, second),
  });
  expect(compared).toBeLessThan(100);
});
