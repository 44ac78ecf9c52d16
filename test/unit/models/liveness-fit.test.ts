import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { livenessFitFile, readLivenessFit, writeLivenessFit } from "../../../src/models/liveness-fit.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lintel-fit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fit = {
  ...{ format: 1 as const, weights: { parallax: 2.5, network: 4 }, bias: -0.5, denyBelow: 0.2 },
  data: { sha256: "ab".repeat(32), tracks: 40, people: 9 },
};

it("what was fitted is read again", async () => {
  await writeLivenessFit(folder, fit);
  expect(await readLivenessFit(folder)).toEqual(fit);
});

it("where nothing was fitted there is no model", async () => {
  expect(await readLivenessFit(folder)).toBeUndefined();
});

it.each([
  ["no JSON", "{"],
  ["a weight that is no number", JSON.stringify({ ...fit, weights: { parallax: "high" } })],
  ["a limit beyond certainty", JSON.stringify({ ...fit, denyBelow: 1.5 })],
  ["an unknown format", JSON.stringify({ ...fit, format: 2 })],
  ["no hash of its data", JSON.stringify({ ...fit, data: { tracks: 1, people: 1 } })],
])("a damaged model is an error, never no model: %s", async (_, text) => {
  writeFileSync(livenessFitFile(folder), text);
  await expect(readLivenessFit(folder)).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
});
