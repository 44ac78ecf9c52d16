import { expect, test } from "vitest";
import { demonstrate } from "../../../src/lab/train/siamese/demonstration.ts";
import { demonstrationPage } from "../../../src/lab/train/siamese/page.ts";
import { openTensorflow } from "../../../src/lab/train/tensorflow.ts";
import { patterns } from "../../support/pattern-faces.ts";

const shape = { side: 16, channels: [4, 8], dimension: 8 };

const options = { shape, steps: 40, margin: 0.4, seed: 1, folds: 2 };

test("a network trained from scratch tells people apart whom it has never seen, with each way of mining", async () => {
  await openTensorflow();
  const found = await demonstrate(patterns({ people: 16, pictures: 6, side: 16 }), options);
  expect(found.runs.map(({ fold, mining }) => `${fold} ${mining}`)).toEqual(
    [0, 1].flatMap((fold) => ["random", "semi-hard", "hard"].map((mining) => `${fold} ${mining}`)),
  );
  // Everybody is measured once with each way of mining.
  for (const mining of ["random", "semi-hard", "hard"]) {
    const held = found.runs.filter((run) => run.mining === mining).flatMap(({ after }) => after.labels);
    expect(held.toSorted((p, q) => p - q)).toEqual(patterns({ people: 16, pictures: 6, side: 16 }).labels);
  }
  // One start for all three: what differs comes from the mining.
  expect(new Set(found.outcomes.map(({ before }) => before.eer)).size).toBe(1);
  for (const { before, after, mining, lessRandom } of found.outcomes) {
    expect(after.eer).toBeLessThan(before.eer);
    expect(after.auc).toBeGreaterThan(before.auc);
    expect(after.intervals.eer[0]).toBeLessThanOrEqual(after.eer);
    expect(after.intervals.eer[1]).toBeGreaterThanOrEqual(after.eer);
    expect(lessRandom === null).toBe(mining === "random");
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
  expect(found.outcomes.map(({ mining, lessRandom }) => [mining, lessRandom])).toEqual([["random", null]]);
  expect(kept).toHaveLength(1);
  expect(kept[0]?.every((values) => values.every(Number.isFinite))).toBe(true);
});
