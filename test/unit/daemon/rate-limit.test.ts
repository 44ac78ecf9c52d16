import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../src/daemon/rate-limit.ts";

describe("a rate limit", () => {
  it("lets a burst through, holds the rest back, and says later how many", () => {
    const limit = new RateLimit({ burst: 3, perSecond: 1 });
    expect([0, 0, 0, 0, 0].map((ms) => limit.take(ms).pass)).toEqual([true, true, true, false, false]);
    expect(limit.take(1000)).toEqual({ pass: true, suppressed: 2 });
    expect(limit.take(1000)).toEqual({ pass: false });
  });

  it("never saves up more than a burst", () => {
    const limit = new RateLimit({ burst: 2, perSecond: 10 });
    limit.take(0);
    expect([1e6, 1e6, 1e6].map((ms) => limit.take(ms).pass)).toEqual([true, true, false]);
  });
});
