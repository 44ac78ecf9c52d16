import { describe, expect, it } from "vitest";
import { secondsLeft } from "../../../src/cli/trial-progress.ts";

describe("the time that a measurement still takes", () => {
  it.each([
    ["a tenth done in 10 s", { done: 10, total: 100, kept: 0 }, 10_000, 90],
    [
      "900 of 1000 kept, one played in 8 s: kept trials took no time",
      { done: 901, total: 1000, kept: 900 },
      8_000,
      792,
    ],
    ["kept ones alone, of which no rate follows", { done: 900, total: 1000, kept: 900 }, 50, null],
    ["all of it kept", { done: 1000, total: 1000, kept: 1000 }, 50, 0],
    ["the last one played", { done: 100, total: 100, kept: 40 }, 60_000, 0],
  ])("is right with %s", (_name, trials, elapsedMs, seconds) => {
    expect(secondsLeft(trials, elapsedMs)).toBe(seconds);
  });
});
