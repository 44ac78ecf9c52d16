import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import type { EnrolmentProgress, EnrolmentResult } from "../../../../src/daemon/api.ts";
import { acknowledgeWithinMs } from "../../../../src/daemon/challenge/challenges.ts";
import { DoorEnrolment } from "../../../../src/daemon/enrolment/service.ts";
import type { ChallengeLevel } from "../../../../src/pipeline/liveness/level.ts";
import { packVector, type Sighting } from "../../../../src/vision/protocol.ts";
import { ChallengeRig } from "../../../support/challenge-rig.ts";
import { movedBy, personVector } from "../../../support/face-vectors.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

type Liveness = Sighting["liveness"];

const random = seededRandom(3);
const dana = personVector(1);
const eve = personVector(7);
const live: Liveness = { verdict: "live", cues: [] };
const consent: Liveness = { verdict: "live", cues: [{ name: "network", score: 0.9, verdict: "live", says: "alive" }] };

let rig: ChallengeRig;
let enrolment: DoorEnrolment;
let progress: EnrolmentProgress[];
let written: { type: string; reason: unknown }[];
let admitted: number[];
let enrolled: string | undefined;

function begin(level: ChallengeLevel = "active", withoutDisplay: "refuse" | "ask" = "refuse"): void {
  rig = new ChallengeRig({ level, withoutDisplay });
  const { clock, challenges, board } = rig;
  [progress, written, admitted, enrolled] = [[], [], [], undefined];
  enrolment = new DoorEnrolment({
    admission: {
      sighted: ({ trackId }) => void admitted.push(trackId),
      trackEnded: (trackId) => challenges.trackEnded(trackId),
      reset: () => challenges.reset(),
    },
    people: {
      identify: () => ({
        ...{ person: enrolled ?? null, distance: 0.3, runnerUp: null, threshold: 0.4 },
        reason: enrolled === undefined ? "unknown" : null,
      }),
      checkNew: () => {},
      enrol: (id, _, { candidates }) => {
        enrolled = id;
        return { id, templates: candidates.length, refused: [] };
      },
    },
    events: {
      append: (type, fields) => {
        written.push({ type, reason: fields?.reason });
        return { seq: 1, time: "", type };
      },
    },
    rules: { minFaceWidthPx: 110, requiresLiveness: true },
    ...{ challenges, board, clock, timers: clock, command: () => {} },
  });
}

beforeEach(() => begin());

interface Look {
  readonly who?: Float32Array;
  readonly yawDeg?: number;
  readonly state?: "open" | "done" | "failed" | "wrong";
  readonly liveness?: Liveness;
  readonly track?: number;
}

/** One sighting, 150 ms after the last; `state`: what vision says of the step that was shown last. */
function look({ who = dana, yawDeg = 1, state, liveness = live, track = 1 }: Look = {}): void {
  rig.clock.advance(150);
  const { id = "", step = 1 } = rig.commands.at(-1) ?? {};
  enrolment.sighted(
    sightingOf(track, rig.clock.nowMs() - 20, {
      ...{ liveness, face: faceOf({ pose: { yawDeg, pitchDeg: 0, rollDeg: 0 } }) },
      embedding: { embedder: "dlib", vector: packVector(movedBy(who, 0.2, random)) },
      ...(state === undefined ? {} : { challenge: { id, step, state, says: state } }),
    }),
  );
}

const threeViews = (more: Look = {}) => {
  for (const yawDeg of [1, 15, -15]) look({ ...more, yawDeg });
};

/** Asks for the enrolment and shows the three views; the display then shows a challenge. */
function seat(more: Look = {}, seconds = 60): Promise<EnrolmentResult | string> {
  const outcome = open(seconds);
  threeViews(more);
  look(more);
  return outcome;
}

function open(seconds = 60): Promise<EnrolmentResult | string> {
  return new Promise((resolve) => {
    const request = { id: "dana", fields: { name: "Dana" }, seconds, by: "test" };
    enrolment.enrol(request, (one) => void progress.push(one)).then(resolve, (error) => resolve(error.message));
  });
}

/** Every step is painted and done. */
function passChallenge(more: Look = {}): void {
  for (let left = rig.step.steps; left > 0; left--) {
    rig.acknowledge();
    look({ ...more, state: "open" });
    look({ ...more, state: "done" });
  }
}

test("who shows three views and then does what the display asks is enrolled, and nothing opens", async () => {
  const outcome = seat();
  expect(enrolled).toBeUndefined();
  expect(progress.map(({ stage }) => stage)).toEqual(["started", "seen", "view", "view", "view", "challenge"]);
  passChallenge();
  look();
  look();
  expect(await outcome).toMatchObject({ stage: "enrolled", templates: 3, recognised: true });
  expect([admitted, written]).toEqual([[], []]);
});

test("at strict the networks must also have found a living face", async () => {
  begin("strict");
  const outcome = seat();
  passChallenge();
  for (let n = 0; n < 3; n++) look();
  expect([enrolled, rig.board.current.prompt]).toEqual([undefined, "turn"]);
  look({ liveness: consent });
  look({ liveness: consent });
  expect(await outcome).toMatchObject({ stage: "enrolled" });
});

