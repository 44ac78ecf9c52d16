import { describe, expect, test } from "vitest";
import { gaussian, type Random, seededRandom } from "../../../../src/core/random.ts";
import type { ScanJob } from "../../../../src/pipeline/matching/coded/coded-rows.ts";
import { openKernel } from "../../../../src/pipeline/matching/coded/kernel.ts";
import { euclidean, TemplateMatrix } from "../../../../src/pipeline/matching/matrix.ts";

interface Row {
  readonly personId: string;
  readonly templateId: number;
  readonly vector: Float32Array;
}

/** The plainest possible search: the specification that the fast one must equal. */
function naiveTop2(rows: readonly Row[], probe: Float32Array) {
  const all = rows.map((row) => ({ ...row, distance: Math.hypot(...row.vector.map((x, i) => x - (probe[i] ?? 0))) }));
  const first = all.reduce((a, b) => (b.distance < a.distance ? b : a));
  const others = all.filter(({ personId }) => personId !== first.personId);
  const second = others.length === 0 ? null : others.reduce((a, b) => (b.distance < a.distance ? b : a));
  return { first, second };
}

function randomRows(
  random: Random,
  { count, people, dimension }: { count: number; people: number; dimension: number },
) {
  return Array.from({ length: count }, (_, i): Row => {
    const vector = Float32Array.from({ length: dimension }, () => gaussian(random) * 0.05);
    return { personId: `p${Math.floor(random() * people)}`, templateId: i + 1, vector };
  });
}

function filled(rows: readonly Row[], dimension: number): TemplateMatrix {
  const matrix = new TemplateMatrix(dimension);
  for (const row of rows) matrix.add(row);
  return matrix;
}

