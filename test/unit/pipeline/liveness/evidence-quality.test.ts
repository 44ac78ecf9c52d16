import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  type Evidence,
  evidenceMs,
  noEvidence,
  withMesh,
  withQuality,
} from "../../../../src/pipeline/liveness/evidence.ts";
import { evidenceQualityCue } from "../../../../src/pipeline/liveness/evidence-quality.ts";
import { judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import type { Liveness, QualityReason } from "../../../../src/pipeline/types.ts";
import { meshOf, type View } from "../../../support/head.ts";

interface Shown extends View {
  readonly brightness?: number;
  readonly reasons?: readonly QualityReason[];
}

/** Adds one picture as the watcher does: every one is noted, those with a fault other than a turned head are no evidence. */
function seen(before: Evidence, atMs: number, shown: Shown, random = seededRandom(atMs)): Evidence {
  const { brightness = 120, reasons = [], ...view } = shown;
  const noted = withQuality(before, { atMs, brightness, reasons });
  const isEvidence = reasons.every((reason) => reason === "turned-away");
  return isEvidence ? withMesh(noted, { mesh: meshOf(view, random), atMs, isVerified: true }) : noted;
}

/** What is known after each picture of somebody who is watched from `fromMs` for `seconds`. */
function watch(
  shown: (t: number) => Shown,
  { perSecond = 10, seconds = 4, fromMs = 1000, before = noEvidence } = {},
): Evidence[] {
  const all = [before];
  for (let n = 0; n < perSecond * seconds; n++) {
    const t = n / perSecond;
    all.push(seen(all.at(-1) ?? noEvidence, fromMs + 1000 * t, shown(t)));
  }
  return all.slice(1);
}

/** A head that looks ahead, then to one side, back and to the other in `periodS` seconds. */
const turning = (periodS: number) => (t: number) => ({ yawDeg: 28 * Math.sin((2 * Math.PI * t) / periodS) });
const verdicts = (all: readonly Evidence[]) => all.map((evidence) => judgeLiveness(evidence).verdict);
const said = ({ cues }: Liveness) => cues.find(({ name }) => name === "evidence")?.says;
const last = (all: readonly Evidence[]) => all.at(-1) ?? noEvidence;

describe("enough evidence", () => {
  it("is needed by a grant and makes none", () => {
    const still = watch(() => ({}));
    expect(evidenceQualityCue(last(still))).toMatchObject({ verdict: "live", score: 0.5 });
    expect(verdicts(still)).not.toContain("live");
    expect(verdicts(watch(turning(2.4)))).toContain("live");
  });

  it("is not there before eight pictures, and says how many there are", () => {
    const few = watch(turning(1), { seconds: 0.7 });
    expect(evidenceQualityCue(noEvidence)).toMatchObject({
      verdict: "no-verdict",
      says: "too little was seen yet: 0 of 8 pictures that can be judged",
    });
    expect(evidenceQualityCue(last(few)).says).toBe("too little was seen yet: 7 of 8 pictures that can be judged");
  });
});

describe("slow cameras", () => {
  it("of three pictures a second still see a slow turn, and nobody else's depth", () => {
    expect(verdicts(watch(turning(4), { perSecond: 3, seconds: 8 }))).toContain("live");
    const sheet = watch((t) => ({ ...turning(4)(t), depth: 0 }), { perSecond: 3, seconds: 8 });
    expect(verdicts(sheet)).not.toContain("live");
  });

  it("of three pictures a second do not see a quick turn: no verdict, and no grant by mistake", () => {
    const once = (t: number) => turning(1.2)(t > 3 && t < 4.2 ? t - 3 : 0);
    expect(new Set(verdicts(watch(once, { perSecond: 3, seconds: 8 })))).toEqual(new Set(["no-verdict"]));
    expect(verdicts(watch(once, { seconds: 8 }))).toContain("live");
  });

  it("of two pictures a second never judge, and say why", () => {
    const slow = watch(turning(6), { perSecond: 2, seconds: 12 });
    expect(verdicts(slow)).not.toContain("live");
    expect(said(judgeLiveness(last(slow)))).toMatch(/^too few pictures a second \(2\.0, 2\.2 are needed\)/);
  });

  it("that stall to three pictures a second in the midst of a turn go on with what was seen", () => {
    const before = watch(turning(2.4), { seconds: 1 });
    const after = watch((t) => turning(2.4)(1 + t), { perSecond: 3, seconds: 3, fromMs: 2200, before: last(before) });
    expect(last(after).shapes.length).toBeGreaterThan(before.length);
  });
});

describe("a track that is lost for half a second", () => {
  const before = last(watch(turning(2.4)));
  const back = watch(turning(2.4), { fromMs: 1000 + 3900 + 500, before });

  it("starts again: whoever comes back has shown nothing", () => {
    expect(judgeLiveness(before).verdict).toBe("live");
    expect(judgeLiveness(back[0] ?? before).verdict).toBe("no-verdict");
    expect(said(judgeLiveness(back[1] ?? before))).toMatch(/^the face was out of sight and is watched anew: 2 of 8/);
  });

  it("is judged once it has shown enough again", () => {
    expect(verdicts(back)).toContain("live");
  });
});

describe("pictures that are no evidence", () => {
  it.each<[QualityReason, RegExp]>([
    ["too-close", /^the face fills the picture/],
    ["cut-off", /^the face is not wholly in the picture/],
    ["too-small", /^the face is too small/],
    ["too-dark", /^the face is too dark/],
    ["too-bright", /^the face is too bright/],
    ["blurred", /^the face is blurred/],
    ["not-a-face", /^the face cannot be made out/],
  ])("lead to no verdict, and the sentence tells of the fault: %s", (reason, says) => {
    const spoilt = watch((t) => ({ ...turning(2.4)(t), reasons: [reason] }));
    expect(new Set(verdicts(spoilt))).toEqual(new Set(["no-verdict"]));
    expect(said(judgeLiveness(last(spoilt)))).toMatch(says);
  });

  it("end what was seen before them, as soon as the face could have been exchanged", () => {
    const before = last(watch(turning(2.4)));
    const close = watch(() => ({ reasons: ["too-close"] }), { fromMs: 5000, seconds: 1, before });
    expect(judgeLiveness(before).verdict).toBe("live");
    expect(verdicts(close).slice(5)).not.toContain("live");
    expect(said(judgeLiveness(last(close)))).toBe("the face fills the picture: 0 of 8 pictures that can be judged");
  });

  it("are forgotten, so that somebody who steps back is judged", () => {
    const close = last(watch(() => ({ reasons: ["too-close"] })));
    const back = watch(turning(2.4), { fromMs: 5000, before: close });
    expect(verdicts(back)).toContain("live");
    expect(last(back).quality?.every(({ atMs }) => atMs >= 5000 + 3900 - evidenceMs)).toBe(true);
  });

  it("do not count a turned head among the faults", () => {
    expect(verdicts(watch((t) => ({ ...turning(2.4)(t), reasons: ["turned-away"] })))).toContain("live");
  });
});

describe("floors that no configuration lowers", () => {
  it("a face in the dark is not judged, though its depth was seen", () => {
    const dark = watch((t) => ({ ...turning(2.4)(t), brightness: 12 }));
    const liveness = judgeLiveness(last(dark));
    expect(liveness.cues).toContainEqual(expect.objectContaining({ name: "parallax", verdict: "live" }));
    expect(liveness.verdict).toBe("no-verdict");
    expect(said(liveness)).toBe("the face is too dark to judge: 12 of 255, 20 are needed");
  });

  it("nor one of too few pixels, nor light that is no number", () => {
    const small = last(watch(() => ({ eyeDistancePx: 24 })));
    expect(evidenceQualityCue(small).says).toMatch(
      /^the face is too small to judge: 2\d pixels from eye to eye, 30 are needed$/,
    );
    const broken = last(watch(() => ({ brightness: Number.NaN })));
    expect(evidenceQualityCue(broken).verdict).toBe("no-verdict");
  });
});

describe("the notes on quality", () => {
  it("stay few at any frame rate, and are not rewritten by older pictures", () => {
    const many = last(watch(() => ({}), { perSecond: 200, seconds: 8 }));
    expect(many.quality?.length).toBeLessThanOrEqual(70);
    expect(withQuality(many, { atMs: 1000, brightness: 0, reasons: [] })).toBe(many);
  });
});
