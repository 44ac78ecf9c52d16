import { describe, expect, it } from "vitest";
import { judge, type Outcome, openCase, type TrackCase } from "../../../../src/daemon/admission/track-case.ts";
import type { AdmissionPolicy } from "../../../../src/daemon/admission/types.ts";
import type { Identification } from "../../../../src/pipeline/matching/identify.ts";
import type { Sighting } from "../../../../src/vision/protocol.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

const policy: AdmissionPolicy = {
  minFaceWidthPx: 110,
  maxYawDeg: 25,
  intentMs: 400,
  area: null,
  restMs: 10_000,
  requiresLiveness: true,
  factorWaitMs: 10_000,
};
const alice: Identification = {
  person: "alice",
  distance: 0.3,
  runnerUp: { person: "bob", distance: 0.7 },
  reason: null,
};
const bob: Identification = { person: "bob", distance: 0.33, runnerUp: null, reason: null };
const nobody: Identification = { person: null, distance: 0.66, runnerUp: null, reason: "unknown" };
const noEvidence: Sighting["liveness"] = { verdict: "no-verdict", cues: [] };
const spoof: Sighting["liveness"] = { verdict: "spoof", cues: [] };

interface Step {
  readonly atMs: number;
  readonly who?: Identification | null;
  readonly sighting?: Partial<Sighting>;
  /** How old the frame is when it is judged. */
  readonly ageMs?: number;
}

/** Plays sightings through the judge and gives back every outcome that is not `nothing`. */
function play(steps: readonly Step[], rules = policy): { outcomes: Outcome[]; last: TrackCase } {
  let last = openCase(1);
  const outcomes: Outcome[] = [];
  for (const { atMs, who = null, sighting = {}, ageMs = 40 } of steps) {
    const judged = judge(last, sightingOf(1, atMs - ageMs, sighting), {
      identification: who,
      policy: rules,
      nowMs: atMs,
    });
    last = judged.next;
    if (judged.outcome.kind !== "nothing") outcomes.push(judged.outcome);
  }
  return { outcomes, last };
}

/** A face every 100 ms from `fromMs` to `toMs`. */
function stay(fromMs: number, toMs: number, step: Omit<Step, "atMs">): Step[] {
  const steps: Step[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += 100) steps.push({ atMs, ...step });
  return steps;
}

const kinds = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => outcome.kind);

describe("a track", () => {
  it("is recognised when it wants in, is live, and two fresh frames agree", () => {
    const { outcomes } = play(stay(1000, 1500, { who: alice }));
    expect(outcomes[0]).toMatchObject({ kind: "recognised", person: "alice" });
  });

  it("is not judged before it has wanted in for the time of intent", () => {
    expect(kinds(play(stay(1000, 1300, { who: alice })).outcomes)).toEqual([]);
  });

  it("is not recognised by one frame alone, however near the match", () => {
    const steps = [...stay(1000, 1800, {}), { atMs: 1900, who: { ...alice, distance: 0.05 } }];
    expect(kinds(play(steps).outcomes)).not.toContain("recognised");
  });

  it("is never recognised by frames older than a second", () => {
    const { outcomes } = play(stay(1000, 3000, { who: alice, ageMs: 1200 }));
    expect(new Set(kinds(outcomes))).toEqual(new Set(["stale"]));
  });

  it("is never recognised by frames from the future", () => {
    const { outcomes } = play(stay(1000, 3000, { who: alice, ageMs: -500 }));
    expect(new Set(kinds(outcomes))).toEqual(new Set(["stale"]));
  });

  it("does not count a vote that has become too old by the time of the second", () => {
    const steps = [
      ...stay(1000, 1800, {}),
      { atMs: 1900, who: alice },
      ...stay(2000, 3100, {}),
      { atMs: 3200, who: alice },
    ];
    expect(kinds(play(steps).outcomes)).not.toContain("recognised");
  });

  it("without proof of life is asked to turn as soon as it wants in, and never recognised", () => {
    const { outcomes } = play(stay(1000, 1400, { who: alice, sighting: { liveness: noEvidence } }));
    expect(outcomes).toEqual([{ kind: "prompt", prompt: "turn" }]);
    const later = play(stay(1000, 4000, { who: alice, sighting: { liveness: noEvidence } }));
    expect(kinds(later.outcomes)).not.toContain("recognised");
  });

  it("whose proof of life has just lapsed is not asked for another before a second has gone by", () => {
    const lapsed = { who: alice, sighting: { liveness: noEvidence } };
    const proven = stay(1000, 1500, { who: alice });
    expect(kinds(play([...proven, ...stay(1600, 2400, lapsed)]).outcomes)).not.toContain("prompt");
    expect(kinds(play([...proven, ...stay(1600, 2600, lapsed)]).outcomes)).toContain("prompt");
  });

  it("without proof of life is told so once, and may still prove itself", () => {
    const still = stay(1000, 12_000, { who: alice, sighting: { liveness: noEvidence } });
    const { outcomes } = play([...still, ...stay(12_100, 12_200, { who: alice })]);
    expect(kinds(outcomes).filter((kind) => kind === "no-evidence")).toHaveLength(1);
    expect(outcomes.at(-1)).toMatchObject({ kind: "recognised", person: "alice" });
  });

  it("is refused for good by a spoof verdict, whatever comes after it", () => {
    const attack = stay(1000, 1500, { who: alice, sighting: { liveness: spoof } });
    const { outcomes, last } = play([...attack, ...stay(1600, 4000, { who: alice })]);
    expect(outcomes[0]).toMatchObject({ kind: "refused", reason: "not-live" });
    expect(kinds(outcomes)).not.toContain("recognised");
    expect(last.status).toBe("refused");
  });

  it("that was taken for two people opens for neither", () => {
    const steps = [...stay(1000, 1300, { who: alice }), ...stay(1400, 3000, { who: bob })];
    const { outcomes } = play(steps);
    expect(kinds(outcomes)).not.toContain("recognised");
    expect(outcomes[0]).toMatchObject({ kind: "refused", reason: "ambiguous" });
  });

  it("of a stranger is refused once, after three decisions of three frames", () => {
    const { outcomes, last } = play(stay(1000, 4000, { who: nobody }));
    expect(outcomes.filter(({ kind }) => kind === "refused")).toEqual([
      expect.objectContaining({ kind: "refused", reason: "unknown" }),
    ]);
    expect(last.decisions).toBe(3);
  });

  it("of a stranger who stays becomes one visitor", () => {
    const { outcomes } = play(stay(1000, 20_000, { who: nobody }));
    expect(kinds(outcomes).filter((kind) => kind === "visitor")).toHaveLength(1);
  });

  it("without liveness demanded is recognised without proof of life", () => {
    const steps = stay(1000, 1500, { who: alice, sighting: { liveness: noEvidence } });
    expect(kinds(play(steps, { ...policy, requiresLiveness: false }).outcomes)).toContain("recognised");
  });
});

