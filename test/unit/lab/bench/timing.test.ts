import { describe, expect, it } from "vitest";
import { time } from "../../../../src/lab/bench/timing.ts";

describe("timing", () => {
  it("runs the warm-up besides the runs that count", async () => {
    let calls = 0;
    const timing = await time(20, () => {
      calls += 1;
    });
    expect(timing.n).toBe(20);
    expect(calls).toBe(24);
  });

  it("waits for asynchronous work before the next run begins", async () => {
    let running = 0;
    let most = 0;
    await time(5, async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
    });
    expect(most).toBe(1);
  });

  it("orders its figures from the shortest to the longest", async () => {
    const { min, p50, p95 } = await time(9, () => undefined);
    expect(min).toBeGreaterThanOrEqual(0);
    expect(p50).toBeGreaterThanOrEqual(min);
    expect(p95).toBeGreaterThanOrEqual(p50);
  });

  it("passes on the failure of the work instead of a figure", async () => {
    await expect(
      time(3, () => {
        throw new Error("no face was found");
      }),
    ).rejects.toThrow("no face was found");
  });
});
