import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComparisonName } from "../../src/lab/evaluate/comparison.ts";
import { evaluatePeople } from "../../src/lab/evaluate/evaluate.ts";
import type { EvaluationReport } from "../../src/lab/evaluate/report.ts";
import { comparisonLimits, evaluationLimits } from "../../src/pipeline/quality.ts";
import type { QualityReason, RgbImage } from "../../src/pipeline/types.ts";
import { decodePhoto } from "../../src/vision/decode-photo.ts";
import { openPhotoLooks, type PhotoLooks } from "../support/photo-looks.ts";
import { sharedData } from "../support/shared-data.ts";

const faces = join(sharedData, "faces");
const isThere = existsSync(join(faces, "bbt"));

let looks: PhotoLooks;
beforeAll(async () => {
  if (isThere) looks = await openPhotoLooks();
});
afterAll(() => looks?.close());

const source = { analyse: (image: RgbImage) => looks.look(image, evaluationLimits) };

function evaluate(set: string, embedder: ComparisonName): Promise<EvaluationReport> {
  return evaluatePeople(join(faces, set), { source, embedder });
}

describe.skipIf(!isThere)(`recognition on the photographs under ${faces} (skipped when they are not there)`, () => {
  it("tells all people of faces94 apart without an error", async () => {
    const report = await evaluate("faces94", "dlib");
    expect(report.failedToAcquire).toEqual([]);
    expect([report.genuine, report.impostor]).toEqual([3420, 61_200]);
    expect(report.eer).toBe(0);
    expect(report.rank1).toBe(1);
  });

  it("keeps an equal error rate of 0.07 % on bbt, whose faces fill the picture", async () => {
    const report = await evaluate("bbt", "dlib");
    expect(report.failedToAcquire).toEqual([]);
    expect(report.eer).toBeLessThanOrEqual(0.00072);
    expect(report.rank1).toBe(1);
  });

  it("names everybody of bbt rightly with both embedders", async () => {
    expect((await evaluate("bbt", "fused")).rank1).toBe(1);
  });

  it("keeps the error rates of three sets pooled", async () => {
    const options = { source, embedder: "fused", sets: ["att", "yale", "faces94"] } as const;
    const report = await evaluatePeople(faces, options);
    expect([report.genuine, report.impostor]).toEqual([5926, 410_402]);
    expect(report.fnmrAtFmr["1e-3"]).toBeLessThanOrEqual(0.035);
    expect(report.fnmrAtFmr["1e-4"]).toBeLessThanOrEqual(0.065);
    expect(report.withinSets?.impostor).toBe(78_000 + 10_922 + 61_200);
  });

  it.each(["att", "yale", "faces94"])("a calibrated door lets few strangers of %s in", async (set) => {
    const { openSet } = await evaluate(set, "fused");
    const rows = new Map(openSet[0]?.rows.map((row) => [row.targetFpir, row]));
    const found = rows.get(1e-2);
    // Three times the target, pooled over 20 splits by person; the interval says how little so few people can promise.
    expect(found?.fpir).toBeLessThanOrEqual(3e-2);
    expect(found?.fpirInterval?.[0]).toBeLessThanOrEqual(1e-2);
    expect(found?.fpirInterval?.[1]).toBeGreaterThanOrEqual(found?.fpir ?? 1);
    expect(found?.fnir).toBeLessThan(0.1);
    for (const target of [1e-3, 1e-4]) expect(rows.get(target)).toMatchObject({ fpir: null, fpirInterval: null });
  });
});

async function somePictures(): Promise<string[]> {
  const files: string[] = [];
  for (const [set, every] of [
    ["faces94", 3],
    ["bbt", 2],
  ] as const) {
    const people = (await readdir(join(faces, set))).sort();
    for (const person of people.filter((_, i) => i % every === 0)) {
      const [first] = (await readdir(join(faces, set, person))).sort();
      if (first !== undefined) files.push(join(faces, set, person, first));
    }
  }
  return files;
}

/** Reasons of the picture's surest face, `fit` when there is none, `no-face`. */
async function verdict(picture: Sharp): Promise<string> {
  const decoded = await decodePhoto(await picture.png().toBuffer());
  if ("problem" in decoded) return decoded.problem;
  const [face] = await looks.look(decoded.image, comparisonLimits);
  if (face === undefined) return "no-face";
  expect(face.embeddings.length > 0).toBe(face.quality.reasons.length === 0);
  return face.quality.reasons.join(" ") || "fit";
}

describe.skipIf(!isThere)("a picture that would give a meaningless vector gets a reason instead", () => {
  const cases: readonly (readonly [
    string,
    (picture: Sharp) => Sharp,
    readonly (QualityReason | "no-face" | "fit")[],
  ])[] = [
    ["unchanged", (p) => p, ["fit"]],
    ["tilted by 20 degrees", (p) => p.rotate(20, { background: "#808080" }), ["fit"]],
    ["on its right side", (p) => p.rotate(90), ["turned-away"]],
    ["on its left side", (p) => p.rotate(270), ["turned-away"]],
    ["on its head", (p) => p.rotate(180), ["turned-away"]],
    ["shrunk to 24 pixels", (p) => p.resize(24), ["too-small"]],
    ["shrunk to 8 pixels", (p) => p.resize(8), ["no-face", "too-small", "not-a-face"]],
    ["blurred beyond recognition", (p) => p.blur(9), ["blurred", "not-a-face", "no-face"]],
    ["almost black", (p) => p.linear(0.05, 0), ["too-dark", "no-face", "not-a-face"]],
    ["painted over in grey", (p) => p.linear(0, 128), ["no-face", "not-a-face"]],
  ];
  it.each(cases)("%s", async (_, change, allowed) => {
    for (const file of await somePictures()) {
      const found = await verdict(change(sharp(await readFile(file)).toColourspace("srgb")));
      const isAllowed = allowed.some((reason) => found.split(" ").includes(reason));
      expect(isAllowed, `${file}: ${found}`).toBe(true);
    }
  });
});
