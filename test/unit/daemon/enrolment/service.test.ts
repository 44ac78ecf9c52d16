import { beforeEach, describe, expect, test } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import type { DisplayState, EnrolmentProgress, EnrolmentResult } from "../../../../src/daemon/api.ts";
import { DoorEnrolment } from "../../../../src/daemon/enrolment/service.ts";
import { packVector, type Sighting, type VisionCommand } from "../../../../src/vision/protocol.ts";
import { movedBy, personVector } from "../../../support/face-vectors.ts";
import { FakeTime } from "../../../support/fake-time.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

const random = seededRandom(3);
const dana = personVector(1);
const bob = personVector(2);

let time: FakeTime;
let admitted: number[];
let ended: number[];
let shown: DisplayState[];
let commands: VisionCommand[];
let progress: EnrolmentProgress[];
let spoofs: number;
let enrolled: { id: string; pictures: number } | undefined;
let known: (vector: Float32Array) => string | null;
let refuse: string | undefined;
let enrolment: DoorEnrolment;

beforeEach(() => {
  time = new FakeTime();
  [admitted, ended, shown, commands, progress, spoofs, enrolled, refuse] = [
    [],
    [],
    [],
    [],
    [],
    0,
    undefined,
    undefined,
  ];
  known = (vector) => (near(vector, bob) ? "bob" : enrolled && near(vector, dana) ? enrolled.id : null);
  enrolment = new DoorEnrolment({
    admission: {
      sighted: ({ trackId }) => void admitted.push(trackId),
      trackEnded: (trackId) => void ended.push(trackId),
      reset: () => {},
    },
    people: {
      identify: ([face]) => {
        const person = face ? known(face.vector) : null;
        return { person, distance: 0.3, runnerUp: null, threshold: 0.4, reason: person === null ? "unknown" : null };
      },
      checkNew: (id) => {
        if (id === "nobody") throw new LintelError("LINTEL_E_REQUEST", "no consent");
      },
      enrol: (id, _, { candidates }) => {
        if (refuse !== undefined) {
          const refused = candidates.map(({ file }) => ({ file, reason: refuse ?? "", detail: "This is Bob." }));
          return { id, templates: 0, refused };
        }
        enrolled = { id, pictures: candidates.length };
        return { id, templates: candidates.length, refused: [] };
      },
    },
    events: {
      append: (type) => {
        if (type === "spoof") spoofs++;
        return { seq: 1, time: "", type };
      },
    },
    board: { show: (state) => void shown.push(state) },
    rules: { minFaceWidthPx: 110, requiresLiveness: true },
    clock: time,
    timers: time,
    command: (command) => void commands.push(command),
  });
});

function near(a: Float32Array, b: Float32Array): boolean {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? 0))) < 0.4;
}

function sighting(
  vector: Float32Array,
  yawDeg: number,
  changes: Partial<Sighting> & { trackId?: number } = {},
): Sighting {
  return sightingOf(changes.trackId ?? 1, time.nowMs(), {
    face: faceOf({ pose: { yawDeg, pitchDeg: 0, rollDeg: 0 } }),
    embedding: { embedder: "dlib", vector: packVector(movedBy(vector, 0.2, random)) },
    ...changes,
  });
}

/** Shows the door these views of a person, 150 ms apart. */
async function show(vector: Float32Array, ...views: number[]): Promise<void> {
  for (const yawDeg of views) {
    enrolment.sighted(sighting(vector, yawDeg));
    await time.advance(150);
  }
}

/** Opens a window; `outcome` settles with the result or the words of the refusal. */
function open(id = "dana", seconds = 60): { outcome: Promise<EnrolmentResult | string> } {
  const answer = enrolment.enrol(
    { id, fields: { name: "Dana" }, seconds, by: "test" },
    (one) => void progress.push(one),
  );
  return { outcome: answer.catch((error: unknown) => String(error)) };
}

test("a stranger who comes alone is led through the views, enrolled, and known at the next look", async () => {
  const { outcome } = open();
  await show(dana, 1, 15, -15, 1, 1);
  expect(await outcome).toEqual({ stage: "enrolled", id: "dana", templates: 3, refused: [], recognised: true });
  expect(progress.map(({ stage }) => stage)).toEqual(["started", "seen", "view", "view", "view"]);
  expect(shown.at(-1)?.title).toBe("Thank you, that was all");
});

test("an enrolment opens nothing: admission sees the person again only with the next walk-up", async () => {
  const { outcome } = open();
  await show(dana, 1, 15, -15, 1, 1);
  await outcome;
  await show(dana, 1, 1, 1);
  expect(admitted).toEqual([]);
  enrolment.trackEnded(1);
  enrolment.sighted(sighting(dana, 1, { trackId: 2 }));
  expect(admitted).toEqual([2]);
});