describe("wanting in", () => {
  const cases: [string, Partial<Sighting>, AdmissionPolicy?][] = [
    ["too far away", { face: faceOf({ faceWidthPx: 90 }) }],
    ["turned away", { face: faceOf({ pose: { yawDeg: 40, pitchDeg: 0, rollDeg: 0 } }) }],
    [
      "outside the door's area",
      { box: [0, 140, 100, 100] },
      {
        ...policy,
        area: [
          [0.3, 0],
          [0.7, 0],
          [0.7, 1],
          [0.3, 1],
        ],
      },
    ],
  ];
  it.each(cases)("is not seen in a face that is %s", (_name, sighting, rules = policy) => {
    expect(kinds(play(stay(1000, 3000, { who: alice, sighting }), rules).outcomes)).not.toContain("recognised");
  });

  it("is lost by somebody who walks off", () => {
    const near = stay(1000, 1350, { who: null, sighting: { face: faceOf({ faceWidthPx: 200 }) } });
    const away = stay(1400, 3000, { who: alice, sighting: { face: faceOf({ faceWidthPx: 130 }) } });
    expect(kinds(play([...near, ...away.slice(0, 5)]).outcomes)).not.toContain("recognised");
  });

  it("is kept by somebody who turns the head because the display asked for it", () => {
    const front = stay(1000, 2500, { who: alice, sighting: { liveness: noEvidence } });
    const turned = stay(2600, 3500, { sighting: { face: faceOf({ pose: { yawDeg: 38, pitchDeg: 0, rollDeg: 0 } }) } });
    const back = stay(3600, 3800, { who: alice });
    expect(play([...front, ...turned, ...back]).outcomes.at(-1)).toMatchObject({ kind: "recognised" });
  });

  const advice: [string, Partial<Sighting>, string][] = [
    ["come closer when the face is small", { face: faceOf({ faceWidthPx: 80 }) }, "come-closer"],
    ["step back when the face is cut off", { face: faceOf({ reasons: ["cut-off"] }) }, "step-back"],
    ["hold still when the face is blurred", { face: faceOf({ reasons: ["blurred"] }) }, "hold-still"],
    ["find light when it is dark", { face: faceOf({ reasons: ["too-dark"] }) }, "more-light"],
  ];
  it.each(advice)("is helped: %s", (_name, sighting, prompt) => {
    expect(play(stay(1000, 2700, { sighting })).outcomes[0]).toEqual({ kind: "prompt", prompt });
  });

  it("is not commented on while somebody is still walking up", () => {
    const sighting = { face: faceOf({ faceWidthPx: 80 }) };
    expect(play(stay(1000, 2300, { sighting })).outcomes).toEqual([]);
  });

  it("says nothing to people far off", () => {
    expect(play(stay(1000, 4000, { sighting: { face: faceOf({ faceWidthPx: 40 }) } })).outcomes).toEqual([]);
  });
});
