import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evaluatePairs, evaluatePeople } from "../../../src/lab/evaluate/evaluate.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";
import { colourSource } from "../../support/colour-faces.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lintel-evaluate-"));
});
afterEach(() => rm(root, { recursive: true }));

async function paint(file: string, r: number, g: number, b = 0): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await sharp({ create: { width: 8, height: 8, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(join(root, file));
}

const options = { source: colourSource, embedder: "dlib" as const };

describe("evaluatePeople", () => {
  it("measures all pairs, and identification by the first picture by name", async () => {
    await paint("ann/1.png", 100, 0);
    await paint("ann/2.png", 110, 0);
    await paint("ben/1.png", 100, 100);
    await paint("ben/2.png", 100, 95);
    await paint("ben/3.png", 100, 5);
    const report = await evaluatePeople(root, options);
    expect([report.genuine, report.impostor]).toEqual([4, 6]);
    // The third picture of ben looks like ann.
    expect(report.rank1).toBeCloseTo(2 / 3, 9);
    expect(report.eer).toBeGreaterThan(0);
    expect(report.failedToAcquire).toEqual([]);
  });

  it("counts pictures without a usable face as non-matches and names them with the reason", async () => {
    await paint("ann/1.png", 100, 0);
    await paint("ann/2.png", 0, 0);
    await paint("ann/3.png", 100, 0, 255);
    await writeFile(join(root, "ann/4.png"), "no picture");
    await writeFile(join(root, "ann/5.png"), "");
    await paint("ben/1.png", 100, 200);
    await writeFile(join(root, "ann/.hidden"), "");
    const seen: number[] = [];
    const report = await evaluatePeople(root, { ...options, onProgress: (done, total) => seen.push(done / total) });
    expect(report.failedToAcquire).toEqual([
      { file: "ann/2.png", reason: "no-face" },
      { file: "ann/3.png", reason: "blurred" },
      { file: "ann/4.png", reason: "not-an-image" },
      { file: "ann/5.png", reason: "empty" },
    ]);
    expect([report.genuine, report.impostor, report.rank1]).toEqual([10, 5, 0]);
    expect(report.best.accuracy).toBeCloseTo(1 / 3, 9);
    expect(seen.at(-1)).toBe(1);
  });

  it("refuses a directory that holds no people, with one line", async () => {
    await expect(evaluatePeople(root, options)).rejects.toThrow(/does not hold two people/);
    await expect(evaluatePeople(join(root, "nowhere"), options)).rejects.toThrow(/cannot be read/);
  });
});

describe("evaluatePairs", () => {
  const csv = () => join(root, "pairs.csv");

  it("measures the pairs of a list, each file looked at once", async () => {
    await paint("a.png", 100, 0);
    await paint("b.png", 110, 0);
    await paint("c.png", 100, 90);
    await writeFile(csv(), "one,other,same\na.png,b.png,yes\na.png,c.png,no\nb.png,c.png,0\n");
    let looks = 0;
    const source = { analyse: (image: RgbImage) => colourSource.analyse(image).finally(() => looks++) };
    const report = await evaluatePairs({ file: csv(), root }, { ...options, source });
    expect(looks).toBe(3);
    expect(report).toMatchObject({ genuine: 1, impostor: 2, eer: 0, auc: 1, rank1: null, best: { accuracy: 1 } });
    expect(report.best.threshold).toBeGreaterThan(0.1);
    expect(report.best.threshold).toBeLessThan(0.9);
  });

  it("refuses a list whose files are not there, instead of counting them as bad pictures", async () => {
    await writeFile(csv(), "a.png,b.png,yes\n");
    await expect(evaluatePairs({ file: csv(), root }, options)).rejects.toThrow(
      /2 of 2 files are missing, first a.png/,
    );
  });

  it("refuses a list with one kind of pairs only", async () => {
    await paint("a.png", 100, 0);
    await writeFile(csv(), "a.png,a.png,yes\n");
    await expect(evaluatePairs({ file: csv(), root }, options)).rejects.toThrow(/no pair of two people/);
  });
});
