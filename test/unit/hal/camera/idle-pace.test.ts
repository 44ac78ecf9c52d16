import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { IdlePace } from "../../../../src/hal/camera/idle-pace.ts";

/** When the pictures of a camera are taken that begins one at each of these times. */
function takenAt(times: readonly number[], isIdle: (atMs: number) => boolean = () => true): number[] {
  const pace = new IdlePace();
  return times.filter((atMs) => pace.takes(atMs, isIdle(atMs)));
}

const steady = (perSecond: number, seconds = 10) =>
  Array.from({ length: perSecond * seconds }, (_, n) => 1000 + (n * 1000) / perSecond);

const gaps = (times: readonly number[]) => times.slice(1).map((atMs, n) => atMs - (times[n] ?? 0));

describe("of a still scene", () => {
  it.each([
    [5, 5],
    [10, 10],
    [15, 15],
    [20, 20],
    [25, 12.5],
    [30, 15],
    [60, 12],
    [120, 12],
  ])("of %d pictures a second about %d are taken", (perSecond, taken) => {
    expect(Math.abs(takenAt(steady(perSecond)).length / 10 - taken)).toBeLessThan(0.8);
  });

  it.each([10, 15, 25, 30, 60])(
    "at %d pictures a second a face that appears is looked at within 0.1 s",
    (perSecond) => {
      const taken = takenAt(steady(perSecond));
      expect(Math.max(...gaps(taken))).toBeLessThanOrEqual(100);
      for (let appearsMs = 2000; appearsMs < 8000; appearsMs += 7) {
        const seenMs = taken.find((atMs) => atMs >= appearsMs) ?? Number.POSITIVE_INFINITY;
        expect(seenMs - appearsMs).toBeLessThanOrEqual(100);
      }
    },
  );

  it("a camera whose pictures come unevenly is no later than that by more than its own delay", () => {
    const random = seededRandom(5);
    const times = steady(30).map((atMs) => atMs + 15 * random());
    expect(Math.max(...gaps(takenAt(times)))).toBeLessThanOrEqual(90 + 2 * 15);
  });

  it("the first picture is taken, and so is the first after a silence", () => {
    expect(takenAt([0, 33, 66, 99, 2000])).toEqual([0, 66, 2000]);
  });
});

it("every picture is taken while they are wanted, from the first one on", () => {
  const times = steady(30);
  const [fromMs, toMs] = [4000, 6000];
  const isWanted = (atMs: number) => atMs >= fromMs && atMs < toMs;
  const taken = takenAt(times, (atMs) => !isWanted(atMs));
  expect(taken.filter(isWanted)).toEqual(times.filter(isWanted));
  expect(taken.length).toBeLessThan(0.65 * times.length);
});
