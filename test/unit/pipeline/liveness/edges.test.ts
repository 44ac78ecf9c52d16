import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { areEdgesDue, type EdgeSample, measureEdges } from "../../../../src/pipeline/liveness/edges.ts";
import { noEvidence, withEdges, withMesh } from "../../../../src/pipeline/liveness/evidence.ts";
import { picture, sheet, watch } from "../../../support/carried-sheet.ts";
import { meshOf } from "../../../support/head.ts";

const random = seededRandom(3);

describe("the edges of one frame", () => {
  const face = { centreX: 300, centreY: 220 };
  const mesh = meshOf({ ...face, eyeDistancePx: 55, noisePx: 0 }, random);
  const covers = (image: Parameters<typeof measureEdges>[0], kind: "line" | "rim") =>
    measureEdges(image, mesh, 0).sides.map(({ [kind]: { cover } }) => cover);

  it("are full length on each side of a sheet, and a sheet of one colour has no rim", () => {
    expect(Math.min(...covers(sheet([90, 130])(face), "line"))).toBeGreaterThan(0.9);
    expect(Math.max(...covers(sheet([90, 130])(face), "rim"))).toBeLessThan(0.5);
  });

  it("are a rim where a darker border lies around it", () => {
    const bordered = picture([
      [300 - 90, 240 - 130, 300 + 90, 240 + 130, 20],
      [300 - 78, 240 - 118, 300 + 78, 240 + 118, 120],
    ]);
    const { sides, widthPx } = measureEdges(bordered, mesh, 0);
    expect(Math.min(...sides.map(({ rim }) => rim.cover))).toBeGreaterThan(0.9);
    expect((sides[0]?.rim.away ?? 0) * widthPx).toBeCloseTo(78, -1);
  });

  it("are none on an empty wall, nor outside of the picture", () => {
    expect(Math.max(...covers(picture([]), "line"))).toBe(0);
    const corner = meshOf({ centreX: 6, centreY: 6, eyeDistancePx: 55, noisePx: 0 }, random);
    expect(Math.max(...measureEdges(picture([]), corner, 0).sides.map(({ rim }) => rim.cover))).toBe(0);
  });

  it("are due ten times a second", () => {
    const { edges } = watch(sheet([90, 130]), { seconds: 0.2 });
    const lastMs = edges?.at(-1)?.atMs ?? 0;
    expect([areEdgesDue(undefined, 0), areEdgesDue(edges, lastMs + 50), areEdgesDue(edges, lastMs + 96)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("the edges in the evidence", () => {
  const sample = (atMs: number): EdgeSample => ({ atMs, centreX: 0, centreY: 0, widthPx: 90, sides: [] });

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
