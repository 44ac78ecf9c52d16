import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { acquireAll } from "../../src/lab/evaluate/acquire.ts";
import { byDistance, errorCurve, fnmrAtFmr } from "../../src/lab/evaluate/metrics.ts";
import { folds } from "../../src/lab/train/batches.ts";
import { type LabelledFace, samplesOf, tryOn } from "../../src/lab/train/cross-validate.ts";
import { fitAdapter } from "../../src/lab/train/fit-adapter.ts";
import { changeAt } from "../../src/lab/train/pair-rates.ts";
import { openTensorflow } from "../../src/lab/train/tensorflow.ts";
import { faceDistance, faceVectors } from "../../src/pipeline/matching/fusion.ts";
import { euclidean } from "../../src/pipeline/matching/matrix.ts";
import { evaluationLimits } from "../../src/pipeline/quality.ts";
import type { RgbImage } from "../../src/pipeline/types.ts";
import { openPhotoLooks } from "../support/photo-looks.ts";
import { sharedData } from "../support/shared-data.ts";

const root = join(sharedData, "faces");
const isThere = existsSync(join(root, "att"));
/** Pictures of each person: all would take minutes. */
const sets = { att: 4, yale: 5, faces94: 4 } as const;

const faces: (LabelledFace & { readonly set: string })[] = [];

beforeAll(async () => {
  if (!isThere) return;
  const { look, close } = await openPhotoLooks();
  const source = { analyse: (image: RgbImage) => look(image, evaluationLimits) };
  const files = await listFiles();
  const found = await acquireAll(source, { root, files: files.map(({ file }) => file) }, () => undefined);
  await close();
  for (const { file, set, person } of files) {
    const result = found.get(file);
    const vectors = result && "embeddings" in result ? faceVectors(result.embeddings) : null;
    if (vectors) faces.push({ set, person, vectors, variants: [] });
  }
}, 240_000);

async function listFiles() {
  const files: { set: string; person: number; file: string }[] = [];
  let person = 0;
  for (const [set, count] of Object.entries(sets)) {
    for (const name of (await readdir(join(root, set))).sort()) {
      const own = (await readdir(join(root, set, name))).sort();
      for (const file of own.slice(0, count)) files.push({ set, person, file: join(set, name, file) });
      person++;
    }
  }
  return files;
}

type Distance = (a: LabelledFace["vectors"], b: LabelledFace["vectors"]) => number;
const alone: Distance = (a, b) => euclidean(a.dlib, b.dlib);

/** FNMR at this FMR, over all pairs of these faces. */
function fnmr(of: readonly LabelledFace[], fmr: number, distance: Distance): number {
  const pairs = of.flatMap((a, i) =>
    of.slice(0, i).map((b) => ({
      distance: distance(a.vectors, b.vectors),
      isGenuine: a.person === b.person,
      units: [a.person, b.person] as const,
    })),
  );
  return fnmrAtFmr(errorCurve(byDistance(pairs)), fmr);
}

describe.skipIf(!isThere)(`two embedders on photographs under ${root} (skipped when they are not there)`, () => {
  it("every picture gives both vectors", () => {
    expect(faces).toHaveLength(40 * 4 + 15 * 5 + 18 * 4);
    expect(faces.every(({ vectors }) => vectors.faceres !== null)).toBe(true);
  });

  it("fused keep FNMR 3.5 % at FMR 1e-3 over the three sets together, where the first alone has more than 5 %", () => {
    expect(fnmr(faces, 1e-3, alone)).toBeGreaterThan(0.05);
    expect(fnmr(faces, 1e-3, faceDistance)).toBeLessThanOrEqual(0.035);
  });

  it.each(Object.keys(sets))("fused are not worse on %s than the first alone", (set) => {
    const own = faces.filter((face) => face.set === set);
    for (const fmr of [1e-2, 3e-3]) {
      expect(fnmr(own, fmr, faceDistance)).toBeLessThanOrEqual(fnmr(own, fmr, alone));
    }
  });

  it("equal values mean about equal false match rates: thresholds keep their meaning", () => {
    for (const threshold of [0.45, 0.473, 0.5, 0.541, 0.6]) {
      const matches = (distance: Distance) =>
        faces.reduce((sum, a, i) => {
          const near = faces
            .slice(0, i)
            .filter((b) => b.person !== a.person && distance(a.vectors, b.vectors) <= threshold);
          return sum + near.length;
        }, 0);
      const [one, both] = [matches(alone), matches(faceDistance)];
      expect(Math.abs(both - one)).toBeLessThanOrEqual(Math.max(20, one * 0.4));
    }
  });

  it("an adapter trained on one half of the people does not raise the other half's errors beyond chance", async () => {
    await openTensorflow();
    const random = seededRandom(2);
    const [half = []] = folds(73, 2, random);
    const seen = new Set(half);
    const { model } = await fitAdapter(samplesOf(faces.filter(({ person }) => seen.has(person))), {
      ...{ shape: "linear", mining: "hard", margin: 0.4, steps: 60, learningRate: 3e-4, random },
    });
    const tried = tryOn(
      model,
      faces.filter(({ person }) => !seen.has(person)),
    );
    const change = changeAt(1e-2, tried.alone, random);
    expect(change?.interval[0]).toBeLessThanOrEqual(0);
  });
});
