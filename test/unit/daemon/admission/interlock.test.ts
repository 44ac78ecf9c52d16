import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { Admission } from "../../../../src/daemon/admission/admission.ts";
import type { Clearance } from "../../../../src/daemon/admission/other-doors.ts";
import { AdmissionRig, faceNumber } from "../../../support/admission-rig.ts";
import { sightingOf } from "../../../support/sightings.ts";

/** Admission of a rig's people at a door with others. */
function interlockedRig(clearance: Clearance) {
  const rig = new AdmissionRig();
  const others = { clearance, asked: 0 };
  const admission = new Admission({
    ...{ clock: rig.clock, logger: silentLogger, people: rig.people, access: rig.access, greet: "none" },
    policy: {
      ...{ minFaceWidthPx: 110, maxYawDeg: 25, intentMs: 400, area: null, restMs: 10_000 },
      ...{ requiresLiveness: true, factorWaitMs: 10_000 },
    },
    recogniser: { identify: () => ({ person: "alice", distance: 0.3, runnerUp: null, reason: null }) },
    otherDoors: {
      ask: () => {
        others.asked += 1;
        return others.clearance;
      },
      last: { partner: "inner", why: "open" },
    },
    door: {
      state: rig.doorState,
      unlock: (_seconds, { person = "?" }) => {
        rig.unlocked.push(person);
        return { ok: true, openMs: 5000 };
      },
    },
    events: {
      append: (type, fields = {}) => {
        rig.events.push({ type, fields });
        return { seq: 1, time: "", type };
      },
    },
    board: { show: (state) => rig.shown.push(state) },
    command: () => {},
  });
  const stand = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      rig.clock.advance(100);
      const face = { embedding: faceNumber(1), liveness: { verdict: "live" as const, cues: [] } };
      admission.sighted(sightingOf(1, rig.clock.nowMs() - 30, face));
    }
  };
  return { rig, others, admission, stand };
}

const denied = { type: "denied", fields: { reason: "interlock", person: "alice", why: "open", partner: "inner" } };

describe("a recognised face at an interlocked door", () => {
  it("waits while another door is open, is told so, and passes on fresh frames once it is shut", () => {
    const { rig, others, stand } = interlockedRig({ kind: "waiting", isBusy: true });
    stand(3000);
    expect([rig.unlocked, rig.events]).toEqual([[], []]);
    expect(rig.shown.at(-1)?.detail).toBe("Another door has to be shut first.");
    others.clearance = { kind: "clear" };
    expect(rig.unlocked).toEqual([]);
    stand(100);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("opens nothing when it has gone before the others agree", () => {
    const { rig, others, admission, stand } = interlockedRig({ kind: "waiting", isBusy: false });
    stand(3000);
    admission.trackEnded(1);
    others.clearance = { kind: "clear" };
    rig.clock.advance(5000);
    expect(rig.unlocked).toEqual([]);
    expect(rig.events).toMatchObject([denied]);
  });

  it("is refused once when the other door does not shut in time, and is not held against the person", () => {
    const { rig, stand } = interlockedRig({ kind: "waiting", isBusy: true });
    stand(14_000);
    expect(rig.events.filter(({ type }) => type === "denied")).toMatchObject([denied]);
    expect(rig.typesOf()).not.toContain("lockout");
    expect(rig.unlocked).toEqual([]);
  });

  it("is refused at once when a door does not answer", () => {
    const { rig, stand } = interlockedRig({ kind: "refused" });
    stand(1500);
    expect(rig.events).toMatchObject([denied]);
    expect(rig.unlocked).toEqual([]);
  });

  it("is not what makes the door ask: nobody else's face does", () => {
    const { rig, others, stand } = interlockedRig({ kind: "clear" });
    rig.people.clear();
    stand(3000);
    expect([others.asked, rig.unlocked]).toEqual([0, []]);
  });
});
