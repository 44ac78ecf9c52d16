import { describe, expect, it } from "vitest";
import { AdmissionRig, faceNumber, person } from "../../../support/admission-rig.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

describe("admission", () => {
  it("opens once for a live person it knows, greets by first name, and writes one granted event", () => {
    const rig = new AdmissionRig();
    rig.stand(3000, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toEqual(["granted"]);
    expect(rig.events[0]?.fields).toMatchObject({ person: "alice", openMs: 5000, distance: 0.3 });
    expect(rig.shown.at(-1)).toMatchObject({ kind: "granted", title: "Welcome, Alice" });
    expect(rig.commands).toContainEqual({ type: "track", trackId: 1, state: "decided" });
  });

  it("never opens for a stranger and writes one unknown event that names nobody", () => {
    const rig = new AdmissionRig();
    rig.stand(3000, [{ track: 1, face: 0 }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["unknown"]);
    expect(rig.events[0]?.fields).not.toHaveProperty("person");
  });

  it("never opens for a spoof and says whom it imitated, but not as the person", () => {
    const rig = new AdmissionRig();
    rig.stand(3000, [{ track: 1, face: 1, live: "spoof" }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["spoof"]);
  });

  it("never opens without proof of life, however long one waits", () => {
    const rig = new AdmissionRig();
    rig.stand(30_000, [{ track: 1, face: 1, live: "no-verdict" }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["denied"]);
    expect(rig.events[0]?.fields).toMatchObject({ reason: "no-liveness-evidence" });
  });

  it("does not let a photograph of a colleague borrow the liveness of the person who holds it", () => {
    const rig = new AdmissionRig();
    rig.stand(3000, [
      { track: 1, face: 0, live: "live" },
      { track: 2, face: 1, live: "no-verdict" },
    ]);
    expect(rig.unlocked).toEqual([]);
  });

  it("opens for neither of two faces that look alike to the last digit", () => {
    const rig = new AdmissionRig();
    rig.stand(3000, [
      { track: 1, face: 1 },
      { track: 2, face: 1 },
    ]);
    expect(rig.unlocked).toEqual([]);
  });

  it("opens for the person, not for the photograph beside, when both are named alike", () => {
    const rig = new AdmissionRig();
    rig.distances = [0.66, 0.3, 0.2];
    rig.names = [null, "alice", "alice"];
    rig.stand(3000, [
      { track: 1, face: 1, live: "no-verdict" },
      { track: 2, face: 2 },
    ]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.events.find(({ type }) => type === "granted")?.fields).toMatchObject({ track: 2 });
  });

  it("lets a person in whose track was lost and found again under another number", () => {
    const rig = new AdmissionRig();
    rig.stand(400, [{ track: 1, face: 1 }]);
    rig.stand(1500, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("does not open a second time for the same person within the rest time, on whatever track", () => {
    const rig = new AdmissionRig();
    rig.stand(1500, [{ track: 1, face: 1 }]);
    rig.stand(5000, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
    rig.stand(6000, [{ track: 3, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice", "alice"]);
  });

  const denials: [string, (rig: AdmissionRig) => void, string][] = [
    ["a disabled person", (rig) => rig.people.set("alice", person("alice", { enabled: false })), "disabled"],
    [
      "a person whose time has passed",
      (rig) => rig.people.set("alice", person("alice", { validUntil: "2026-01-02T00:00:00Z" })),
      "expired",
    ],
    ["everybody in lockdown", (rig) => (rig.doorState = { ...rig.doorState, mode: "lockdown" }), "lockdown"],
    [
      "everybody while the relay guard is gone",
      (rig) => (rig.doorAnswer = { ok: false, reason: "x" }),
      "door-unavailable",
    ],
    ["a person who was just removed", (rig) => rig.people.delete("alice"), "unknown"],
  ];
  it.each(denials)("denies %s, once", (_name, arrange, reason) => {
    const rig = new AdmissionRig();
    arrange(rig);
    rig.stand(4000, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.typesOf()).toEqual(["denied"]);
    expect(rig.events[0]?.fields).toMatchObject({ reason });
  });

  it("does not refuse a known person because a stranger stands beside, and notes the tailgater", () => {
    const rig = new AdmissionRig();
    rig.stand(700, [{ track: 2, face: 0, live: "no-verdict" }]);
    rig.stand(3000, [
      { track: 2, face: 0, live: "no-verdict" },
      { track: 1, face: 1 },
    ]);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toContain("tailgating");
  });

  it("ignores embeddings of faces that are not fit to be judged", () => {
    const rig = new AdmissionRig();
    for (let i = 0; i < 30; i++) {
      rig.clock.advance(100);
      rig.admission.sighted(
        sightingOf(1, rig.clock.nowMs() - 30, { embedding: faceNumber(1), face: faceOf({ reasons: ["blurred"] }) }),
      );
    }
    expect(rig.unlocked).toEqual([]);
  });

  it("forgets what was agreed when vision is restarted", () => {
    const rig = new AdmissionRig();
    rig.stand(400, [{ track: 1, face: 1 }]);
    rig.admission.reset();
    rig.stand(300, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual([]);
  });

  it("names a person by the person's own open time", () => {
    const rig = new AdmissionRig();
    rig.people.set("alice", person("alice", { openSeconds: 20 }));
    rig.stand(1500, [{ track: 1, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });
});
