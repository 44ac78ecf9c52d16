import { describe, expect, it } from "vitest";
import { follow, maxIdentityDistance, noContinuity } from "../../../src/pipeline/continuity.ts";

const box = { x: 100, y: 100, width: 100, height: 100 };
/** Two vectors made so have the distance of their arguments. */
const vector = (place: number) => Float32Array.of(place, 0, 0);

describe("the same face goes on", () => {
  it("through frames that are not embedded", () => {
    const first = follow(noContinuity, { atMs: 0, box, vector: vector(0) });
    expect(first.verdict).toBe("verified");
    expect(follow(first.next, { atMs: 100, box }).verdict).toBe("plausible");
  });
  it("while it turns and shows new sides of itself", () => {
    let { next } = follow(noContinuity, { atMs: 0, box, vector: vector(0) });
    for (const [i, place] of [0.2, 0.3, 0.4, 0.3, 0].entries()) {
      const result = follow(next, { atMs: 150 * (i + 1), box, vector: vector(place) });
      expect(result.verdict).toBe("verified");
      next = result.next;
    }
    expect(next.references.length).toBeLessThanOrEqual(4);
  });
  it("in a hurry", () => {
    const { next } = follow(noContinuity, { atMs: 0, box });
    expect(follow(next, { atMs: 100, box: { ...box, x: 150 } }).verdict).toBe("plausible");
  });
  it("elsewhere after half a second", () => {
    const { next } = follow(noContinuity, { atMs: 0, box });
    expect(follow(next, { atMs: 500, box: { ...box, x: 300 } }).verdict).toBe("plausible");
  });
});

describe("another face is noticed", () => {
  const { next } = follow(noContinuity, { atMs: 0, box, vector: vector(0) });
  it("by the first vector that is too far away", () => {
    expect(follow(next, { atMs: 150, box, vector: vector(maxIdentityDistance + 0.01) }).verdict).toBe("identity");
    expect(follow(next, { atMs: 150, box, vector: vector(maxIdentityDistance - 0.01) }).verdict).toBe("verified");
  });
  it("by vectors that are none or of another length", () => {
    expect(follow(next, { atMs: 150, box, vector: vector(Number.NaN) }).verdict).toBe("identity");
    expect(follow(next, { atMs: 150, box, vector: Float32Array.of(0) }).verdict).toBe("identity");
  });
  it("and is not made a reference of the track it broke", () => {
    const broken = follow(next, { atMs: 150, box, vector: vector(0.7) });
    expect(follow(broken.next, { atMs: 300, box, vector: vector(0.7) }).verdict).toBe("identity");
  });
  for (const [name, jumped] of [
    ["a jump to the side", { ...box, x: 190 }],
    ["a jump in size", { x: 80, y: 80, width: 145, height: 145 }],
    ["a box of nothing", { ...box, width: 0 }],
  ] as const) {
    it(name, () => expect(follow(next, { atMs: 100, box: jumped }).verdict).toBe("jump"));
  }
});