test("while nobody is being enrolled everything goes to admission", () => {
  enrolment.sighted(sighting(dana, 1));
  enrolment.trackEnded(1);
  expect([admitted, ended]).toEqual([[1], [1]]);
});

test("whom the door knows is let in as always, and the requester is told who stands there", async () => {
  open();
  await show(bob, 1, 1);
  expect(admitted).toEqual([1, 1]);
  expect(progress.at(-1)).toEqual({ stage: "known", person: "bob" });
  expect(enrolled).toBeUndefined();
});

test("somebody who is known already may be enrolled once more under their own id", async () => {
  const { outcome } = open("bob");
  await show(bob, 1, 15, -15, 1, 1);
  expect(await outcome).toMatchObject({ stage: "enrolled", id: "bob", recognised: true });
});

test("who was refused before the window opened is looked at again", async () => {
  await show(dana, 1);
  open();
  expect(commands).toEqual([{ type: "track", trackId: 1, state: "open" }]);
});

describe("nobody is enrolled", () => {
  test("while a second face is in view", async () => {
    open();
    await show(dana, 1);
    enrolment.sighted(sighting(bob, 1, { trackId: 2 }));
    await show(dana, 15, -15);
    expect(progress.at(-1)).toEqual({ stage: "not-alone" });
    expect(shown.at(-1)?.title).toBe("One person at a time, please");
    expect(enrolled).toBeUndefined();
  });

  test("by a photograph: the window closes, and it is on record", async () => {
    const { outcome } = open();
    await show(dana, 1, 15);
    enrolment.sighted(sighting(dana, -15, { liveness: { verdict: "spoof", cues: [] } }));
    expect(await outcome).toMatch(/does not seem to be alive/);
    expect(spoofs).toBe(1);
    await show(dana, 1, 15, -15, 1);
    expect(enrolled).toBeUndefined();
  });

  test("from views of two tracks: whoever comes back begins anew", async () => {
    open();
    await show(dana, 1, 15);
    enrolment.trackEnded(1);
    expect(progress.at(-1)).toEqual({ stage: "lost" });
    for (const yawDeg of [-15, 1]) {
      enrolment.sighted(sighting(dana, yawDeg, { trackId: 2 }));
      await time.advance(150);
    }
    expect(enrolled).toBeUndefined();
  });

  test("when vision was restarted in the middle", async () => {
    open();
    await show(dana, 1, 15);
    enrolment.reset();
    expect(progress.at(-1)).toEqual({ stage: "lost" });
    await show(dana, -15, 1);
    expect(enrolled).toBeUndefined();
  });

  test("when the gallery refuses every picture, and the requester reads why", async () => {
    refuse = "already-enrolled";
    const { outcome } = open();
    await show(dana, 1, 15, -15, 1);
    expect(await outcome).toContain("already-enrolled: This is Bob.");
  });

  test.each([
    ["nobody came", 0, /nobody new came before the camera/],
    ["two views are there", 2, /2 of 3 views were taken/],
  ])("when time is up and %s", async (_, views, text) => {
    const { outcome } = open("dana", 10);
    await show(dana, ...[1, 15].slice(0, views));
    await time.advance(10_000);
    expect(await outcome).toMatch(text);
    await show(dana, 1, 15, -15, 1);
    expect(enrolled).toBeUndefined();
  });

  test("after the request was cancelled", async () => {
    const { outcome } = open();
    await show(dana, 1, 15);
    expect(enrolment.cancel()).toBe(true);
    expect(await outcome).toMatch(/cancelled/);
    await show(dana, -15, 1);
    expect([enrolled, enrolment.cancel()]).toEqual([undefined, false]);
  });

  test("twice at once, nor where the request itself is refused", async () => {
    open();
    expect(() => open("eve")).toThrow(/dana is being enrolled/);
    enrolment.cancel();
    expect(() => open("nobody")).toThrow("no consent");
  });
});

test.each([
  ["somebody who walks off at once is enrolled, and it is said that the door has not seen them since", null, false],
  ["a person the door does not know at the next look is said to be unknown", false, true],
])("%s", async (_, recognised, staysInView) => {
  const { outcome } = open();
  await show(dana, 1, 15, -15, 1);
  if (staysInView) {
    known = () => null;
    await show(dana, 1);
  } else enrolment.trackEnded(1);
  expect(await outcome).toMatchObject({ stage: "enrolled", recognised });
});

test("a window leaves no timer behind", async () => {
  const { outcome } = open();
  await show(dana, 1, 15, -15, 1, 1);
  await outcome;
  expect(time.waiting).toBe(0);
});
