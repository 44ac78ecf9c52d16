import { expect, test } from "vitest";
import { seededRandom } from "../../../../../src/core/random.ts";
import { alteredChips } from "../../../../../src/lab/train/siamese/alter-chips.ts";

const side = 48;

/** Soft blobs at chance places, mean 0 and variance 1, as chips are. */
function chips(count: number): Float32Array {
  const random = seededRandom(1);
  const rows: number[] = [];
  for (let chip = 0; chip < count; chip++) {
    const blobs = Array.from({ length: 12 }, () => [random() * side, random() * side, random() - 0.5] as const);
    const grey = Array.from({ length: side * side }, (_, place) => {
      const [x, y] = [place % side, Math.floor(place / side)];
      return blobs.reduce((sum, [bx, by, light]) => sum + light * Math.exp(-((x - bx) ** 2 + (y - by) ** 2) / 50), 0);
    });
    rows.push(...standard(grey));
  }
  return Float32Array.from(rows);
}

function standard(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / deviation);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum / a.length;
}

function mirrored(chip: Float32Array): Float32Array {
  return chip.map((_, place) => chip[place - (place % side) + side - 1 - (place % side)] ?? 0);
}

const rows = chips(40);
const altered = alteredChips(rows, side, seededRandom(2));
const pairs = Array.from({ length: 40 }, (_, i) => {
  const part = (all: Float32Array) => all.subarray(i * side * side, (i + 1) * side * side);
  return [part(rows), part(altered)] as const;
});

test("an altered chip is still of mean 0 and variance 1", () => {
  for (const [, chip] of pairs) {
    expect(correlation(chip, chip)).toBeCloseTo(1, 3);
    expect(chip.reduce((sum, value) => sum + value, 0) / chip.length).toBeCloseTo(0, 4);
  }
});

test("an altered chip is like its own, as it is or mirrored, and no copy of it", () => {
  let asItIs = 0;
  for (const [chip, other] of pairs) {
    const [same, turned] = [correlation(chip, other), correlation(mirrored(chip), other)];
    expect(Math.max(same, turned)).toBeGreaterThan(0.4);
    expect(Math.max(same, turned)).toBeLessThan(0.9999);
    if (same > turned) asItIs++;
  }
  expect(asItIs).toBeGreaterThan(8);
  expect(asItIs).toBeLessThan(32);
});

test("the same seed alters in the same way, and every chip in its own", () => {
  expect(alteredChips(rows, side, seededRandom(2))).toEqual(altered);
  const one = rows.subarray(0, side * side);
  const twice = alteredChips(Float32Array.from([...one, ...one]), side, seededRandom(3));
  expect(twice.slice(0, side * side)).not.toEqual(twice.slice(side * side));
});

test("a chip without contrast stays finite", () => {
  expect(alteredChips(new Float32Array(side * side), side, seededRandom(4)).every(Number.isFinite)).toBe(true);
});
