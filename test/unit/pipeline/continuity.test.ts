import { describe, expect, it } from "vitest";
import {
  type EmbeddedView,
  type FaceView,
  follow,
  maxIdentityDistance,
  noContinuity,
} from "../../../src/pipeline/continuity.ts";

const box = { x: 100, y: 100, width: 100, height: 100 };
/** Two faces made so have the distance of their arguments. */
const face = (place: number, view: FaceView = "front"): EmbeddedView => ({
  vector: Float32Array.of(place, 0, 0),
  view,
});

describe("the same face goes on", () => {
  it("through frames that are not embedded", () => {
    const first = follow(noContinuity, { atMs: 0, box, embedded: face(0) });
    expect(first.verdict).toBe("verified");
    expect(follow(first.next, { atMs: 100, box }).verdict).toBe("plausible");
  });
  it("while it turns and shows new sides of itself", () => {
    let { next } = follow(noContinuity, { atMs: 0, box, embedded: face(0) });
    for (const [i, place] of [0.2, 0.3, 0.4, 0.3, 0].entries()) {
      const result = follow(next, { atMs: 150 * (i + 1), box, embedded: face(place) });
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
  const { next } = follow(noContinuity, { atMs: 0, box, embedded: face(0) });
  it("by the first vector that is too far away", () => {
    expect(follow(next, { atMs: 150, box, embedded: face(maxIdentityDistance + 0.01) }).verdict).toBe("identity");
    expect(follow(next, { atMs: 150, box, embedded: face(maxIdentityDistance - 0.01) }).verdict).toBe("verified");
  });
  it("by vectors that are none or of another length", () => {
    expect(follow(next, { atMs: 150, box, embedded: face(Number.NaN) }).verdict).toBe("identity");
    expect(follow(next, { atMs: 150, box, embedded: { vector: Float32Array.of(0), view: "front" } }).verdict).toBe(
      "identity",
    );
  });
  it("and is not made a reference of the track it broke", () => {
    const broken = follow(next, { atMs: 150, box, embedded: face(0.7) });
    expect(follow(broken.next, { atMs: 300, box, embedded: face(0.7) }).verdict).toBe("identity");
  });
  for (const [name, jumped] of [
    ["a jump to the side", { ...box, x: 190 }],
    ["a jump in size", { x: 80, y: 80, width: 145, height: 145 }],
    ["a box of nothing", { ...box, width: 0 }],
  ] as const) {
    it(name, () => expect(follow(next, { atMs: 100, box: jumped }).verdict).toBe("jump"));
  }
});

/** Shows a track's face in these places; gives the last verdict. */
function followAll(faces: readonly EmbeddedView[], isChallenged: boolean) {
  let followed = follow(noContinuity, { atMs: 0, box });
  for (const [n, embedded] of faces.entries()) {
    followed = follow(followed.next, { atMs: 150 * n, box, embedded, isChallenged });
    if (followed.verdict === "identity") break;
  }
  return followed;
}

describe("a challenge asks for several views of a face", () => {
  /** Four pictures from the front: as many as are kept. */
  const arrival = [face(0), face(-0.21), face(0.21), face(-0.42)];
  const turning = [...arrival, face(0.45, "left"), face(0.66, "left"), face(0.9, "left")];

  it("so a face far turned is compared with itself turned less far", () => {
    expect(followAll(turning, true).verdict).toBe("verified");
  });
  it("and has to be nearer to that than to one of its front", () => {
    const from = (place: number) =>
      followAll([...arrival, face(0.45, "left"), face(0.86, "left"), face(place, "left")], true);
    expect(from(1.27).verdict).toBe("verified");
    expect(from(1.29).verdict).toBe("identity");
  });
  it("but nothing is kept besides the first four while no challenge is running", () => {
    expect(followAll(turning, false)).toMatchObject({ verdict: "identity", next: { references: arrival } });
  });
  it("and further pictures from the front are not kept, nor a third one of a side", () => {
    const front = followAll([...arrival, face(0.45)], true).next;
    expect(front.references).toEqual(arrival);
    const sides = [face(0.45, "left"), face(0.66, "left"), face(0.87, "left")];
    expect(followAll([...arrival, ...sides], true).next.references).toEqual([...arrival, ...sides.slice(0, 2)]);
  });
  it("and stays few pictures, however many there are that are alike enough and new", () => {
    const views: readonly FaceView[] = ["left", "right", "raised", "front"];
    const axis = (n: number) => Float32Array.from({ length: 60 }, (_, i) => (i === n ? 0.25 : 0));
    const many = Array.from({ length: 60 }, (_, n) => ({ vector: axis(n), view: views[n % 4] ?? "front" }));
    const { verdict, next } = followAll(many, true);
    expect(verdict).toBe("verified");
    // One of each view among the first four, and one more of each side.
    expect(next.references.map(({ view }) => view)).toEqual([...views, "left", "right", "raised"]);
  });
});

describe("a face that is swapped for another in the midst of a challenge", () => {
  const own = [face(0), face(0.22), face(0.45, "left")];
  const stranger = 1.1;

  it.each(["front", "left", "right", "raised"] as const)(
    "is noticed at the first picture that shows it (%s)",
    (view) => {
      expect(followAll([...own, face(stranger, view)], true).verdict).toBe("identity");
    },
  );
  it.each([
    ["is compared once", [stranger]],
    ["is compared twice", [stranger, stranger]],
  ])("and back again is noticed all the same when it %s", (_, places) => {
    const swapped = places.map((place) => face(place, "left"));
    expect(followAll([...own, ...swapped, face(0)], true)).toMatchObject({
      verdict: "identity",
      next: { references: [face(0), face(0.22), face(0.45, "left")] },
    });
  });
  it("has had no part in what the face is compared with", () => {
    let { next } = followAll(own, true);
    for (let n = 0; n < 3; n++) {
      const followed = follow(next, {
        atMs: 1000 + n * 150,
        box,
        embedded: face(stranger, "right"),
        isChallenged: true,
      });
      expect(followed.verdict).toBe("identity");
      next = followed.next;
    }
  });
});
