import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { carrierCue, type EdgeSample, measureEdges } from "../../../../src/pipeline/liveness/carrier.ts";
import { type Evidence, noEvidence, withEdges, withMesh } from "../../../../src/pipeline/liveness/evidence.ts";
import { judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import type { RgbImage } from "../../../../src/pipeline/types.ts";
import { meshOf } from "../../../support/head.ts";

const size = { width: 640, height: 480 };
const random = seededRandom(3);
const wall = Uint8Array.from({ length: size.width * size.height * 3 }, () => 117 + Math.floor(6 * random()));

/** A wall with a little noise; each rectangle is [left, top, right, bottom, grey level], the last on top. */
function picture(rectangles: readonly (readonly [number, number, number, number, number])[]): RgbImage {
  const rgb = Uint8Array.from(wall);
  for (const [left, top, right, bottom, grey] of rectangles) {
    const [from, to] = [Math.max(0, Math.round(left)), Math.min(size.width, Math.round(right))];
    for (let y = Math.max(0, Math.round(top)); y < Math.min(size.height, bottom); y++) {
      rgb.fill(grey, 3 * (y * size.width + from), 3 * (y * size.width + to));
    }
  }
  return { rgb, ...size };
}

interface Shown {
  readonly centreX: number;
  readonly centreY: number;
}

/** What is seen of a face that wanders through the picture for `seconds`, at ten frames a second: the evidence after each frame. */
function watchEach(
  scene: (face: Shown) => RgbImage,
  { seconds = 2, speed = 120, depth = 0, yawDeg = (t: number) => 0 * t } = {},
): Evidence[] {
  const seen: Evidence[] = [];
  for (let n = 0; n < 10 * seconds; n++) {
    const t = n / 10;
    const face = { centreX: 230 + speed * Math.min(t, 2), centreY: 220 + 0.3 * speed * Math.min(t, 2) };
    const mesh = meshOf({ ...face, eyeDistancePx: 55, depth, yawDeg: yawDeg(t) }, random);
    const atMs = 1000 + 1000 * t;
    const shown = withMesh(seen.at(-1) ?? noEvidence, { mesh, atMs, isVerified: true });
    seen.push(withEdges(shown, measureEdges(scene(face), mesh, atMs)));
  }
  return seen;
}

function watch(...how: Parameters<typeof watchEach>): Evidence {
  return watchEach(...how).at(-1) ?? noEvidence;
}

/** A sheet around the face; the synthetic face is about 86 pixels wide and its middle lies below the eyes. */
const sheet =
  (half: readonly [number, number], grey = 210) =>
  ({ centreX, centreY }: Shown): RgbImage => {
    const middle = centreY + 20;
    return picture([[centreX - half[0], middle - half[1], centreX + half[0], middle + half[1], grey]]);
  };

describe("a sheet or a screen that is carried", () => {
  it.each([
    ["paper, brighter than the wall", [90, 130] as const, 210],
    ["a phone with a black bezel", [68, 125] as const, 15],
  ])("is seen by its edges: %s", (_, half, grey) => {
    const result = carrierCue(watch(sheet(half, grey)));
    expect(result).toMatchObject({ verdict: "spoof" });
    expect(result.says).toContain("straight edges");
  });

  it("is denied before the face on it has turned as a living one does", () => {
    const yawDeg = (t: number) => (t < 1.6 ? 0 : 28 * Math.sin((2 * Math.PI * (t - 1.6)) / 2.4));
    const judged = watchEach(sheet([90, 130]), { depth: 1, yawDeg, seconds: 4 }).map((seen) => judgeLiveness(seen));
    const turned = judged.findIndex(({ cues }) =>
      cues.some((cue) => cue.name === "parallax" && cue.verdict === "live"),
    );
    const first = judged.findIndex(({ verdict }) => verdict !== "no-verdict");
    expect(turned).toBeGreaterThan(0);
    expect(first).toBeLessThan(turned);
    expect(judged[first]?.verdict).toBe("spoof");
  });
});

describe("what is no carrier", () => {
  const doorFrame = () =>
    picture([
      [0, 0, 200, 480, 60],
      [420, 0, 640, 480, 60],
      [0, 0, 640, 60, 30],
    ]);

  it("a door frame behind somebody who moves", () => {
    expect(carrierCue(watch(doorFrame, { speed: 70 })).verdict).toBe("no-verdict");
  });

  it("a door frame behind somebody who stands still", () => {
    expect(carrierCue(watch(doorFrame, { speed: 0 })).verdict).toBe("no-verdict");
  });

  it("a sheet that does not move: it could be a picture on the wall behind somebody's head", () => {
    expect(carrierCue(watch(sheet([90, 130]), { speed: 0 })).verdict).toBe("no-verdict");
  });

  it("an empty wall", () => {
    expect(carrierCue(watch(() => picture([]))).verdict).toBe("no-verdict");
  });

  it("a body below the face: its one straight rim is not enough", () => {
    const scene = ({ centreX, centreY }: Shown) => picture([[centreX - 120, centreY + 110, centreX + 120, 480, 40]]);
    expect(carrierCue(watch(scene)).verdict).toBe("no-verdict");
  });

  it("too few frames of anything", () => {
    const result = carrierCue(watch(sheet([90, 130]), { seconds: 0.8 }));
    expect(result).toMatchObject({ verdict: "no-verdict", score: 0.5 });
    expect(carrierCue(noEvidence).verdict).toBe("no-verdict");
  });
});

describe("the edges in the evidence", () => {
  const sample = (atMs: number): EdgeSample => ({ atMs, centreX: 0, centreY: 0, widthPx: 90, lines: [] });

  it("are forgotten after four seconds and stay few at any frame rate", () => {
    let evidence = noEvidence;
    for (let atMs = 0; atMs < 12_000; atMs += 5) evidence = withEdges(evidence, sample(atMs));
    expect(evidence.edges?.length).toBeLessThanOrEqual(70);
    expect(evidence.edges?.[0]?.atMs).toBeGreaterThanOrEqual(12_000 - 4_100);
  });

  it("of an older frame are left out", () => {
    const evidence = withEdges(withEdges(noEvidence, sample(500)), sample(400));
    expect(evidence.edges).toHaveLength(1);
  });

  it("end with the rest of the evidence when the face was lost from sight", () => {
    const before = watch(sheet([90, 130]), { seconds: 1.5 });
    const mesh = meshOf({ eyeDistancePx: 55 }, random);
    expect(withMesh(before, { mesh, atMs: 9000, isVerified: true }).edges ?? []).toHaveLength(0);
  });
});
