import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { newSitting, type Sitting, type SittingStep, sit } from "../../../../src/daemon/enrolment/sitting.ts";
import { packVector, type Sighting } from "../../../../src/vision/protocol.ts";
import { movedBy, personVector } from "../../../support/face-vectors.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

const rules = { minFaceWidthPx: 110, requiresLiveness: true };
const dana = personVector(1);
const random = seededRandom(2);

const embeddingOf = (vector: Float32Array) => ({ embedder: "dlib" as const, vector: packVector(vector) });
/** Dana looking that way; each picture of her is a little different. */
function look(atMs: number, yawDeg: number, changes: Partial<Sighting> = {}): Sighting {
  return sightingOf(1, atMs, {
    face: faceOf({ pose: { yawDeg, pitchDeg: 0, rollDeg: 0 } }),
    embedding: embeddingOf(movedBy(dana, 0.2, random)),
    ...changes,
  });
}

/** Plays sightings 150 ms apart and gives what came of each. */
function play(...sightings: ((atMs: number) => Sighting)[]): { sitting: Sitting; steps: SittingStep[] } {
  let sitting = newSitting(1);
  const steps = sightings.map((at, index) => {
    const nowMs = 10_000 + index * 150;
    const { next, step } = sit(sitting, at(nowMs), { rules, nowMs, challenge: "none" });
    sitting = next;
    return step;
  });
  return { sitting, steps };
}

const front = (atMs: number) => look(atMs, 1);
const left = (atMs: number) => look(atMs, 15);
const right = (atMs: number) => look(atMs, -15);
const notYetProved = { liveness: { verdict: "no-verdict" as const, cues: [] } };

describe("three views are taken, each once, in their order", () => {
  test("front, left, right complete the sitting of somebody who is alive", () => {
    const { sitting, steps } = play(front, front, right, left, left, right, front);
    expect(steps).toEqual([
      { kind: "taken", view: "front" },
      { kind: "prompt", prompt: "turn-left" },
      { kind: "prompt", prompt: "turn-left" },
      { kind: "taken", view: "left" },
      { kind: "prompt", prompt: "turn-right" },
      { kind: "taken", view: "right" },
      { kind: "complete" },
    ]);
    expect(sitting.taken.map(({ candidate }) => candidate.embeddings.map(({ embedder }) => embedder))).toEqual([
      ["dlib"],
      ["dlib"],
      ["dlib"],
    ]);
  });

  test.each([8.5, 29])("a turn of %d degrees is neither a side nor the front", (yawDeg) => {
    const { steps } = play(front, (atMs) => look(atMs, yawDeg));
    expect(steps[1]).toEqual({ kind: "prompt", prompt: "turn-left" });
  });
});

describe("nothing is kept of somebody of whom it is not known that they are alive", () => {
  const undecided = (yawDeg: number) => (atMs: number) => look(atMs, yawDeg, notYetProved);

  test("the display asks for a turn instead of completing", () => {
    const { steps } = play(undecided(1), undecided(15), undecided(-15), undecided(1));
    expect(steps.at(-1)).toEqual({ kind: "prompt", prompt: "turn" });
  });

  test("proof that is older than ten seconds counts no more", () => {
    const { sitting } = play(front, undecided(15), undecided(-15));
    const nowMs = 10_000 + 11_000;
    expect(sit(sitting, undecided(1)(nowMs), { rules, nowMs, challenge: "none" }).step).toEqual({
      kind: "prompt",
      prompt: "turn",
    });
  });

  test("a spoof fails the sitting, even after the last view", () => {
    const { sitting } = play(front, left, right);
    const nowMs = 11_000;
    const spoof = look(nowMs, 0, { liveness: { verdict: "spoof", cues: [] } });
    expect(sit(sitting, spoof, { rules, nowMs, challenge: "none" }).step).toEqual({
      kind: "failed",
      reason: "not-live",
    });
  });

  test("where the door asks for no proof of life, the enrolment asks for none", () => {
    let sitting = newSitting(1);
    for (const [index, yawDeg] of [1, 15, -15].entries()) {
      const nowMs = 10_000 + index * 150;
      sitting = sit(sitting, undecided(yawDeg)(nowMs), {
        rules: { ...rules, requiresLiveness: false },
        nowMs,
        challenge: "none",
      }).next;
    }
    const step = sit(sitting, undecided(1)(10_600), {
      rules: { ...rules, requiresLiveness: false },
      nowMs: 10_600,
      challenge: "none",
    }).step;
    expect(step).toEqual({ kind: "complete" });
  });
});

describe("a frame is left out", () => {
  const stranger = personVector(9);
  test.each<[string, (atMs: number) => Sighting, string]>([
    ["that is a second old", (atMs) => look(atMs - 1001, 15), "nothing"],
    ["from the future", (atMs) => look(atMs + 500, 15), "nothing"],
    ["without a vector", (atMs) => look(atMs, 15, { embedding: undefined }), "turn-left"],
    [
      "with a vector of another embedder alone",
      (atMs) => look(atMs, 15, { embedding: { embedder: "faceres", vector: packVector(new Float32Array(1024)) } }),
      "turn-left",
    ],
    ["of somebody else", (atMs) => look(atMs, 15, { embedding: embeddingOf(stranger) }), "turn-left"],
    [
      "that looks up",
      (atMs) => look(atMs, 15, { face: faceOf({ pose: { yawDeg: 15, pitchDeg: 20, rollDeg: 0 } }) }),
      "turn-left",
    ],
    [
      "that is blurred, and says so",
      (atMs) => look(atMs, 15, { face: faceOf({ reasons: ["blurred"] }) }),
      "hold-still",
    ],
    ["too far off, and says so", (atMs) => look(atMs, 15, { face: faceOf({ faceWidthPx: 80 }) }), "come-closer"],
    [
      "turned too far, without being told to look here",
      (atMs) => look(atMs, 40, { face: faceOf({ reasons: ["turned-away"] }) }),
      "turn-left",
    ],
  ])("%s", (_, odd, prompt) => {
    const { sitting, steps } = play(front, odd);
    expect(sitting.taken).toHaveLength(1);
    expect(steps[1]).toEqual(prompt === "nothing" ? { kind: "nothing" } : { kind: "prompt", prompt });
  });

  test("that is the same picture once more", () => {
    const vector = movedBy(dana, 0.2, random);
    const same = (yawDeg: number) => (atMs: number) => look(atMs, yawDeg, { embedding: embeddingOf(vector) });
    expect(play(same(1), same(15)).sitting.taken).toHaveLength(1);
  });
});
