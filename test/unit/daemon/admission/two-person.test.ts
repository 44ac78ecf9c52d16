import { describe, expect, it } from "vitest";
import { ruleDefinition } from "../../../../src/daemon/access/definitions.ts";
import { AdmissionRig, person } from "../../../support/admission-rig.ts";

const alice = { track: 1, face: 1 };
const bob = { track: 2, face: 2 };
const stranger = { track: 3, face: 0 };

function rigForTwo(): AdmissionRig {
  const rig = new AdmissionRig();
  rig.people.set("alice", person("alice", { groups: ["vault"] }));
  rig.people.set("bob", person("bob", { groups: ["vault"] }));
  rig.access.putRule(ruleDefinition.parse({ id: "vault", groups: ["vault"], persons: 2 }), "test");
  return rig;
}

describe("a door that opens to two people together", () => {
  it("opens when both stand there, for each of them", () => {
    const rig = rigForTwo();
    rig.stand(2000, [alice, bob]);
    expect(rig.unlocked).toEqual(["bob", "alice"]);
    expect(rig.typesOf()).toEqual(["granted", "granted"]);
  });

  it("asks one who comes first to wait, and opens when the other joins", () => {
    const rig = rigForTwo();
    rig.stand(3000, [alice]);
    expect(rig.shown.at(-1)?.title).toBe("Waiting for a second person");
    expect([rig.unlocked, rig.events]).toEqual([[], []]);
    rig.stand(2000, [alice, bob]);
    expect(rig.unlocked).toHaveLength(2);
  });

  it("never opens to one alone, and refuses after 10 s without counting it as a failed badge", () => {
    const rig = rigForTwo();
    rig.stand(12_000, [alice]);
    expect(rig.unlocked).toEqual([]);
    expect(rig.events.filter(({ type }) => type !== "visitor")).toMatchObject([
      { type: "denied", fields: { reason: "two-person-waiting", person: "alice" } },
    ]);
  });

  it("never opens to one after the other, however close", () => {
    const rig = rigForTwo();
    rig.stand(3000, [alice]);
    rig.admission.trackEnded(1);
    rig.stand(3000, [bob]);
    expect(rig.unlocked).toEqual([]);
  });

  it("does not count somebody who was there a moment ago and is not seen any more", () => {
    const rig = rigForTwo();
    rig.stand(3000, [alice]);
    rig.clock.advance(1100);
    rig.stand(3000, [bob]);
    expect(rig.unlocked).toEqual([]);
  });

  it("does not count a stranger, a spoof, or somebody who may not enter", () => {
    const rig = rigForTwo();
    rig.people.set("bob", person("bob", { groups: ["guests"] }));
    rig.stand(3000, [alice, bob, stranger]);
    expect(rig.unlocked).toEqual([]);
    const other = rigForTwo();
    other.stand(3000, [alice, { ...bob, live: "no-verdict" }]);
    expect(other.unlocked).toEqual([]);
  });

  it("does not count one person twice", () => {
    const rig = rigForTwo();
    rig.distances = [0.66, 0.3, 0.2];
    rig.names = [null, "alice", "alice"];
    rig.stand(3000, [alice, bob]);
    expect(rig.unlocked).toEqual([]);
  });
});
