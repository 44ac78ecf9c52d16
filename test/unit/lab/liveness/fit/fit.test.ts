import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import type { Presented } from "../../../../../src/lab/liveness/ablation/presented.ts";
import { fitLiveness } from "../../../../../src/lab/liveness/fit/fit.ts";
import { fitLogistic, probability } from "../../../../../src/lab/liveness/fit/logistic.ts";
import { livingProbability } from "../../../../../src/pipeline/liveness/fitted.ts";

const random = seededRandom(5);
const clamp = (value: number) => Math.max(0, Math.min(1, value));

/** One track whose network score lies around `network`; people turned, and so did half of the attacks. */
function presented(
  person: string,
  { isGenuine, network }: { isGenuine: boolean; network: number },
  n = 4,
): Presented[] {
  return Array.from({ length: n }, (_, i) => ({
    ...{ material: "real", kind: isGenuine ? "person" : "replay", isGenuine, person, source: `${person}-${i}` },
    tracks: [
      {
        frames: 40,
        liveAtMs: isGenuine || i % 2 === 0 ? 2000 : null,
        cues: [
          { name: "parallax", score: 0.9, leastScore: 0.5, spoofAtMs: null },
          { name: "network", score: clamp(network + 0.08 * gaussian(random)), leastScore: 0.5, spoofAtMs: null },
        ],
      },
    ],
  }));
}

const people = ["a", "b", "c", "d"].flatMap((person) => presented(person, { isGenuine: true, network: 0.85 }));
const attacks = ["x", "y", "z"].flatMap((person) => presented(person, { isGenuine: false, network: 0.35 }));

describe("the fit", () => {
  it("finds the cue that tells people from attacks, and holds on people it has not seen", () => {
    const { fit, peopleDenied, attacksDenied, folds } = fitLiveness([...people, ...attacks]);
    expect(folds).toBe(7);
    expect(fit.weights.network).toBeGreaterThan(1);
    expect(Math.abs(fit.weights.blink ?? 1)).toBeLessThan(1e-6);
    expect(peopleDenied).toMatchObject({ count: 0, n: 16 });
    // Of twelve attacks the rule lets six in; of the others the model is never asked.
    expect(attacksDenied.n).toBe(6);
    expect(attacksDenied.count).toBeGreaterThanOrEqual(5);
    expect(fit.denyBelow).toBeLessThanOrEqual(0.5);
  });

  it("gives the same model for the same data, and tells other data by its hash", () => {
    const all = [...people, ...attacks];
    expect(fitLiveness(all)).toEqual(fitLiveness(all));
    expect(fitLiveness(all).fit.data).toMatchObject({ tracks: 28, people: 7 });
    expect(fitLiveness(all.slice(1)).fit.data.sha256).not.toBe(fitLiveness(all).fit.data.sha256);
  });

  it("denies hardly anybody where nothing tells people from attacks", () => {
    const same = ["x", "y", "z"].flatMap((person) => presented(person, { isGenuine: false, network: 0.85 }));
    const { peopleDenied } = fitLiveness([...people, ...same]);
    expect(peopleDenied.count).toBeLessThanOrEqual(1);
  });

  it.each([
    ["people only", people],
    ["attacks only", attacks],
    ["a handful", [...people.slice(0, 3), ...attacks.slice(0, 3)]],
  ])("refuses %s", (_, material) => {
    expect(() => fitLiveness(material)).toThrow(/too little to fit on/);
  });
});

describe("logistic regression", () => {
  it("finds the weights that the data were drawn from", () => {
    const drawn = seededRandom(1);
    const truth = [2, -1, 0.5];
    const examples = Array.from({ length: 4000 }, () => {
      const features = [2 * drawn() - 1, 2 * drawn() - 1];
      return { features, isLive: drawn() < probability(truth, features) };
    });
    const found = fitLogistic(examples);
    expect(found[0]).toBeCloseTo(2, 0);
    expect(found[1]).toBeCloseTo(-1, 0);
  });

  it("stays finite where the classes can be told apart without error", () => {
    const examples = Array.from({ length: 20 }, (_, i) => ({ features: [i < 10 ? -0.5 : 0.5], isLive: i >= 10 }));
    const [weight = Number.NaN, bias = Number.NaN] = fitLogistic(examples);
    expect(weight).toBeGreaterThan(1);
    expect(weight).toBeLessThan(50);
    expect(livingProbability({ cue: 1 }, { weights: { cue: weight }, bias })).toBeGreaterThan(0.7);
  });
});
