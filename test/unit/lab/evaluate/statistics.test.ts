import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { setStatistics } from "../../../../src/lab/evaluate/statistics.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { population } from "../../../support/site-kit.ts";

describe("setStatistics", () => {
  const people = [...population({ people: 12, templates: 5 }, seededRandom(2)).values()];
  const found = setStatistics("made", people, euclidean);

  test("counts people, pictures, and each picture once with each of the others", () => {
    expect(found).toMatchObject({ name: "made", people: 12, pictures: 60, impostorLooks: 60 * 11 });
  });

  test("gives no rate that fewer than three looks stand behind", () => {
    expect(found.impostor.at(-1)?.[0]).toBe(0.01);
    expect(found.genuine.at(-1)?.[0]).toBe(0.01);
  });

  test("a distance is reached by the part of the strangers' looks at three of five pictures that is said", () => {
    const nearest = (probe: Float32Array, some: readonly Float32Array[]): number =>
      Math.min(...some.map((one) => euclidean(probe, one)));
    const triples = (own: readonly Float32Array[]): Float32Array[][] =>
      own.flatMap((a, i) => own.slice(0, i).flatMap((b, j) => own.slice(0, j).map((c) => [a, b, c])));
    const all = people.flatMap((ours, i) =>
      people.flatMap((theirs, j) =>
        i === j ? [] : theirs.flatMap((probe) => triples(ours).map((some) => nearest(probe, some))),
      ),
    );
    for (const [rate, distance] of found.impostor) {
      const part = all.filter((one) => one <= distance).length / all.length;
      // Twenty of ten draws a person are not all of them.
      expect(Math.abs(part - rate)).toBeLessThan(0.1 * rate + 0.002);
    }
    expect(found.genuine[0]?.[1]).toBeLessThan(found.genuine.at(-1)?.[1] ?? 0);
  });
});
