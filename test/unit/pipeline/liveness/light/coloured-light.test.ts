import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import {
  alsoByLight,
  colouredLightCue,
  isLightDue,
  type LightTrial,
  withLightSample,
  withLightStep,
} from "../../../../../src/pipeline/liveness/light/coloured-light.ts";
import { type LightColour, type LightStep, lightColours } from "../../../../../src/pipeline/liveness/light/colours.ts";
import type { LightSample, LinearRgb } from "../../../../../src/pipeline/liveness/light/regions.ts";
import type { Liveness, LivenessVerdict } from "../../../../../src/pipeline/types.ts";

/** How much each part grows in the colour that shines. */
interface Surface {
  readonly front: number;
  readonly sides: number;
  readonly body?: number | null;
  readonly room?: number | null;
}

interface Play extends Surface {
  readonly shown?: readonly LightColour[];
  /** What really lights the face; a recording has its own. */
  readonly faceSees?: readonly LightColour[];
  /** Gains that the camera turns, for each colour that is shown. */
  readonly camera?: readonly LinearRgb[];
  readonly noise?: number;
  readonly fps?: number;
}

const drawn: readonly LightColour[] = ["green", "red", "blue", "red"];
const skin: LinearRgb = [0.35, 0.2, 0.14];
const wool: LinearRgb = [0.04, 0.05, 0.09];
const wall: LinearRgb = [0.5, 0.48, 0.42];
const stepMs = 960;
const stepsOf = (shown: readonly LightColour[], id = "c"): LightStep[] =>
  shown.map((colour, n) => ({ id, step: n + 4, colour, fromMs: 1000 + n * stepMs, untilMs: 1600 + n * stepMs }));

function trialOf({ front, sides, body = 0.1, room = 0.02, ...how }: Play): LightTrial {
  const { shown = drawn, faceSees = shown, camera = [], noise = 0.004, fps = 10 } = how;
  const random = seededRandom(3);
  const steps = stepsOf(shown);
  const samples: LightSample[] = [];
  for (let atMs = 900; atMs < 1000 + shown.length * stepMs; atMs += 1000 / fps) {
    const n = Math.min(shown.length - 1, Math.max(0, Math.floor((atMs - 1000) / stepMs)));
    const seen = (paint: LinearRgb, growth: number, colour = shown[n]): LinearRgb => {
      const at = (c: 0 | 1 | 2) =>
        paint[c] *
        (1 + (lightColours[c] === colour ? growth : 0)) *
        (camera[n]?.[c] ?? 1) *
        (1 + noise * gaussian(random));
      return [at(0), at(1), at(2)];
    };
    samples.push({
      atMs,
      front: Array.from({ length: 5 }, () => seen(skin, front, faceSees[n])),
      sides: Array.from({ length: 2 }, () => seen(skin, sides, faceSees[n])),
      body: body === null ? null : seen(wool, body),
      room: room === null ? null : seen(wall, room),
    });
  }
  return { steps, samples };
}

const head = { front: 0.2, sides: 0.09 };
const adjusting: readonly LinearRgb[] = [
  [1, 0.8, 1],
  [0.7, 0.9, 0.95],
  [1.1, 1.1, 0.8],
  [0.75, 1, 1],
];

