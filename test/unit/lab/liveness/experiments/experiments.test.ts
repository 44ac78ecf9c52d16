import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import { bentSheet, cylinderResidual } from "../../../../../src/lab/liveness/experiments/bent-sheet.ts";
import { cutOutEyes } from "../../../../../src/lab/liveness/experiments/cut-out-eyes.ts";
import { leastSquares } from "../../../../../src/lab/liveness/experiments/least-squares.ts";
import { ownMotion } from "../../../../../src/lab/liveness/experiments/space-time.ts";
import { powerSpectrum } from "../../../../../src/lab/liveness/experiments/spectrum.ts";
import { highestPeak, screenTexture } from "../../../../../src/lab/liveness/experiments/texture.ts";
import { type Evidence, noEvidence, withMesh } from "../../../../../src/pipeline/liveness/evidence.ts";
import { homographyResidual } from "../../../../../src/pipeline/liveness/homography.ts";
import { meshOf, type View } from "../../../../support/head.ts";

const random = seededRandom(9);

function watch(view: (t: number) => View, seconds = 3): Evidence {
  let evidence = noEvidence;
  for (let n = 0; n < 10 * seconds; n++) {
    const mesh = meshOf({ noisePx: 0.3, ...view(n / 10) }, random);
    evidence = withMesh(evidence, { mesh, atMs: 1000 + 100 * n, isVerified: true });
  }
  return evidence;
}

describe("a bent sheet", () => {
  /** Points of a sheet rolled about an upright axis and turned by an angle, seen from afar. */
  const rolled = (angle: number) =>
    Float32Array.from({ length: 200 }, (_, i) => {
      const n = i >> 1;
      const [across, y] = [((n % 10) - 4.5) / 9, (Math.floor(n / 10) - 4.5) / 9];
      const [x, z] = [Math.sin(2 * across) / 2, (1 - Math.cos(2 * across)) / 2];
      return i % 2 === 0 ? x * Math.cos(angle) - z * Math.sin(angle) : y;
    });

  it("is explained by a cylinder and not by a plane", () => {
    const [from, to] = [rolled(0), rolled(0.5)];
    expect(homographyResidual(from, to)).toBeGreaterThan(0.015);
    expect(cylinderResidual(from, to)).toBeLessThan(0.002);
  });

  it("does not explain a nose", () => {
    const from = watch(() => ({ yawDeg: 0, noisePx: 0 }), 0.1).shapes[0]?.points ?? new Float32Array();
    const to = watch(() => ({ yawDeg: 28, noisePx: 0 }), 0.1).shapes[0]?.points ?? new Float32Array();
    expect(cylinderResidual(from, to)).toBeGreaterThan(0.03);
  });

  it("is not looked for without a turn", () => {
    expect(bentSheet.judge(watch(() => ({})).shapes).verdict).toBe("no-verdict");
  });
});

describe("cut-out eyes", () => {
  const blinking = (t: number) => (Math.abs(t - 1.5) < 0.11 ? 0 : 1);

  it("are seen where a flat face is tilted and its eyes blink", () => {
    const mask = watch((t) => ({ depth: 0, pitchDeg: t < 2 ? 0 : 45 * (t - 2), lids: blinking(t) }), 4);
    expect(cutOutEyes.judge([mask])).toMatchObject({ verdict: "spoof" });
  });

  it("are not seen in a head that turns and blinks, nor in a sheet that does not blink", () => {
    const head = watch((t) => ({ yawDeg: t < 2 ? 0 : 14 * (t - 2), lids: blinking(t) }), 4);
    const sheet = watch((t) => ({ depth: 0, pitchDeg: t < 2 ? 0 : 45 * (t - 2) }), 4);
    expect(cutOutEyes.judge([head]).verdict).toBe("no-verdict");
    expect(cutOutEyes.judge([sheet]).verdict).toBe("no-verdict");
  });
});

describe("the spectrum", () => {
  const side = 64;
  const noise = () => Float32Array.from({ length: side * side }, () => 120 + 4 * gaussian(random));

  it("has its peak where the waves are", () => {
    const waves = Float32Array.from({ length: side * side }, (_, i) =>
      Math.cos((2 * Math.PI * (13 * (i % side) + 5 * Math.floor(i / side))) / side),
    );
    const power = powerSpectrum(waves, side);
    let highest = 0;
    power.forEach((value, i) => {
      if (value > (power[highest] ?? 0)) highest = i;
    });
    expect([[13 + 64 * 5], [side - 13 + 64 * (side - 5)]].flat()).toContain(highest);
  });

  it("tells a fine regular pattern from noise", () => {
    const moire = noise().map(
      (value, i) => value + 5 * Math.cos((2 * Math.PI * (13 * (i % side) + 5 * Math.floor(i / side))) / side),
    );
    const [regular, irregular] = [highestPeak(powerSpectrum(moire, side)), highestPeak(powerSpectrum(noise(), side))];
    expect(screenTexture.judge(Array.from({ length: 10 }, () => regular)).verdict).toBe("spoof");
    expect(screenTexture.judge(Array.from({ length: 10 }, () => irregular)).verdict).toBe("no-verdict");
    expect(screenTexture.judge([regular]).verdict).toBe("no-verdict");
  });
});

describe("motion in space and time", () => {
  const side = 24;
  const still = (shift: number, gain = 1) =>
    Float32Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [(i % side) + shift, Math.floor(i / side) + 0.5 * shift];
      return gain * (120 + 40 * Math.sin(x / 3) + 30 * Math.cos(y / 4));
    });

  it("of a still that is moved and lit otherwise is explained", () => {
    expect(ownMotion(still(0), still(0.4, 1.03))).toBeLessThan(0.2);
  });

  it("of a mouth that opens is not", () => {
    const open = still(0).map((value, i) => (i >= 16 * side && i < 20 * side ? value - 60 : value));
    expect(ownMotion(still(0), open)).toBeGreaterThan(0.5);
  });

  it("is none where nothing changes", () => {
    expect(ownMotion(still(0), still(0))).toBeNull();
  });
});

it("least squares finds the line", () => {
  const rows = [0, 1, 2, 3].map((x) => Float64Array.of(x, 1));
  const { solution, residual } = leastSquares(rows, [1, 3, 5, 7]);
  expect([...solution].map((value) => Math.round(1e6 * value) / 1e6)).toEqual([2, 1]);
  expect(residual).toBeLessThan(1e-6);
});
