import { describe, expect, it } from "vitest";
import { ruleDefinition, type SecondFactor } from "../../../../src/daemon/access/definitions.ts";
import { factorRule } from "../../../../src/daemon/admission/lockout.ts";
import { AdmissionRig } from "../../../support/admission-rig.ts";

const alice = [{ track: 1, face: 1 }];

/** Badges: 0A is Alice's, 0B is Bob's, every other is nobody's. */
function rigAsking(secondFactor: SecondFactor = "badge"): AdmissionRig {
  const rig = new AdmissionRig();
  rig.access.putRule(ruleDefinition.parse({ id: "all", groups: ["*"], secondFactor }), "test");
  rig.access.putBadge("0A", { person: "alice", isDuress: false }, "test");
  rig.access.putBadge("0B", { person: "bob", isDuress: false }, "test");
  return rig;
}

function hold(rig: AdmissionRig, badge: string): void {
  try {
    rig.access.badgeShown(badge);
  } catch (error) {
    expect(error).toMatchObject({ code: "LINTEL_E_NOT_FOUND" });
  }
}

const lockouts = (rig: AdmissionRig) => rig.events.filter(({ type }) => type === "lockout").map(({ fields }) => fields);
const reasons = (rig: AdmissionRig) =>
  rig.events.filter(({ type }) => type === "denied").map(({ fields }) => fields.reason);

describe("a wrong badge while a face waits", () => {
  it("is a failed second factor: the third locks, ends the visit, and the right one then opens nothing", () => {
    const rig = rigAsking();
    rig.stand(2000, alice);
    for (const badge of ["F1", "0B", "F2"]) hold(rig, badge);
    expect(lockouts(rig)).toEqual([{ kind: "second-factor", person: "alice", failures: 3, seconds: 10 }]);
    hold(rig, "0A");
    rig.stand(3000, alice);
    expect([rig.unlocked, reasons(rig)]).toEqual([[], ["locked-out"]]);
    expect(rig.shown.at(-1)).toMatchObject({ kind: "refused", detail: "" });
  });

  it("twice is forgiven: the right one opens, and what was wrong is forgotten", () => {
    const rig = rigAsking();
    for (const track of [1, 2]) {
      rig.stand(1000, [{ track, face: 1 }]);
      for (const badge of ["F1", "F2", "0A"]) hold(rig, badge);
      rig.stand(200, [{ track, face: 1 }]);
      rig.admission.trackEnded(track);
      rig.clock.advance(11_000);
    }
    expect([rig.unlocked, lockouts(rig)]).toEqual([["alice", "alice"], []]);
  });

  it("counts once a visit, however often the reader repeats it, and is not counted again when the time is over", () => {
    const rig = rigAsking();
    rig.stand(1000, alice);
    for (let times = 0; times < 50; times++) hold(rig, "F1");
    rig.stand(11_000, alice);
    expect(reasons(rig)).toEqual(["second-factor-missing"]);
    rig.admission.trackEnded(1);
    rig.stand(11_000, [{ track: 2, face: 1 }]);
    expect(lockouts(rig)).toEqual([]);
    rig.admission.trackEnded(2);
    rig.stand(1000, [{ track: 3, face: 1 }]);
    hold(rig, "F1");
    expect(lockouts(rig)).toMatchObject([{ failures: 3 }]);
  });

  it("bounds how many badges a face can try: 30 in an hour, were one tried at every moment it may", () => {
    const rig = rigAsking();
    for (let track = 1; rig.clock.nowMs() < 3_600_000; track++) {
      rig.stand(1500, [{ track, face: 1 }]);
      hold(rig, `F${track}`);
      rig.admission.trackEnded(track);
    }
    const failures = Number(lockouts(rig).at(-1)?.failures);
    expect(failures).toBeGreaterThan(factorRule.free + 5);
    expect(failures).toBeLessThan(30);
    expect(rig.unlocked).toEqual([]);
  });

  it.each<[string, SecondFactor]>([
    ["a presence message", "presence"],
    ["no second factor", "none"],
  ])("costs nothing where the rule asks for %s", (_, secondFactor) => {
    const rig = rigAsking(secondFactor);
    rig.stand(2000, alice);
    for (const badge of ["F1", "F2", "F3", "F4"]) hold(rig, badge);
    expect(lockouts(rig)).toEqual([]);
  });

  it("costs nobody anything when nobody waits, or when the face has gone", () => {
    const rig = rigAsking();
    for (const badge of ["F1", "F2", "F3"]) hold(rig, badge);
    rig.stand(1000, alice);
    rig.clock.advance(1100);
    for (const badge of ["F4", "F5", "F6"]) hold(rig, badge);
    rig.admission.trackEnded(1);
    for (const badge of ["F7", "F8", "F9"]) hold(rig, badge);
    expect(lockouts(rig)).toEqual([]);
    rig.stand(1000, [{ track: 2, face: 1 }]);
    hold(rig, "0A");
    rig.stand(200, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("costs nobody anything while two people wait: whose it was nobody can say", () => {
    const rig = rigAsking();
    const both = [...alice, { track: 2, face: 2 }];
    rig.stand(2000, both);
    for (const badge of ["F1", "F2", "F3", "0B"]) hold(rig, badge);
    rig.stand(200, both);
    expect([rig.unlocked, lockouts(rig)]).toEqual([["bob"], []]);
  });

  it("is counted by name too, where the reader knows its people", () => {
    const rig = rigAsking();
    rig.stand(1000, alice);
    for (const person of ["bob", "eve", "bob", "mallory"]) rig.access.shown({ kind: "badge", person });
    expect(lockouts(rig)).toMatchObject([{ person: "alice", failures: 3 }]);
  });
});

it("walking off without a badge is no failure, however often, nor for somebody whose track ends late", () => {
  const rig = rigAsking();
  for (let track = 1; track <= 5; track++) {
    rig.stand(3000, [{ track, face: 1 }]);
    rig.admission.trackEnded(track);
  }
  for (let track = 11; track <= 15; track++) {
    rig.stand(3000, [{ track, face: 1 }]);
    rig.clock.advance(7000);
    rig.stand(500, [{ track: 100 + track, face: 0 }]);
    rig.admission.trackEnded(track);
  }
  expect(reasons(rig)).toEqual(Array.from({ length: 10 }, () => "second-factor-missing"));
  expect(lockouts(rig)).toEqual([]);
  rig.stand(1000, [{ track: 200, face: 1 }]);
  rig.access.badgeShown("0A");
  rig.stand(200, [{ track: 200, face: 1 }]);
  expect(rig.unlocked).toEqual(["alice"]);
});