test("the last word is a look straight ahead: a face that is turned away completes nothing", () => {
  seat();
  passChallenge({ yawDeg: 20 });
  look({ yawDeg: 20 });
  expect([enrolled, rig.board.current.prompt]).toEqual([undefined, "look-here"]);
  look();
  expect(enrolled).toBe("dana");
});

test("a challenge that was passed a quarter of a minute ago is asked for anew", () => {
  seat();
  passChallenge({ yawDeg: 20 });
  rig.clock.advance(16_000);
  look();
  expect([enrolled, rig.board.current.challenge?.step]).toEqual([undefined, 1]);
});

test("passed for an enrolment, it proves nothing of the person at the door", () => {
  seat();
  passChallenge({ yawDeg: 20 });
  const said = rig.challenges.sighted(sightingOf(1, rig.clock.nowMs() - 20), "dana");
  expect(said.lacksChallenge).toBe(true);
});

describe("nobody is enrolled, and the requester reads why,", () => {
  test.each<[string, () => void, RegExp, string | null]>([
    [
      "when the steps are not done in time",
      () => {
        for (let tries = 0; tries < 3; tries++) {
          rig.acknowledge();
          rig.clock.advance(5000);
          rig.clock.advance(1300);
          look();
        }
      },
      /challenge-failed/,
      "challenge-failed",
    ],
    [
      "when something else is done than was asked for, twice",
      () => {
        for (let tries = 0; tries < 2; tries++) {
          rig.acknowledge();
          look({ state: "wrong" });
          rig.clock.advance(1300);
          look();
        }
      },
      /challenge-failed/,
      "challenge-failed",
    ],
    [
      "when another face answers",
      () => {
        rig.acknowledge();
        look({ who: eve, state: "done" });
      },
      /another-face/,
      "another-face",
    ],
    [
      "when another face comes after the last step",
      () => {
        passChallenge({ yawDeg: 20 });
        look({ who: eve });
      },
      /another-face/,
      "another-face",
    ],
    [
      "when the display goes in the middle of it",
      () => {
        rig.acknowledge();
        rig.screens.count = 0;
        look({ state: "open" });
      },
      /display-missing/,
      "display-missing",
    ],
    [
      "when the display paints nothing",
      () => {
        rig.clock.advance(acknowledgeWithinMs);
        look();
      },
      /display-missing/,
      "display-missing",
    ],
    [
      "when it turns out to be a screen while it answers",
      () => {
        rig.acknowledge();
        look({ state: "done", liveness: { verdict: "spoof", cues: [] } });
      },
      /does not seem to be alive/,
      "not-live",
    ],
    [
      "when time is up",
      () => rig.clock.advance(60_000),
      /time is up: 3 of 3 views were taken, but nothing proved/,
      null,
    ],
    ["when it is cancelled", () => void enrolment.cancel(), /cancelled/, null],
  ])("%s", async (_, happens, says, reason) => {
    const outcome = seat();
    happens();
    expect(await outcome.then(String)).toMatch(says);
    expect(written.map((event) => event.reason)).toEqual(reason === null ? [] : [reason]);
    // Neither the display nor a later frame of that track goes on with it.
    expect(rig.board.current.challenge).toBeUndefined();
    threeViews();
    look();
    expect([enrolled, admitted]).toEqual([undefined, []]);
  });

  test("where no display is connected: at once, before anybody has to come", () => {
    rig.screens.count = 0;
    const request = { id: "dana", fields: {}, seconds: 60, by: "test" };
    expect(() => enrolment.enrol(request, (one) => void progress.push(one))).toThrow(/display-missing/);
    expect([progress, enrolment.cancel()]).toEqual([[], false]);
  });

  test("where the door would ask somebody instead: nobody can say who a stranger is", async () => {
    begin("active", "ask");
    const outcome = seat();
    rig.screens.count = 0;
    look();
    expect(await outcome).toMatch(/display-missing/);
    expect(written).toEqual([{ type: "denied", reason: "display-missing" }]);
  });

  test("when they walk off: whoever comes next shows views and answers a challenge of their own", () => {
    seat();
    rig.acknowledge();
    enrolment.trackEnded(1);
    expect(rig.board.current.challenge).toBeUndefined();
    look({ track: 2, state: "done" });
    look({ track: 2 });
    expect(progress.at(-1)).toMatchObject({ stage: "view", taken: 1 });
    expect(enrolled).toBeUndefined();
  });

  test("by a challenge that was answered while a second face stood there", () => {
    seat();
    rig.acknowledge();
    look({ who: eve, track: 2 });
    look({ state: "done" });
    expect(progress.at(-1)).toEqual({ stage: "not-alone" });
    expect([enrolled, rig.step.step]).toEqual([undefined, 1]);
  });

  test("under an id for which too many were begun and not passed", async () => {
    for (let tries = 0; tries < 6; tries++) {
      const outcome = seat();
      enrolment.cancel();
      await outcome;
      enrolment.trackEnded(1);
    }
    expect(await seat()).toMatch(/locked-out/);
  });
});

test("an enrolment that fails its challenges does not make the person wait at the door", () => {
  for (let tries = 0; tries < 7; tries++) {
    void seat();
    enrolment.cancel();
    enrolment.trackEnded(1);
  }
  look({ track: 9 });
  expect(rig.challenges.ask(9, "dana")).toBeNull();
  expect(rig.board.current.challenge).toBeDefined();
});
