import { describe, expect, it } from "vitest";
import { personRule, restMs } from "../../../../src/daemon/challenge/challenges.ts";
import { ChallengeRig } from "../../../support/challenge-rig.ts";

describe("too many challenges that nobody passes", () => {
  /** A challenge begins on a new track, and the face goes away in the midst of it. */
  const begin = (rig: ChallengeRig, track: number, person = "alice") => {
    rig.see(track, null);
    const refusal = rig.challenges.ask(track, person);
    rig.challenges.trackEnded(track);
    return refusal;
  };

  it("keep that person waiting on whatever track, longer each time, and nobody else", () => {
    const rig = new ChallengeRig();
    for (let n = 0; n <= personRule.free; n++) expect(begin(rig, n)).toBeNull();
    expect(begin(rig, 20)).toBe("locked-out");
    expect(begin(rig, 21, "bob")).toBeNull();
    rig.clock.advance(personRule.firstMs);
    expect(begin(rig, 22)).toBeNull();
    rig.clock.advance(personRule.firstMs);
    expect(begin(rig, 23)).toBe("locked-out");
    rig.clock.advance(personRule.firstMs);
    expect(begin(rig, 24)).toBeNull();
  });

  it("are forgotten when the person passes one, and after an hour", () => {
    const rig = new ChallengeRig();
    for (let n = 0; n < personRule.free; n++) begin(rig, n);
    rig.see(30, null);
    rig.challenges.ask(30, "alice");
    rig.pass(30);
    for (let n = 0; n <= personRule.free; n++) expect(begin(rig, 40 + n)).toBeNull();
    expect(begin(rig, 50)).toBe("locked-out");
    rig.clock.advance(personRule.forgetMs + 1);
    for (let n = 0; n <= personRule.free; n++) expect(begin(rig, 60 + n)).toBeNull();
  });

  it("do not break off the challenge that is being answered: the last free one may be passed", () => {
    const rig = new ChallengeRig();
    for (let n = 0; n < personRule.free; n++) begin(rig, n);
    rig.see(9, null);
    rig.challenges.ask(9, "alice");
    expect(rig.challenges.ask(9, "alice")).toBeNull();
    rig.pass(9);
    expect(rig.see(9, null).lacksChallenge).toBe(false);
  });
});

describe("a wrong answer", () => {
  it("counts as two failures: after a second one there is no other attempt", () => {
    const rig = new ChallengeRig();
    rig.see(7, null);
    for (let n = 0; n < 2; n++) {
      rig.challenges.ask(7, "alice");
      rig.acknowledge();
      rig.see(7, "wrong");
      expect(rig.board.current.challenge).toBeUndefined();
      rig.clock.advance(restMs);
    }
    expect(rig.challenges.ask(7, "alice")).toBe("challenge-failed");
  });
});