describe("top2", () => {
  test.each([1, 2, 3, 17, 64, 65, 400])("equals the naive search over %d templates", (count) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed * 1000 + count);
      const dimension = random() < 0.5 ? 128 : 32;
      const rows = randomRows(random, { count, people: 1 + Math.floor(random() * count), dimension });
      const matrix = filled(rows, dimension);
      const probe = Float32Array.from({ length: dimension }, () => gaussian(random) * 0.05);
      const found = matrix.top2(probe);
      const expected = naiveTop2(rows, probe);
      expect(found?.first.templateId).toBe(expected.first.templateId);
      expect(found?.first.personId).toBe(expected.first.personId);
      expect(found?.first.distance).toBeCloseTo(expected.first.distance, 6);
      expect(found?.second?.templateId).toBe(expected.second?.templateId);
      expect(found?.second?.distance ?? -1).toBeCloseTo(expected.second?.distance ?? -1, 6);
    }
  });

  test("still equals the naive search after people left and others came", () => {
    const random = seededRandom(7);
    const dimension = 32;
    let rows = randomRows(random, { count: 300, people: 40, dimension });
    const matrix = filled(rows, dimension);
    for (let step = 0; step < 60; step++) {
      const personId = `p${Math.floor(random() * 45)}`;
      if (random() < 0.5) {
        matrix.removePerson(personId);
        rows = rows.filter((row) => row.personId !== personId);
      } else {
        const vector = Float32Array.from({ length: dimension }, () => gaussian(random) * 0.05);
        const row = { personId, templateId: 1000 + step, vector };
        matrix.add(row);
        rows.push(row);
      }
      expect(matrix.templates).toBe(rows.length);
      expect(matrix.people).toBe(new Set(rows.map((row) => row.personId)).size);
      const probe = Float32Array.from({ length: dimension }, () => gaussian(random) * 0.05);
      const expected = naiveTop2(rows, probe);
      const found = matrix.top2(probe);
      expect(found?.first).toMatchObject({
        personId: expected.first.personId,
        templateId: expected.first.templateId,
      });
      expect(found?.second?.templateId).toBe(expected.second?.templateId);
    }
  });

  test("equals the naive search where many templates are equal or nearly so", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const base = randomRows(random, { count: 4, people: 3, dimension: 32 });
      const rows = Array.from({ length: 80 }, (_, i): Row => {
        const vector = Float32Array.from(base[i % base.length]?.vector ?? []);
        // One column differs by less than a step of the codes, or not at all.
        vector[i % 32] = (vector[i % 32] ?? 0) + Math.floor(random() * 3) * 1e-5;
        return { personId: `p${Math.floor(random() * 6)}`, templateId: i + 1, vector };
      });
      const probe = rows[Math.floor(random() * rows.length)]?.vector ?? new Float32Array(32);
      const expected = naiveTop2(rows, probe);
      const found = filled(rows, 32).top2(probe);
      expect(found?.first.templateId).toBe(expected.first.templateId);
      expect(found?.second?.templateId).toBe(expected.second?.templateId);
    }
  });

  test("the runner-up is another person however many templates the first has", () => {
    const matrix = new TemplateMatrix(32);
    for (let i = 0; i < 5; i++) {
      matrix.add({ personId: "ann", templateId: i, vector: new Float32Array(32).fill(i * 0.001) });
    }
    matrix.add({ personId: "bob", templateId: 9, vector: new Float32Array(32).fill(0.5) });
    const found = matrix.top2(new Float32Array(32));
    expect(found?.first).toEqual({ personId: "ann", templateId: 0, distance: 0 });
    expect(found?.second?.personId).toBe("bob");
  });

  test("equal templates of two people give both, at the same distance", () => {
    const vector = new Float32Array(128).fill(0.1);
    const matrix = filled(
      [
        { personId: "ann", templateId: 1, vector },
        { personId: "bob", templateId: 2, vector },
      ],
      128,
    );
    expect(matrix.top2(vector)).toEqual({
      first: { personId: "ann", templateId: 1, distance: 0 },
      second: { personId: "bob", templateId: 2, distance: 0 },
    });
  });

  test("an empty matrix, also one that was emptied, finds nobody", () => {
    const matrix = new TemplateMatrix();
    expect(matrix.top2(new Float32Array(128))).toBeNull();
    matrix.add({ personId: "ann", templateId: 1, vector: new Float32Array(128) });
    matrix.removePerson("ann");
    matrix.removePerson("ann");
    expect(matrix.top2(new Float32Array(128))).toBeNull();
    expect(matrix.people).toBe(0);
  });

  test.each([
    ["too short", new Float32Array(127)],
    ["empty", new Float32Array(0)],
    ["not a number", new Float32Array(128).fill(Number.NaN)],
    ["infinite", new Float32Array(128).fill(Number.POSITIVE_INFINITY)],
  ])("a vector that is %s is refused as template and as probe", (_name, vector) => {
    const matrix = filled([{ personId: "ann", templateId: 1, vector: new Float32Array(128) }], 128);
    expect(() => matrix.add({ personId: "bob", templateId: 2, vector })).toThrow(RangeError);
    expect(() => matrix.top2(vector)).toThrow(RangeError);
    expect(matrix.templates).toBe(1);
  });

  test.each([0, -32, 100, 1.5])("a dimension of %d is refused", (dimension) => {
    expect(() => new TemplateMatrix(dimension)).toThrow(RangeError);
  });
});

