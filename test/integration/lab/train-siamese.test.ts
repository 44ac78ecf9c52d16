import { expect, test } from "vitest";
import { demonstrate } from "../../../src/lab/train/siamese/demonstration.ts";
import { demonstrationPage } from "../../../src/lab/train/siamese/page.ts";
import { openTensorflow } from "../../../src/lab/train/tensorflow.ts";
import { patterns } from "../../support/pattern-faces.ts";

const shape = { side: 16, channels: [4, 8], dimension: 8 };

const options = { shape, steps: 40, margin: 0.4, seed: 1, heldShare: 0.25 };

test("a network trained from scratch tells people apart whom it has never seen, with each way of mining", async () => {
  await openTensorflow();
  const found = await demonstrate(patterns({ people: 16, pictures: 6, side: 16 }), options);
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
  const found = await demonstrate(patterns({ people: 8, pictures: 4, side: 16 }), {
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
