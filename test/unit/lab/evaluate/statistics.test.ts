import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { setStatistics } from "../../../../src/lab/evaluate/statistics.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { population } from "../../../support/site-kit.ts";

describe("setStatistics", () => {
  const people = [...population({ people: 12, templates: 5 }, seededRandom(2)).values()];
  const found = setStatistics("made", people, euclidean);

  test("counts people, pictures and pairs of two people", () => {
    expect(found).toMatchObject({ name: "made", people: 12, pictures: 60, impostorPairs: (60 * 55) / 2 });
  });

  test("gives no rate that fewer than three pairs stand behind", () => {
    expect(found.impostor.at(-1)?.[0]).toBe(0.003);
    expect(found.genuine.at(-1)?.[0]).toBe(0.01);
  });

  test("a distance is reached by the part of the pairs that is said", () => {
    const all = people.flatMap((ours, i) =>
      people.slice(0, i).flatMap((theirs) => ours.flatMap((a) => theirs.map((b) => euclidean(a, b)))),
    );
    for (const [rate, distance] of found.impostor) {
      const part = all.filter((one) => one <= distance).length / all.length;
      expect(Math.abs(part - rate)).toBeLessThan(0.002);
    }
    expect(found.genuine[0]?.[1]).toBeLessThan(found.genuine.at(-1)?.[1] ?? 0);
  });
});
