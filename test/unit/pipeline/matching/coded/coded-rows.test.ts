import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import { CodedRows, type ScanJob } from "../../../../../src/pipeline/matching/coded/coded-rows.ts";
import { openKernel } from "../../../../../src/pipeline/matching/coded/kernel.ts";
import { euclidean } from "../../../../../src/pipeline/matching/matrix.ts";

const dimension = 32;
const random = seededRandom(11);
const vector = (spread = 0.1) => Float32Array.from({ length: dimension }, () => gaussian(random) * spread);

function coded(vectors: readonly Float32Array[]): CodedRows {
  const rows = new CodedRows(dimension);
  vectors.forEach((each, row) => {
    if (rows.set(row, each)) return;
    rows.restart(each);
    for (let again = 0; again <= row; again++) expect(rows.set(again, vectors[again] ?? each)).toBe(true);
  });
  return rows;
}

/** Runs the search in this thread, when it is told to. */
function heldScanner() {
  const held: (() => void)[] = [];
  const scan = ({ module, memory, codes, rows, probe, out }: ScanJob) =>
    new Promise<boolean>((resolve) => {
      held.push(() => {
        openKernel(module, memory)(codes, rows, probe, out);
        resolve(true);
      });
    });
  const release = () => {
    for (const run of held.splice(0)) run();
  };
  return { scan, release };
}

describe("what the codes leave open", () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true, noDefaultInfinity: true });
  const someVector = fc
    .array(number, { minLength: dimension, maxLength: dimension })
    .map((all) => Float32Array.from(all));

  test("no row within a limit is ever left out, however coarse the codes", () => {
    fc.assert(
      fc.property(
        fc.array(someVector, { minLength: 1, maxLength: 40 }),
        someVector,
        fc.double({ min: 0, max: 20, noNaN: true }),
        (vectors, probe, limit) => {
          const open = coded(vectors).measure(probe, vectors.length).within(limit);
          vectors.forEach((each, row) => {
            if (euclidean(each, probe) <= limit) expect(open).toContain(row);
          });
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  test("a row that lies exactly on the limit is not left out", () => {
    const vectors = Array.from({ length: 200 }, () => vector());
    const rows = coded(vectors);
    for (const probe of Array.from({ length: 20 }, () => vector())) {
      vectors.forEach((each, row) => {
        expect(rows.measure(probe, 200).within(euclidean(each, probe))).toContain(row);
      });
    }
  });

  test("a probe whose numbers are too large for the codes loses nobody", () => {
    const vectors = Array.from({ length: 50 }, () => vector(0.01));
    const probe = vector(5);
    const limit = euclidean(vectors[7] ?? probe, probe);
    expect(coded(vectors).measure(probe, 50).within(limit)).toContain(7);
  });

  test("most of a gallery is settled by its codes alone", () => {
    const vectors = Array.from({ length: 2000 }, () => vector());
    const open = coded(vectors)
      .measure(vectors[5] ?? vector(), 2000)
      .within(0.05);
    expect(open).toContain(5);
    expect(open.length).toBeLessThan(5);
  });

  test.each([Number.NaN, -1])("a limit of %d leaves nobody open", (limit) => {
    expect(coded([vector()]).measure(vector(), 1).within(limit)).toEqual([]);
  });
});

describe("the least distance to a single row", () => {
  test("is never above the true one, also of numbers that were cut off", () => {
    const vectors = Array.from({ length: 300 }, (_, n) => vector(n % 7 === 0 ? 0.6 : 0.1));
    const rows = new CodedRows(dimension);
    rows.restart(vectors[1] ?? vector());
    vectors.forEach((each, row) => {
      rows.setCutOff(row, each);
    });
    rows.move(299, 4);
    for (const probe of [vector(), vector(3), vectors[7] ?? vector(), new Float32Array(dimension)]) {
      const least = rows.leastDistances(probe);
      vectors.slice(0, 299).forEach((each, row) => {
        const real = row === 4 ? (vectors[299] ?? each) : each;
        expect(least(row)).toBeLessThanOrEqual(euclidean(real, probe));
      });
    }
  });

  test("is near the true one where nothing was cut off", () => {
    const vectors = Array.from({ length: 50 }, () => vector());
    const probe = vector();
    const least = coded(vectors).leastDistances(probe);
    vectors.forEach((each, row) => {
      expect(least(row)).toBeGreaterThan(euclidean(each, probe) - 0.03);
    });
  });
});

describe("rows", () => {
  test("a number larger than all before asks for new codes, a smaller one does not", () => {
    const rows = new CodedRows(dimension);
    const small = new Float32Array(dimension).fill(0.1);
    expect(rows.set(0, small)).toBe(false);
    rows.restart(small);
    expect(rows.set(0, small)).toBe(true);
    expect(rows.set(1, new Float32Array(dimension).fill(-0.1))).toBe(true);
    expect(rows.set(2, new Float32Array(dimension).fill(3))).toBe(false);
  });

  test("rows of zeros are found by a probe of zeros", () => {
    const zeros = new Float32Array(dimension);
    expect(coded([zeros, zeros]).measure(zeros, 2).within(0)).toEqual([0, 1]);
  });

  test("a row that was moved is the same row, and its old place is empty", () => {
    const [first, last] = [vector(), vector()];
    const rows = coded([first, last]);
    rows.move(1, 0);
    expect(rows.measure(last, 2).within(0)).toEqual([0]);
    expect(rows.measure(new Float32Array(dimension), 2).within(0)).toEqual([1]);
  });
});

describe("a search on another thread", () => {
  const vectors = Array.from({ length: 100 }, () => vector());
  const probe = vector();

  test("finds what one's own finds, although a search of one's own came between", async () => {
    const rows = coded(vectors);
    const expected = rows.measure(probe, 100).within(0.7);
    const scanner = heldScanner();
    const beside = rows.measureBeside(probe, 100, scanner);
    rows.measure(vector(), 100);
    scanner.release();
    expect((await beside)?.within(0.7)).toEqual(expected);
  });

  test.each([
    ["came", (rows: CodedRows) => void rows.set(100, vector(0.01))],
    ["left", (rows: CodedRows) => rows.move(99, 3)],
    ["were all coded anew", (rows: CodedRows) => rows.restart(vector())],
  ])("counts for nothing when rows %s meanwhile", async (_what, change) => {
    const rows = coded(vectors);
    const scanner = heldScanner();
    const beside = rows.measureBeside(probe, 100, scanner);
    change(rows);
    scanner.release();
    expect(await beside).toBeNull();
  });

  test("a second one at the same time is not begun: it would overwrite the first one's probe", async () => {
    const rows = coded(vectors);
    const scanner = heldScanner();
    const first = rows.measureBeside(probe, 100, scanner);
    expect(await rows.measureBeside(vector(), 100, scanner)).toBeNull();
    scanner.release();
    expect((await first)?.within(0.7)).toEqual(rows.measure(probe, 100).within(0.7));
  });

  test("one that failed gives nothing", async () => {
    expect(await coded(vectors).measureBeside(probe, 100, { scan: () => Promise.resolve(false) })).toBeNull();
  });
});
