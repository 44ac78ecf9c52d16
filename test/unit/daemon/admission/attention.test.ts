import { describe, expect, it } from "vitest";
import { Attention } from "../../../../src/daemon/admission/attention.ts";

describe("the display's attention", () => {
  it("stays with one person while two need advice, so that neither is sent to and fro", () => {
    const attention = new Attention();
    const shown: string[] = [];
    for (let nowMs = 0; nowMs < 5000; nowMs += 70) {
      if (attention.take(1, "step-back", nowMs)) shown.push("step-back");
      if (attention.take(2, "come-closer", nowMs + 5)) shown.push("come-closer");
    }
    expect(new Set(shown)).toEqual(new Set(["step-back"]));
  });

  it("goes to the next person when the first is silent, has ended, or vision is new", () => {
    const attention = new Attention();
    attention.take(1, "step-back", 0);
    expect(attention.take(2, "come-closer", 999)).toBe(false);
    expect(attention.take(2, "come-closer", 1000)).toBe(true);
    attention.release(2);
    expect(attention.take(3, "hold-still", 1001)).toBe(true);
    attention.releaseAll();
    expect(attention.take(4, "more-light", 1002)).toBe(true);
  });

  it("goes at once to somebody who lacks nothing but a turn, and does not come back for advice", () => {
    const attention = new Attention();
    attention.take(1, "step-back", 0);
    expect(attention.take(2, "turn", 10)).toBe(true);
    expect(attention.take(1, "step-back", 20)).toBe(false);
    expect(attention.take(3, "turn", 30)).toBe(false);
  });

  it("leaves a prompt to one person long enough to be read", () => {
    const attention = new Attention();
    attention.take(1, "turn", 0);
    expect(attention.take(1, "look-here", 500)).toBe(false);
    expect(attention.take(1, "turn", 600)).toBe(true);
    expect(attention.take(1, "look-here", 1000)).toBe(true);
  });

  it("of somebody who ended is not taken from whoever has it", () => {
    const attention = new Attention();
    attention.take(1, "turn", 0);
    attention.release(2);
    expect(attention.take(2, "come-closer", 10)).toBe(false);
  });
});
