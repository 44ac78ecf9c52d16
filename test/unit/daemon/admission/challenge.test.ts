import { beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { Challenges, maxAttempts } from "../../../../src/daemon/challenge/challenges.ts";
import { AdmissionRig, faceNumber } from "../../../support/admission-rig.ts";
import { sightingOf } from "../../../support/sightings.ts";

const screens = { count: 1 };
let withoutDisplay: "refuse" | "ask" = "refuse";
let challenges: Challenges;

function newRig(): AdmissionRig {
  return new AdmissionRig((rig) => {
    challenges = new Challenges({
      ...{ level: "active", withoutDisplay, screens, clock: rig.clock, timers: rig.clock, random: seededRandom(5) },
      ...{ logger: silentLogger, board: rig.board, command: (command) => rig.commands.push(command) },
    });
    return challenges;
  });
}

interface Face {
  readonly track: number;
  /** 1 is Alice, 2 is Bob, 0 nobody. */
  readonly face: number;
  /** Does what the display asks of this track. */
  readonly obeys?: boolean;
  readonly live?: "live" | "spoof" | "no-verdict";
}

/** Faces before a door whose page works: seen ten times a second, each step is painted and, by whoever obeys, done. */
function stand(rig: AdmissionRig, ms: number, faces: readonly Face[], page: "works" | "hangs" = "works"): void {
  for (let passed = 0; passed < ms; passed += 100) {
    rig.clock.advance(100);
    const shown = rig.board.current.challenge;
    if (shown && page === "works") {
      challenges.acknowledge({ challenge: shown.id, step: shown.step, nonce: shown.nonce });
    }
    const asked = rig.commands.findLast((command) => command.type === "challenge");
    for (const { track, face, obeys = false, live = "live" } of faces) {
      const isAsked = asked?.type === "challenge" && asked.trackId === track;
      const isDone = isAsked && obeys && rig.clock.nowMs() - asked.fromMs >= 600;
      const state = isDone ? ("done" as const) : ("open" as const);
      rig.admission.sighted(
        sightingOf(track, rig.clock.nowMs() - 30, {
          embedding: faceNumber(face),
          liveness: { verdict: live, cues: [] },
          ...(isAsked ? { challenge: { id: asked.id, step: asked.step, state, says: state } } : {}),
        }),
      );
    }
  }
}

const askedOf = (rig: AdmissionRig) =>
  rig.commands.flatMap((command) => (command.type === "challenge" ? [command.trackId] : []));

describe("a door at level active", () => {
  beforeEach(() => {
    screens.count = 1;
    withoutDisplay = "refuse";
  });

  it("opens for a person who does what the display asks, and not before", () => {
    const rig = newRig();
    stand(rig, 1200, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.board.current.challenge).toBeDefined();
    stand(rig, 3000, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toEqual(["granted"]);
  });

  it("never opens for a live face that does nothing: it is refused after the last attempt, once", () => {
    const rig = newRig();
    stand(rig, 30_000, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual([]);
    expect(new Set(rig.commands.flatMap((c) => (c.type === "challenge" ? [c.id] : [])))).toHaveProperty(
      "size",
      maxAttempts,
    );
    const denied = rig.events.filter(({ type }) => type === "denied");
    expect(denied).toEqual([{ type: "denied", fields: expect.objectContaining({ reason: "challenge-failed" }) }]);
    expect(denied[0]?.fields).toMatchObject({ person: "alice", track: 1 });
  });

  it("raises an alarm when one person's challenges fail on three tracks, and lets that person in a minute later", () => {
    const rig = newRig();
    for (const track of [1, 2, 3]) {
      stand(rig, 25_000, [{ track, face: 1 }]);
      rig.admission.trackEnded(track);
    }
    expect(rig.events.filter(({ type }) => type === "lockout")).toEqual([
      { type: "lockout", fields: expect.objectContaining({ kind: "imitation", imitated: "alice" }) },
    ]);
    expect(rig.events.filter(({ type }) => type === "denied").map(({ fields }) => fields.reason)).toEqual([
      ...["challenge-failed", "challenge-failed", "locked-out"],
    ]);
    rig.clock.advance(60_000);
    stand(rig, 6000, [{ track: 9, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("asks nothing of a stranger", () => {
    const rig = newRig();
    stand(rig, 4000, [{ track: 1, face: 0, obeys: true }]);
    expect(askedOf(rig)).toEqual([]);
    expect(rig.unlocked).toEqual([]);
  });

  it("does not open for a passed challenge when the face was never found live, and asks for a turn", () => {
    const rig = newRig();
    stand(rig, 6000, [{ track: 1, face: 1, obeys: true, live: "no-verdict" }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.shown.at(-1)?.prompt).toBe("turn");
    stand(rig, 500, [{ track: 1, face: 1, obeys: true, live: "live" }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("refuses a spoof in the midst of its challenge", () => {
    const rig = newRig();
    stand(rig, 1000, [{ track: 1, face: 1, obeys: true }]);
    stand(rig, 4000, [{ track: 1, face: 1, obeys: true, live: "spoof" }]);
    expect(rig.typesOf()[0]).toBe("spoof");
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.unlocked).toEqual([]);
  });

  it("opens neither for a person with a colleague's photograph nor for the photograph, by the other's answers", () => {
    const rig = newRig();
    // A stranger who obeys holds up Alice, who does not.
    const both: Face[] = [
      { track: 1, face: 0, obeys: true },
      { track: 2, face: 1, obeys: false },
    ];
    stand(rig, 30_000, both);
    expect(rig.unlocked).toEqual([]);
    expect(new Set(askedOf(rig))).toEqual(new Set([2]));
  });

  it("lets Bob in beside a photograph of Alice, by his own answers, and not her", () => {
    const rig = newRig();
    const both: Face[] = [
      { track: 1, face: 1, obeys: false },
      { track: 2, face: 2, obeys: true },
    ];
    stand(rig, 20_000, both);
    expect(rig.unlocked).toEqual(["bob"]);
  });

  it("a track that becomes somebody else after its challenge opens for nobody", () => {
    const rig = newRig();
    stand(rig, 1500, [{ track: 1, face: 2, obeys: true }]);
    stand(rig, 6000, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
  });

  it("a new track of the same person begins anew", () => {
    const rig = newRig();
    stand(rig, 1500, [{ track: 1, face: 1, obeys: true }]);
    rig.admission.trackEnded(1);
    stand(rig, 900, [{ track: 2, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.board.current.challenge?.step).toBe(1);
  });

  it("without a display refuses, says why, and is never quietly passive", () => {
    screens.count = 0;
    const rig = newRig();
    stand(rig, 4000, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.events).toEqual([
      { type: "denied", fields: expect.objectContaining({ reason: "display-missing", person: "alice" }) },
    ]);
  });

  it("without a display asks a human, once, where the configuration says so", () => {
    screens.count = 0;
    withoutDisplay = "ask";
    const rig = newRig();
    stand(rig, 12_000, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.events).toEqual([
      { type: "visitor", fields: expect.objectContaining({ reason: "display-missing", person: "alice", track: 1 }) },
    ]);
  });

  it("with a page that hangs it is as without one", () => {
    const rig = newRig();
    stand(rig, 6000, [{ track: 1, face: 1, obeys: true }], "hangs");
    expect(rig.unlocked).toEqual([]);
    expect(rig.events[0]).toMatchObject({ type: "denied", fields: { reason: "display-missing" } });
  });

  it("with a display that is lost in the midst of it opens for nobody", () => {
    const rig = newRig();
    stand(rig, 1500, [{ track: 1, face: 1, obeys: true }]);
    screens.count = 0;
    stand(rig, 6000, [{ track: 1, face: 1, obeys: true }]);
    expect(rig.unlocked).toEqual([]);
  });
});
