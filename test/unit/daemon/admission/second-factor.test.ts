import { describe, expect, it } from "vitest";
import { ruleDefinition, type SecondFactor } from "../../../../src/daemon/access/definitions.ts";
import { AdmissionRig } from "../../../support/admission-rig.ts";

const alice = [{ track: 1, face: 1 }];

function rigAsking(secondFactor: SecondFactor = "badge"): AdmissionRig {
  const rig = new AdmissionRig();
  rig.access.putRule(ruleDefinition.parse({ id: "all", groups: ["*"], secondFactor }), "test");
  return rig;
}

describe("a door that asks for a badge as well", () => {
  it("opens for a face that comes up to 30 s after its badge, and says what it rested on", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.clock.advance(29_000);
    rig.stand(1000, alice);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.events).toMatchObject([{ type: "granted", fields: { rule: "all", secondFactor: "badge" } }]);
  });

  it("does not open for a face that comes later than that", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.clock.advance(30_000);
    rig.stand(3000, alice);
    expect(rig.unlocked).toEqual([]);
  });

  it("asks for the badge and opens when it comes while the face is still there", () => {
    const rig = rigAsking();
    rig.stand(3000, alice);
    expect(rig.shown.at(-1)).toMatchObject({ title: "Please show your badge", prompt: "badge" });
    expect([rig.unlocked, rig.events]).toEqual([[], []]);
    rig.access.shown({ kind: "badge", person: "alice" });
    expect(rig.unlocked).toEqual([]);
    rig.stand(100, alice);
    expect(rig.unlocked).toEqual(["alice"]);
    expect(rig.typesOf()).toEqual(["granted"]);
  });

  it("never opens for a badge whose face has gone, however short a time ago it was judged", () => {
    const rig = rigAsking();
    rig.stand(3000, alice);
    rig.clock.advance(1100);
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.clock.advance(5000);
    expect(rig.unlocked).toEqual([]);
    // One fresh frame is not yet agreement: what was seen before the pause counts no more.
    rig.stand(100, alice);
    expect(rig.unlocked).toEqual([]);
    rig.stand(100, alice);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("refuses once when no badge comes within 10 s, and a badge after that does not help this visit", () => {
    const rig = rigAsking();
    rig.stand(12_000, alice);
    const denied = rig.events.filter(({ type }) => type === "denied");
    expect(denied).toMatchObject([{ fields: { reason: "second-factor-missing", person: "alice" } }]);
    expect(rig.shown.at(-1)).toMatchObject({ kind: "refused" });
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.stand(5000, alice);
    expect(rig.unlocked).toEqual([]);
    rig.admission.trackEnded(1);
    rig.stand(1000, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("notes the refusal of somebody who goes away instead, and shows nothing to nobody", () => {
    const rig = rigAsking();
    rig.stand(2000, alice);
    const shown = rig.shown.length;
    rig.admission.trackEnded(1);
    rig.clock.advance(20_000);
    expect(rig.events).toMatchObject([{ type: "denied", fields: { reason: "second-factor-missing", track: 1 } }]);
    expect(rig.shown).toHaveLength(shown);
  });

  it("does not take the badge of somebody else", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "bob" });
    rig.stand(5000, alice);
    expect(rig.unlocked).toEqual([]);
  });

  it("does not open for a badge without a face", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.stand(5000, [{ track: 1, face: 0 }]);
    expect(rig.unlocked).toEqual([]);
  });

  it("does not open for a badge and a photograph", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.stand(5000, [{ track: 1, face: 1, live: "no-verdict" }]);
    expect(rig.unlocked).toEqual([]);
  });

  it("asks for another turn when the proof of life has lapsed meanwhile, without a refusal, and opens on the new one", () => {
    const rig = rigAsking();
    rig.stand(6000, [{ track: 1, face: 1, live: "no-verdict" }]);
    rig.stand(4000, alice);
    rig.stand(3000, [{ track: 1, face: 1, live: "no-verdict" }]);
    expect(rig.shown.at(-1)).toMatchObject({ prompt: "turn" });
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.stand(1000, [{ track: 1, face: 1, live: "no-verdict" }]);
    expect([rig.unlocked, rig.events]).toEqual([[], []]);
    rig.stand(200, alice);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("opens once for one badge", () => {
    const rig = rigAsking();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.stand(1000, alice);
    rig.admission.trackEnded(1);
    rig.clock.advance(15_000);
    rig.stand(3000, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });

  it("keeps nobody waiting when vision is restarted", () => {
    const rig = rigAsking();
    rig.stand(3000, alice);
    rig.admission.reset();
    rig.access.shown({ kind: "badge", person: "alice" });
    rig.clock.advance(15_000);
    rig.stand(100, [{ track: 5, face: 0 }]);
    expect([rig.unlocked, rig.typesOf()]).toEqual([[], []]);
  });

  it("asks for what is configured: presence in its own words", () => {
    const rig = rigAsking("presence");
    rig.stand(2000, alice);
    expect(rig.shown.at(-1)).toMatchObject({ title: "Please confirm that you are here", prompt: null });
    rig.access.shown({ kind: "presence", person: "alice" });
    rig.stand(200, alice);
    expect(rig.unlocked).toEqual(["alice"]);
  });
});

describe("a door with rules", () => {
  it("tells nobody at the door which rule it was, and writes the reason down", () => {
    const rig = new AdmissionRig();
    rig.access.putRule(ruleDefinition.parse({ id: "staff", groups: ["staff"] }), "test");
    rig.stand(4000, alice);
    expect(rig.unlocked).toEqual([]);
    expect(rig.events).toMatchObject([{ type: "denied", fields: { reason: "not-permitted", person: "alice" } }]);
    expect(rig.shown.at(-1)).toMatchObject({ kind: "refused", detail: "" });
  });

  it("refuses what depends on the time while the clock is not set", () => {
    const rig = new AdmissionRig();
    rig.isClockTrusted = false;
    const weekly = [{ days: ["mon" as const], from: "00:00", until: "24:00" }];
    rig.access.putSchedule({ id: "s", timeZone: "UTC", weekly, holidays: [], onHolidays: [] }, "test");
    rig.access.putRule(ruleDefinition.parse({ id: "timed", groups: ["*"], schedule: "s" }), "test");
    rig.stand(4000, alice);
    expect(rig.events).toMatchObject([{ type: "denied", fields: { reason: "clock-unset" } }]);
    rig.access.putRule(ruleDefinition.parse({ id: "always", groups: ["*"] }), "test");
    rig.stand(2000, [{ track: 2, face: 1 }]);
    expect(rig.unlocked).toEqual(["alice"]);
  });
});
