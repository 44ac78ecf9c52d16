import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { BlinkTrain, blinksPerMinute } from "../../../src/simulation/blinks.ts";

const hourMs = 3_600_000;

describe("blinks", () => {
  it("come as often as people blink, with the spread of a Poisson process", () => {
    const perMinute: number[] = [];
    const blinks = new BlinkTrain(seededRandom(11)).until(4 * hourMs);
    for (let minute = 0; minute < 240; minute++) {
      perMinute.push(blinks.filter((b) => Math.floor(b.startMs / 60_000) === minute).length);
    }
    const mean = perMinute.reduce((sum, n) => sum + n, 0) / perMinute.length;
    const variance = perMinute.reduce((sum, n) => sum + (n - mean) ** 2, 0) / perMinute.length;
    expect(mean).toBeGreaterThan(blinksPerMinute - 1);
    expect(mean).toBeLessThan(blinksPerMinute + 1);
    // Of a Poisson process the variance equals the mean; a regular train would have nearly none.
    expect(variance / mean).toBeGreaterThan(0.7);
    expect(variance / mean).toBeLessThan(1.4);
  });

  it("last between a tenth and a quarter of a second", () => {
    const durations = new BlinkTrain(seededRandom(3)).until(hourMs).map((b) => b.durationMs);
    expect(durations.length).toBeGreaterThan(800);
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...durations)).toBeLessThanOrEqual(250);
    expect(Math.max(...durations) - Math.min(...durations)).toBeGreaterThan(120);
  });

  it("shut the eye in the middle and leave it open before and after", () => {
    const train = new BlinkTrain(seededRandom(5));
    const lone = train
      .until(hourMs)
      .find(
        (b, n, all) => b.startMs - (all[n - 1]?.startMs ?? 0) > 1_000 && (all[n + 1]?.startMs ?? 0) - b.startMs > 1_000,
      );
    if (!lone) throw new Error("an hour without a lone blink");
    expect(train.closure(lone.startMs - 1)).toBe(0);
    expect(train.closure(lone.startMs + 0.4 * lone.durationMs)).toBe(1);
    expect(train.closure(lone.startMs + lone.durationMs + 1)).toBe(0);
  });

  it("are the same whatever order they are asked in", () => {
    const [forward, backward] = [new BlinkTrain(seededRandom(9)), new BlinkTrain(seededRandom(9))];
    const times = Array.from({ length: 2_000 }, (_, n) => n * 33);
    const there = times.map((t) => forward.closure(t));
    const back = [...times].reverse().map((t) => backward.closure(t));
    expect(back.reverse()).toEqual(there);
    expect(there.some((closure) => closure > 0.5)).toBe(true);
  });
});