describe("what a face makes of coloured light", () => {
  it.each<[string, Play, LivenessVerdict, RegExp]>([
    ["a head", head, "live", /as much in the middle/],
    ["a head in weak light", { front: 0.1, sides: 0.04 }, "live", /head/],
    ["a head before a camera that adjusts itself to each colour", { ...head, camera: adjusting }, "live", /head/],
    ["a head, its clothes out of the picture", { ...head, body: null }, "live", /head/],
    ["a sheet", { front: 0.22, sides: 0.21 }, "spoof", /flat surface/],
    ["a sheet before a camera that adjusts itself", { front: 0.22, sides: 0.21, camera: adjusting }, "spoof", /flat/],
    ["a sheet whose middle is a little nearer", { front: 0.22, sides: 0.19 }, "spoof", /flat surface/],
    ["a phone before clothes that are lit", { front: 0.01, sides: 0.01, body: 0.14 }, "spoof", /and not the face/],
    ["a phone that hides whoever holds it", { front: 0.01, sides: 0.01, body: null }, "no-verdict", /too bright/],
    ["a phone whose holder is lit no better", { front: 0.02, sides: 0.02, body: 0.03 }, "no-verdict", /too bright/],
    ["a head in a room that is too bright", { front: 0.015, sides: 0.006, body: 0.013 }, "no-verdict", /too bright/],
    [
      "a recording of a head that answered other colours",
      { ...head, faceSees: ["red", "blue", "green", "blue"] },
      "spoof",
      /another order/,
    ],
    ["a head with no room beside it", { ...head, room: null }, "no-verdict", /nothing of the room/],
    ["a head at two pictures a second", { ...head, fps: 2 }, "no-verdict", /too few pictures/],
    [
      "a head of which nothing was asked in the end",
      { ...head, shown: ["red", "green"] },
      "no-verdict",
      /every colour/,
    ],
  ])("%s", (_name, play, verdict, says) => {
    const cue = colouredLightCue(trialOf(play));
    expect(cue).toMatchObject({ name: "coloured-light", verdict });
    expect(cue.says).toMatch(says);
  });

  it.each([0.5, 0.8, 1.3])("the exposure of the whole sequence plays no part (%d)", (gain) => {
    const scale = ([r, g, b]: LinearRgb): LinearRgb => [r * gain, g * gain, b * gain];
    const { steps, samples } = trialOf(head);
    const scaled = samples.map((sample) => ({
      ...sample,
      front: sample.front.map(scale),
      sides: sample.sides.map(scale),
      body: sample.body && scale(sample.body),
      room: sample.room && scale(sample.room),
    }));
    expect(colouredLightCue({ steps, samples: scaled }).says).toBe(colouredLightCue({ steps, samples }).says);
  });

  it("a face that is out of view while one of the colours stands gets no verdict", () => {
    const { steps, samples } = trialOf(head);
    const lost = samples.filter(({ atMs }) => atMs < 1900 || atMs > 2700);
    expect(colouredLightCue({ steps, samples: lost })).toMatchObject({
      ...{ verdict: "no-verdict", says: "too few pictures of the colours" },
    });
  });
});

describe("colours as they come", () => {
  const [first, second] = stepsOf(drawn);
  if (!first || !second) throw new Error("four steps");

  it("of another challenge begin anew", () => {
    const before = withLightSample(withLightStep(null, first), trialOf(head).samples[0]!);
    expect(withLightStep(before, second)).toMatchObject({ steps: [first, second], samples: before.samples });
    const [other] = stepsOf(drawn, "d");
    expect(withLightStep(before, other!)).toEqual({ steps: [other], samples: [] });
  });

  it.each([
    ["before it was painted", 990, false],
    ["while the camera may still show the fade", 1050, false],
    ["while it stands", 1300, true],
    ["when it has given way to the next", 1700, false],
  ])("a picture %s counts: %s", (_name, atMs, isDue) => {
    expect(isLightDue(withLightStep(null, first), atMs)).toBe(isDue);
  });
});

describe("the rule with coloured light", () => {
  const live: Liveness = { verdict: "live", cues: [{ name: "parallax", score: 1, verdict: "live", says: "" }] };
  const none: Liveness = { verdict: "no-verdict", cues: [] };
  const afterMs = 1600 + 3 * stepMs + 1;
  const sheet = trialOf({ front: 0.2, sides: 0.2 });

  it.each<[string, Liveness, LightTrial | null, LivenessVerdict]>([
    ["no light: what stood stands", live, null, "live"],
    ["a head: live stays live", live, trialOf(head), "live"],
    ["a head grants nothing", none, trialOf(head), "no-verdict"],
    ["a sheet is denied", live, sheet, "spoof"],
    ["a bright room changes nothing", live, trialOf({ front: 0.01, sides: 0.01, body: null }), "live"],
    ["a spoof stays one", { verdict: "spoof", cues: [] }, trialOf(head), "spoof"],
  ])("%s", (_name, found, trial, verdict) => {
    expect(alsoByLight(found, trial, afterMs).verdict).toBe(verdict);
  });

  it("says nothing before the last colour has stood for its time", () => {
    expect(alsoByLight(live, sheet, afterMs - 1)).toBe(live);
    expect(alsoByLight(live, { ...sheet, steps: sheet.steps.slice(0, 3) }, afterMs)).toBe(live);
  });
});
