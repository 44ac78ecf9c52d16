import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { blinkCue, findClosures } from "../../../../src/pipeline/liveness/blink.ts";
import { type EyeSample, noEvidence } from "../../../../src/pipeline/liveness/evidence.ts";

const open = 0.28;
const shut = 0.13;

/** Six seconds of eyes; `ratio` gives both eyes' aspect ratio, or each one's, at a time in ms. */
function eyes(
  ratio: (ms: number) => number | readonly [number, number],
  { fps = 15, noise = 0.008, yaw = 0, drop = (_ms: number): number => 0.4 } = {},
): EyeSample[] {
  const random = seededRandom(3);
  return Array.from({ length: 6 * fps }, (_, i) => {
    const atMs = (i * 1000) / fps;
    const value = ratio(atMs);
    const [right, left] = typeof value === "number" ? [value, value] : value;
    return {
      atMs,
      right: right + noise * gaussian(random),
      left: left + noise * gaussian(random),
      yaw,
      drop: drop(atMs),
    };
  });
}

const blinkAt = (startMs: number, durationMs: number) => (ms: number) =>
  ms >= startMs && ms < startMs + durationMs ? shut : open;

describe("a blink is found", () => {
  for (const fps of [10, 15, 25, 30]) {
    it(`at ${fps} frames a second`, () => {
      const found = findClosures(eyes(blinkAt(3000, 200), { fps }));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ isBlink: true });
      expect(Math.abs(found[0]!.startMs - 3000)).toBeLessThanOrEqual(100);
    });
  }

  it("in somebody with narrow eyes", () => {
    expect(findClosures(eyes((ms) => blinkAt(3000, 200)(ms) * 0.65))).toHaveLength(1);
  });

  it("each of several", () => {
    const samples = eyes((ms) => (ms % 1500 > 1200 && ms % 1500 < 1380 ? shut : open));
    expect(findClosures(samples).filter(({ isBlink }) => isBlink)).toHaveLength(4);
  });
});

describe("what is no blink is not counted as one", () => {
  const cases: Record<string, EyeSample[]> = {
    "open eyes": eyes(() => open),
    "a smile that narrows the eyes": eyes((ms) => (ms > 2500 ? 0.21 : open)),
    "a wink of one eye": eyes((ms) => [blinkAt(3000, 200)(ms), open]),
    "a head turned away": eyes(blinkAt(3000, 200), { yaw: 0.4 }),
    "a look down, which only hides the eyes": eyes(blinkAt(3000, 300), {
      drop: (ms) => (ms > 2900 && ms < 3400 ? 0.1 : 0.4),
    }),
    "eyes shut from the beginning": eyes(() => shut),
    "eyes that shut and are not seen to open": eyes((ms) => (ms > 5000 ? shut : open)),
  };
  for (const [name, samples] of Object.entries(cases)) {
    it(name, () => expect(findClosures(samples).filter(({ isBlink }) => isBlink)).toEqual([]));
  }

  it("eyes held shut are a closure, no blink", () => {
    expect(findClosures(eyes(blinkAt(2000, 2500)))).toMatchObject([{ isBlink: false }]);
  });
});

it("the cue supports and says how many", () => {
  const twice = eyes((ms) => (blinkAt(2000, 200)(ms) === shut || blinkAt(4000, 200)(ms) === shut ? shut : open));
  expect(blinkCue({ ...noEvidence, eyes: twice })).toMatchObject({ verdict: "live", says: "2 blinks were seen" });
  expect(blinkCue(noEvidence)).toMatchObject({ verdict: "no-verdict", score: 0.5 });
});
