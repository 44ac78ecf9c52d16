import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { dlibChip, faceresCrop } from "../../../src/pipeline/align.ts";
import { Embedder } from "../../../src/pipeline/embed.ts";
import { apply, meshIndex, meshPoint } from "../../../src/pipeline/geometry.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";
import { meshOf } from "../../support/head.ts";
import { NumberNetwork } from "../../support/number-network.ts";

const mesh = meshOf({ distance: 1000, eyeDistancePx: 60, centreX: 100, centreY: 100 }, seededRandom(1));
const tilted = meshOf({ distance: 1000, eyeDistancePx: 60, centreX: 100, centreY: 100, rollDeg: 35 }, seededRandom(1));

function noise(): RgbImage {
  const random = seededRandom(7);
  return { rgb: Uint8Array.from({ length: 200 * 200 * 3 }, () => random() * 256), width: 200, height: 200 };
}

describe("chips", () => {
  it.each([
    ["dlib", dlibChip],
    ["faceres", faceresCrop],
  ])("of %s level a tilted face: the eyes lie on one row", (_, chip) => {
    const map = chip(tilted, 150);
    const [dx, dy] = [map.a, map.d];
    expect((Math.atan2(dy, dx) * 180) / Math.PI).toBeCloseTo(35, 0);
  });

  it("of dlib put the corners of the eyes at about a third of its height", () => {
    const map = dlibChip(mesh, 150);
    const eye = meshPoint(mesh, meshIndex.leftEyeOuter);
    // (0.8596 + 0.25) / 1.5 and (0.2135 + 0.25) / 1.5 of 150
    const place = apply(map, 110.96, 46.35);
    expect(Math.hypot(place.x - eye.x, place.y - eye.y)).toBeLessThan(8);
  });
});

describe("Embedder", () => {
  const sumNetwork = () =>
    new NumberNetwork(224, (input) => {
      const embedding = new Float32Array(1024);
      for (let i = 0; i < 224 * 224; i++) embedding[i % 224] = (embedding[i % 224] ?? 0) + (input[i] ?? 0);
      return { embedding };
    });

  it("gives the second descriptor a length of one, averaged with its mirror or not", async () => {
    for (const isMirrored of [false, true]) {
      const { vector, embedder } = await new Embedder("faceres", sumNetwork()).embed(noise(), mesh, { isMirrored });
      expect(embedder).toBe("faceres");
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it("runs the mirrored chip as the exact mirror of the first", async () => {
    const network = sumNetwork();
    await new Embedder("faceres", network).embed(noise(), mesh, { isMirrored: true });
    const [chip, mirror] = network.inputs;
    expect(network.inputs).toHaveLength(2);
    for (const [x, y] of [
      [0, 0],
      [10, 200],
      [223, 17],
    ] as const) {
      expect(mirror?.[y * 224 + x]).toBeCloseTo(chip?.[y * 224 + 223 - x] ?? Number.NaN, 3);
    }
  });

  it("leaves dlib's vector as the network gave it, and its own copy", async () => {
    const shared = new Float32Array(128).fill(0.1);
    const embedder = new Embedder("dlib", new NumberNetwork(150, () => ({ embedding: shared })));
    const { vector } = await embedder.embed(noise(), mesh);
    shared.fill(9);
    expect(vector).toEqual(new Float32Array(128).fill(0.1));
  });

  it("keeps a vector of zeros finite", async () => {
    const network = new NumberNetwork(224, () => ({ embedding: new Float32Array(1024) }));
    const { vector } = await new Embedder("faceres", network).embed(noise(), mesh, { isMirrored: true });
    expect(vector.every((value) => value === 0)).toBe(true);
  });
});
