import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import { approach, approachResiduals } from "../../../../../src/lab/liveness/experiments/approach.ts";
import { chromaBits, screenGamut } from "../../../../../src/lab/liveness/experiments/gamut.ts";
import { crossedPeak, printHalftone } from "../../../../../src/lab/liveness/experiments/halftone.ts";
import { powerSpectrum } from "../../../../../src/lab/liveness/experiments/spectrum.ts";
import { noEvidence, withMesh } from "../../../../../src/pipeline/liveness/evidence.ts";
import { meshOf } from "../../../../support/head.ts";

const random = seededRandom(4);
const ten = <T>(value: T) => Array.from({ length: 10 }, () => value);

describe("the colours of a face", () => {
  const size = { width: 320, height: 240 };
  const mesh = meshOf({ centreX: 160, centreY: 100, eyeDistancePx: 60, noisePx: 0 }, random);
  const picture = (spread: number) => ({
    ...size,
    rgb: Uint8Array.from({ length: size.width * size.height * 3 }, () => 128 + spread * gaussian(random)),
  });

  it("take more bits the more of them there are, and none in a grey picture", () => {
    const grey = { ...size, rgb: new Uint8Array(size.width * size.height * 3).fill(90) };
    expect(chromaBits(grey, mesh)).toBe(0);
    expect(chromaBits(picture(2), mesh)).toBeGreaterThan(1);
    expect(chromaBits(picture(20), mesh)).toBeGreaterThan((chromaBits(picture(2), mesh) ?? 0) + 3);
  });

  it("are not counted where the face is cut off", () => {
    expect(chromaBits(picture(5), meshOf({ centreX: 5, centreY: 100, eyeDistancePx: 60 }, random))).toBeNull();
  });

  it("speak of a screen when they are few in many frames", () => {
    expect(screenGamut.judge(ten(2)).verdict).toBe("spoof");
    expect(screenGamut.judge(ten(6)).verdict).toBe("no-verdict");
    expect(screenGamut.judge([2])).toMatchObject({ verdict: "no-verdict", score: 0.5 });
  });
});

describe("a halftone screen", () => {
  const side = 64;
  const noise = (i: number) => 120 + 4 * gaussian(random) + 0 * i;
  const [u, v] = [13, 5];
  const waves = (x: number, y: number) => Math.cos((2 * Math.PI * (u * x + v * y)) / side);
  const peakOf = (value: (x: number, y: number) => number) =>
    crossedPeak(
      powerSpectrum(
        Float32Array.from({ length: side * side }, (_, i) => noise(i) + value(i % side, Math.floor(i / side))),
        side,
      ),
    );

  it("is seen by two crossed peaks, and neither noise nor waves of one direction are taken for one", () => {
    const dots = peakOf((x, y) => 5 * (waves(x, y) + waves(-y, x)));
    expect(printHalftone.judge(ten(dots)).verdict).toBe("spoof");
    expect(printHalftone.judge(ten(peakOf(() => 0))).verdict).toBe("no-verdict");
    expect(printHalftone.judge(ten(peakOf((x, y) => 5 * waves(x, y)))).verdict).toBe("no-verdict");
  });

  it("is not judged by few frames", () => {
    expect(printHalftone.judge([9]).verdict).toBe("no-verdict");
  });
});

describe("somebody who comes nearer", () => {
  /** From 21 to `nearest` eye distances (9 cm each) in three seconds. */
  function shapesOf({ nearest = 6, depth = 1, noisePx = 0, yawDeg = (n: number) => 0 * n } = {}) {
    let evidence = noEvidence;
    for (let n = 0; n < 30; n++) {
      const distance = 21 - ((21 - nearest) * n) / 29;
      const view = { distance, depth, noisePx, yawDeg: yawDeg(n), eyeDistancePx: 700 / distance };
      evidence = withMesh(evidence, { mesh: meshOf(view, random), atMs: 1000 + 100 * n, isVerified: true });
    }
    return evidence.shapes;
  }
  const largest = (residuals: readonly number[]) => Math.max(...residuals);

  it("shows depth that a sheet does not, where the landmarks are exact", () => {
    expect(largest(approachResiduals(shapesOf()))).toBeGreaterThan(0.008);
    expect(largest(approachResiduals(shapesOf({ depth: 0 })))).toBeLessThan(0.001);
    expect(approach.judge(shapesOf({ depth: 0 })).verdict).toBe("spoof");
  });

  it("is hidden by the noise of real landmarks", () => {
    const sheet = approachResiduals(shapesOf({ depth: 0, noisePx: 1 }));
    expect(largest(sheet)).toBeGreaterThan(largest(approachResiduals(shapesOf())));
  });

  it("is not judged while the face keeps its size, nor by a face that turns", () => {
    expect(approachResiduals(shapesOf({ nearest: 18 }))).toEqual([]);
    expect(approach.judge(shapesOf({ nearest: 18 })).verdict).toBe("no-verdict");
    expect(approachResiduals(shapesOf({ yawDeg: (n) => 3 * n })).length).toBeLessThan(8);
  });
});
