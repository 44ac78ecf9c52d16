import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { examinePairs, examinePeople } from "../../../src/lab/evaluate/evaluate.ts";
import { writeHtmlReport } from "../../../src/lab/evaluate/html/page.ts";
import { makeReport } from "../../../src/lab/evaluate/report.ts";
import { colourSource } from "../../support/colour-faces.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lintel-evaluate-"));
});
afterEach(() => rm(root, { recursive: true }));

async function paint(file: string, r: number, g: number): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  const background = { r, g, b: 0 };
  await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toFile(join(root, file));
}

/** Two sets of two people with two pictures each; between the sets the colours are far apart. */
async function paintSets(): Promise<void> {
  for (const [set, red] of [
    ["grey", 50],
    ["vivid", 200],
  ] as const) {
    for (const [person, green] of [
      ["ann", 0],
      ["ben", 30],
    ] as const) {
      for (const i of [0, 1]) await paint(`people/${set}/${person}/${i}.png`, red, green + i * 3);
    }
  }
}

const options = { source: colourSource, embedder: "dlib" as const };

describe("folders of sets", () => {
  test("pairs within a set stand beside those of all", async () => {
    await paintSets();
    const report = makeReport(await examinePeople(join(root, "people"), options));
    expect([report.genuine, report.impostor]).toEqual([4, 24]);
    expect(report.withinSets).toMatchObject({ genuine: 4, impostor: 8 });
    expect(report.sets.map(({ name, impostor }) => [name, impostor])).toEqual([
      ["grey", 4],
      ["vivid", 4],
    ]);
    expect(report.fta).toBe(0);
    expect(report.smallestFmr).toBeCloseTo(3 / 24, 10);
  });

  test("only the sets that are asked for are read", async () => {
    await paintSets();
    const report = makeReport(await examinePeople(join(root, "people"), { ...options, sets: ["vivid"] }));
    expect([report.genuine, report.impostor]).toEqual([2, 4]);
    const nowhere = examinePeople(join(root, "people"), { ...options, sets: ["night"] });
    await expect(nowhere).rejects.toThrow(/night cannot be read/);
  });

  test("a single set has no rows of its own", async () => {
    await paintSets();
    const report = makeReport(await examinePeople(join(root, "people/grey"), options));
    expect(report).toMatchObject({ withinSets: null, sets: [], groups: [] });
  });
});

describe("groups", () => {
  test("by person: only pairs within a group count in its row", async () => {
    await paintSets();
    const groups = join(root, "groups.csv");
    await writeFile(groups, "grey/ann,a\ngrey/ben,a\nvivid/ann,b\n");
    const report = makeReport(await examinePeople(join(root, "people"), { ...options, groups }));
    expect(report.groups.map(({ name, genuine, impostor }) => [name, genuine, impostor])).toEqual([
      ["a", 2, 4],
      ["b", 1, 0],
    ]);
  });

  test("by file, for a list of pairs", async () => {
    await paintSets();
    const groups = join(root, "groups.csv");
    await writeFile(groups, "ann/0.png,a\nann/1.png,a\nben/0.png,b\n");
    await writeFile(join(root, "pairs.csv"), "ann/0.png,ann/1.png,yes\nann/0.png,ben/0.png,no\n");
    const place = { file: join(root, "pairs.csv"), root: join(root, "people/grey") };
    const report = makeReport(await examinePairs(place, { ...options, groups }));
    expect(report.groups.map(({ name, genuine, impostor }) => [name, genuine, impostor])).toEqual([["a", 1, 0]]);
  });

  test.each([["ann"], ["ann,"], [",a"], ["ann,a,b"]])("a line %j is refused by its number", async (line) => {
    await paintSets();
    const groups = join(root, "groups.csv");
    await writeFile(groups, `grey/ann,a\n${line}\n`);
    await expect(examinePeople(join(root, "people"), { ...options, groups })).rejects.toThrow(/line 2/);
  });
});

describe("writeHtmlReport", () => {
  const facts = { subject: "<people>", comparison: "dlib alone", date: new Date("2026-06-01") };

  test("is one file that needs no other, with the worst pairs as pictures", async () => {
    await paintSets();
    await writeFile(join(root, "people/grey/ann/9.png"), "no picture");
    const evidence = await examinePeople(join(root, "people"), options);
    const file = await writeHtmlReport(evidence, root, facts);
    expect(file).toBe(join(root, "evaluation.html"));
    const html = await readFile(file, "utf8");
    expect(html).toContain("This file contains photographs");
    expect(html).toContain("&lt;people&gt;");
    expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(3);
    expect(html.match(/src="data:image\/jpeg;base64,/g)?.length).toBeGreaterThanOrEqual(8);
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    expect(html).not.toMatch(/<script|NaN|undefined/);
    expect(html).toContain("grey/ann/9.png: not-an-image");
  });

  test("a place that cannot be written is said in one line", async () => {
    await paintSets();
    const evidence = await examinePeople(join(root, "people"), options);
    const place = join(root, "nowhere", "report.html");
    await expect(writeHtmlReport(evidence, place, facts)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
  });
});