describe("lookAhead", () => {
  const rows = randomRows(seededRandom(21), { count: 300, people: 60, dimension: 128 });
  const probe = Float32Array.from(rows[40]?.vector ?? []).map((x) => x * 0.97);
  /** Another thread that is right, fails, or leaves nonsense behind as if it had searched. */
  const scanner = (outcome: "right" | "failed" | "nonsense") => ({
    scan: ({ module, memory, codes, rows: count, probe: at, out }: ScanJob) => {
      if (outcome === "right") openKernel(module, memory)(codes, count, at, out);
      else new Int32Array(memory.buffer, out, count).fill(outcome === "nonsense" ? 1e9 : 0);
      return Promise.resolve(outcome !== "failed");
    },
  });

  test.each(["right", "failed"] as const)("the search finds the same when the other thread %s", async (outcome) => {
    const matrix = filled(rows, 128);
    const expected = matrix.top2(probe);
    await matrix.lookAhead(probe, scanner(outcome));
    expect(matrix.top2(probe)).toEqual(expected);
  });

  test("is used for the probe it was made for, once, and never after the gallery has changed", async () => {
    const matrix = filled(rows, 128);
    const expected = matrix.top2(probe);
    const other = probe.map((x) => x * 0.9);
    const expectedOther = matrix.top2(other);
    // What it leaves is all wrong, so that its use shows.
    await matrix.lookAhead(probe, scanner("nonsense"));
    expect(matrix.top2(other)).toEqual(expectedOther);
    expect(matrix.top2(probe)).toEqual(expected);
    await matrix.lookAhead(probe, scanner("nonsense"));
    matrix.removePerson("nobody");
    matrix.add({ personId: "new", templateId: 999, vector: probe });
    expect(matrix.top2(probe)?.first.personId).toBe("new");
    await matrix.lookAhead(probe, scanner("nonsense"));
    expect(() => matrix.top2(probe), "nonsense names nobody").toThrow();
  });

  test("of an empty matrix does nothing", async () => {
    const matrix = new TemplateMatrix(128);
    await matrix.lookAhead(probe, scanner("right"));
    expect(matrix.top2(probe)).toBeNull();
  });
});

describe("refinedTop2", () => {
  const maxGain = 0.12;

  test.each([1, 2, 3, 17, 65, 400])("equals the naive search by the better distance over %d templates", (count) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed * 77 + count);
      const people = 1 + Math.floor(random() * count);
      const rows = randomRows(random, { count, people, dimension: 128 });
      const probe = Float32Array.from({ length: 128 }, () => gaussian(random) * 0.05);
      // Some are far better than the matrix thinks, some far worse.
      const shifts = rows.map(() => -maxGain + random() * 0.5);
      const better = rows.map((row, i) => ({ ...row, distance: euclidean(row.vector, probe) + (shifts[i] ?? 0) }));
      const distanceTo = (id: number) => better[id - 1]?.distance ?? Number.NaN;
      const found = filled(rows, 128).refinedTop2(probe, { maxGain, distanceTo });
      const order = [...better].sort((a, b) => a.distance - b.distance);
      const second = order.find(({ personId }) => personId !== order[0]?.personId);
      expect(found?.first.templateId).toBe(order[0]?.templateId);
      expect(found?.first.distance).toBe(order[0]?.distance);
      expect(found?.second?.templateId).toBe(second?.templateId);
    }
  });

  test("leaves alone what cannot come near enough", () => {
    const random = seededRandom(3);
    const rows = randomRows(random, { count: 400, people: 200, dimension: 128 });
    const probe = (rows[17]?.vector ?? new Float32Array(128)).map((x) => x * 0.99);
    const asked: number[] = [];
    filled(rows, 128).refinedTop2(probe, {
      maxGain: 0,
      distanceTo: (id) => {
        asked.push(id);
        return euclidean(rows[id - 1]?.vector ?? probe, probe);
      },
    });
    expect(asked.length).toBeLessThan(10);
  });

  test("nobody is found by a distance that is no number", () => {
    const rows = randomRows(seededRandom(4), { count: 5, people: 5, dimension: 32 });
    const probe = new Float32Array(32);
    expect(filled(rows, 32).refinedTop2(probe, { maxGain, distanceTo: () => Number.NaN })).toBeNull();
    expect(new TemplateMatrix(32).refinedTop2(probe, { maxGain, distanceTo: () => 0 })).toBeNull();
  });
});

test("euclidean is not squared and refuses vectors of different lengths", () => {
  expect(euclidean(Float32Array.of(0, 3), Float32Array.of(4, 0))).toBe(5);
  expect(() => euclidean(new Float32Array(128), new Float32Array(1024))).toThrow(RangeError);
});
