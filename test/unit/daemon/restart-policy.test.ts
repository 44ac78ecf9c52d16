import { describe, expect, it } from "vitest";
import { freshHistory, planRestart, type RestartHistory } from "../../../src/daemon/restart-policy.ts";

/** Delays planned for endings given as [seconds since the start, seconds lived]. */
function delays(endings: readonly (readonly [atSeconds: number, livedSeconds: number])[]): number[] {
  let history: RestartHistory = freshHistory();
  return endings.map(([atSeconds, livedSeconds]) => {
    const plan = planRestart(history, {
      nowMs: atSeconds * 1000,
      livedMs: livedSeconds * 1000,
      isConfigurationError: false,
    });
    history = plan.history;
    return plan.delayMs;
  });
}

describe("the restart policy", () => {
  const table: [name: string, endings: [number, number][], expected: number[]][] = [
    ["starts the first one again after a tenth of a second", [[1, 1]], [100]],
    [
      "doubles the delay with each ending",
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
      ],
      [100, 200, 400, 800],
    ],
    [
      "goes slow after five restarts in a minute",
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 1],
      ],
      [100, 200, 400, 800, 1600, 30_000],
    ],
    [
      "stays at the longest delay for endings that are spread out",
      [
        [0, 9],
        [20, 9],
        [40, 9],
        [60, 9],
        [80, 9],
        [100, 9],
        [120, 9],
        [140, 9],
      ],
      [100, 200, 400, 800, 1600, 3200, 5000, 5000],
    ],
    [
      "starts anew after half a minute of life",
      [
        [1, 1],
        [2, 1],
        [33, 30],
      ],
      [100, 200, 100],
    ],
    [
      "does not forgive a life just short of that",
      [
        [1, 1],
        [2, 1],
        [33, 29.9],
      ],
      [100, 200, 400],
    ],
    [
      "leaves the slow pace once a child lives",
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 1],
        [80, 40],
      ],
      [100, 200, 400, 800, 1600, 30_000, 100],
    ],
  ];
  it.each(table)("%s", (_name, endings, expected) => {
    expect(delays(endings)).toEqual(expected);
  });

  it("goes slow at once for a configuration that a restart cannot mend", () => {
    const plan = planRestart(freshHistory(), { nowMs: 0, livedMs: 10, isConfigurationError: true });
    expect(plan).toMatchObject({ delayMs: 30_000, isSlow: true });
  });

  it("keeps a bounded history", () => {
    let history = freshHistory();
    for (let second = 0; second < 10_000; second++) {
      ({ history } = planRestart(history, { nowMs: second * 1000, livedMs: 1, isConfigurationError: false }));
    }
    expect(history.atMs.length).toBeLessThanOrEqual(61);
  });
});
