import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { type Evidence, noEvidence, withMesh } from "../../../../src/pipeline/liveness/evidence.ts";
import { judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import { parallaxCue } from "../../../../src/pipeline/liveness/parallax.ts";
import { meshOf, type View } from "../../../support/head.ts";

/** Three seconds of a face whose view is a function of time in seconds. */
function watch(view: (t: number) => View, { fps = 10, seconds = 3, seed = 1, isVerified = true } = {}): Evidence {
  const random = seededRandom(seed);
  let evidence = noEvidence;
  for (let i = 0; i < seconds * fps; i++) {
    const t = i / fps;
    evidence = withMesh(evidence, { mesh: meshOf(view(t), random), atMs: 1000 + t * 1000, isVerified });
  }
  return evidence;
}

const swing = (degrees: number) => (t: number) => degrees * Math.sin((2 * Math.PI * t) / 2.4);
const seeds = [1, 2, 3, 4, 5];

describe("a head that turns is live", () => {
  for (const fps of [4, 10, 15, 25]) {
    it(`at ${fps} frames a second`, () => {
      const evidence = watch((t) => ({ yawDeg: swing(28)(t) }), { fps });
      expect(parallaxCue(evidence).verdict).toBe("live");
    });
  }

  it("with the noise of a real network, whatever the seed", () => {
    for (const seed of seeds) {
      const evidence = watch((t) => ({ yawDeg: swing(28)(t), noisePx: 1 }), { seed });
      expect(parallaxCue(evidence).verdict).toBe("live");
    }
  });

  it("while it also nods, tilts, sways and comes nearer", () => {
    const evidence = watch((t) => ({
      yawDeg: swing(28)(t),
      pitchDeg: 4 * Math.sin(5 * t),
      rollDeg: 6 * Math.sin(2 * t),
      centreX: 320 + 60 * t,
      eyeDistancePx: 70 + 10 * t,
    }));
    expect(parallaxCue(evidence).verdict).toBe("live");
  });
});

describe("what is flat is never live", () => {
  const attacks: Record<string, (t: number) => View> = {
    "held still": () => ({}),
    "swung about its upright axis": (t) => ({ yawDeg: swing(40)(t) }),
    "tilted to and fro": (t) => ({ pitchDeg: swing(40)(t) }),
    rolled: (t) => ({ rollDeg: swing(40)(t) }),
    "swung and tilted close to the camera": (t) => ({ yawDeg: swing(35)(t), pitchDeg: swing(30)(t + 1), distance: 5 }),
    shaken: (t) => ({
      yawDeg: 9 * Math.sin(40 * t),
      pitchDeg: 9 * Math.sin(31 * t),
      centreX: 320 + 20 * Math.sin(50 * t),
    }),
    "moved towards the camera": (t) => ({ eyeDistancePx: 40 + 30 * t, distance: 12 - 2 * t }),
  };
  for (const [name, view] of Object.entries(attacks)) {
    it(`a sheet ${name}`, () => {
      for (const seed of seeds) {
        const evidence = watch((t) => ({ ...view(t), depth: 0 }), { seed });
        expect(parallaxCue(evidence).verdict).not.toBe("live");
        expect(judgeLiveness(evidence).verdict).not.toBe("live");
      }
    });
  }

  it("a sheet seen by a poor network", () => {
    for (const seed of seeds) {
      const evidence = watch((t) => ({ depth: 0, yawDeg: swing(40)(t), noisePx: 3, eyeDistancePx: 40 }), { seed });
      expect(parallaxCue(evidence).verdict).not.toBe("live");
    }
  });
});

describe("large motion without depth is a spoof", () => {
  it("a sheet that is swung far", () => {
    expect(parallaxCue(watch((t) => ({ depth: 0, yawDeg: swing(45)(t) }))).verdict).toBe("spoof");
  });

  it("and no head is taken for one, however it moves", () => {
    for (const seed of seeds) {
      for (const yawDeg of [8, 15, 28]) {
        const evidence = watch((t) => ({ yawDeg: swing(yawDeg)(t), pitchDeg: swing(20 - yawDeg / 2)(t + 0.4) }), {
          seed,
        });
        expect(parallaxCue(evidence).verdict).not.toBe("spoof");
      }
    }
  });
});

describe("without enough evidence nothing is said", () => {
  const cases: Record<string, Evidence> = {
    "no frames": noEvidence,
    "a head held still": watch(() => ({})),
    "a small turn": watch((t) => ({ yawDeg: swing(5)(t) })),
    "a face too small to measure": watch((t) => ({ yawDeg: swing(28)(t), eyeDistancePx: 20 })),
    "three frames": watch((t) => ({ yawDeg: 90 * t }), { seconds: 0.3 }),
    "meshes the network doubts": watch((t) => ({ yawDeg: swing(28)(t), confidence: 0.5 })),
  };
  for (const [name, evidence] of Object.entries(cases)) {
    it(name, () => expect(parallaxCue(evidence)).toMatchObject({ verdict: "no-verdict", score: 0.5 }));
  }

  it("two pictures of one person, frontal and turned, that are exchanged without the way between", () => {
    const evidence = watch((t) => ({ yawDeg: Math.floor(t / 0.5) % 2 === 0 ? 0 : 30 }));
    expect(parallaxCue(evidence).verdict).not.toBe("live");
  });
});
