import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { doorComparer } from "../../../../src/daemon/people/trained-comparer.ts";
import { TrainedStore } from "../../../../src/daemon/people/trained-store.ts";
import { sha256Of } from "../../../../src/models/optional.ts";
import { fusedComparer } from "../../../../src/pipeline/matching/face-comparer.ts";
import type { TrainedModel } from "../../../../src/pipeline/matching/trained.ts";

const about = { madeAt: "2031-04-01T10:00:00.000Z", people: 12, pictures: 60, trial: "better" };
const knots = [
  [0, 0.2],
  [1, 0.7],
] as const;
const head: TrainedModel = {
  kind: "head",
  form: "chi-square",
  weights: Float32Array.from({ length: 128 }, (_, i) => i / 128),
  bias: -2.5,
  knots,
};
const adapter: TrainedModel = {
  kind: "adapter",
  layers: [
    { matrix: new Float32Array(128 * 256).fill(0.25), bias: new Float32Array(256) },
    { matrix: new Float32Array(256 * 128).fill(0.5), bias: new Float32Array(128).fill(1) },
  ],
  knots,
};

let directory: string;
let store: TrainedStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-trained-"));
  store = new TrainedStore(directory);
});
afterEach(() => rmSync(directory, { recursive: true }));

test("without a model a door compares as out of the box", () => {
  expect(store.active()).toBeNull();
  expect(doorComparer(directory, silentLogger)).toBe(fusedComparer);
});

test.each([
  ["head", head],
  ["adapter", adapter],
])("a %s comes back as it was put in force, known by its hash", async (_, model) => {
  const sha256 = await store.activate(model, about);
  expect(store.active()).toEqual({ sha256, model, about });
  expect(sha256Of(readFileSync(join(directory, "trained", `${sha256}.json`)))).toBe(sha256);
  expect(doorComparer(directory, silentLogger)).not.toBe(fusedComparer);
});

test("a roll-back returns step by step to what was before, in the end to none", async () => {
  const [first, second] = [await store.activate(head, about), await store.activate(adapter, about)];
  expect(await store.rollBack()).toEqual({ from: second, to: first });
  expect(store.active()?.sha256).toBe(first);
  expect(await store.rollBack()).toEqual({ from: first, to: null });
  expect(store.active()).toBeNull();
  expect(await store.rollBack()).toBe(false);
});

test.each([
  ["altered", (text: string) => text.replace('"bias":-2.5', '"bias":-9.5')],
  ["cut short", (text: string) => text.slice(0, 100)],
  ["empty", () => ""],
])("a file that was %s is never used, and the door goes on without it", async (_, change) => {
  const sha256 = await store.activate(head, about);
  const file = join(directory, "trained", `${sha256}.json`);
  writeFileSync(file, change(readFileSync(file, "utf8")));
  expect(() => store.active()).toThrow(/cannot be used/);
  expect(doorComparer(directory, silentLogger)).toBe(fusedComparer);
  expect(await store.rollBack()).toMatchObject({ to: null });
});

test.each([
  [
    "layers that do not fit to each other",
    { ...adapter, layers: adapter.kind === "adapter" ? adapter.layers.slice(1) : [] },
  ],
  ["numbers that are none", { ...head, weights: new Float32Array(128).fill(Number.NaN) }],
  ["a scale that falls", { ...head, knots: [[0, 1] as const, [1, 0] as const] }],
])("a model with %s compares nobody", async (_, model) => {
  await store.activate(model, about);
  expect(doorComparer(directory, silentLogger)).toBe(fusedComparer);
});

test("files are for the owner alone, and a pointer that is not understood says what to do", async () => {
  await store.activate(head, about);
  expect(readdirSync(join(directory, "trained")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  writeFileSync(join(directory, "trained", "active.json"), "{}");
  expect(() => store.active()).toThrow(/not understood/);
});
