import { expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../src/core/random.ts";
import { demonstrate } from "../../../src/lab/train/siamese/demonstration.ts";
import { demonstrationPage } from "../../../src/lab/train/siamese/page.ts";
import { openTensorflow } from "../../../src/lab/train/tensorflow.ts";

const shape = { side: 16, channels: [4, 8], dimension: 8 };

/** "People" as coarse patterns of 4 x 4 tiles, "pictures" as the same with noise: something to tell apart for a tiny network. */
function patterns(people: number, pictures: number) {
  const random = seededRandom(1);
  const rows: number[] = [];
  const labels: number[] = [];
  for (let person = 0; person < people; person++) {
    const tiles = Array.from({ length: 16 }, () => gaussian(random));
    for (let picture = 0; picture < pictures; picture++) {
      for (let i = 0; i < 256; i++) {
        const tile = Math.floor(i / 64) * 4 + Math.floor((i % 16) / 4);
        rows.push((tiles[tile] ?? 0) + gaussian(random) * 0.8);
      }
      labels.push(person);
    }
  }
  return { rows: Float32Array.from(rows), dimension: 256, labels };
}

const options = { shape, steps: 40, margin: 0.4, seed: 1, heldShare: 0.25 };

test("a network trained from scratch tells people apart whom it has never seen, with each way of mining", async () => {
  await openTensorflow();
  const found = await demonstrate(patterns(16, 6), options);
  expect(found.people).toEqual({ trained: 12, held: 4 });
  expect(found.runs.map(({ mining }) => mining)).toEqual(["random", "semi-hard", "hard"]);
  // One start for all three: what differs comes from the mining.
  expect(new Set(found.runs.map(({ before }) => before.eer)).size).toBe(1);
  for (const { before, after, history } of found.runs) {
    expect(history.length).toBeGreaterThan(10);
    expect(after.eer).toBeLessThan(before.eer);
  }
  const page = demonstrationPage(found, { subject: "<patterns>", date: new Date(0) });
  expect(page).toContain("&lt;patterns&gt;");
  expect(page.match(/<svg/g)).toHaveLength(2);
});

test("broken off, it keeps what it has learnt so far", async () => {
  await openTensorflow();
  const controller = new AbortController();
  const kept: (readonly Float32Array[])[] = [];
  const found = await demonstrate(patterns(8, 4), {
    ...options,
    signal: controller.signal,
    onStep: (_, { step }) => {
      if (step === 3) controller.abort();
    },
    onTrained: ({ weights }) => kept.push(weights),
  });
  expect(found.runs.map(({ history }) => history.length)).toEqual([3]);
  expect(kept).toHaveLength(1);
  expect(kept[0]?.every((values) => values.every(Number.isFinite))).toBe(true);
});
