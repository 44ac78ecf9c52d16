import { describe, expect, it } from "vitest";
import { acknowledgeWithinMs, maxAttempts, proofMs, restMs } from "../../../../src/daemon/challenge/challenges.ts";
import { blinkLimitMs, stepLimitMs } from "../../../../src/daemon/challenge/round.ts";
import type { CueResult } from "../../../../src/pipeline/types.ts";
import { ChallengeRig } from "../../../support/challenge-rig.ts";
import { faceOf, sightingOf } from "../../../support/sightings.ts";

const begun = (options: ConstructorParameters<typeof ChallengeRig>[0] = {}) => {
  const rig = new ChallengeRig(options);
  rig.see(7, null);
  expect(rig.challenges.ask(7, "alice")).toBeNull();
  return rig;
};

describe("a challenge", () => {
  it("is passed by a track that does every step, and only then counts", () => {
    const rig = begun();
    for (let step = 1; step <= rig.step.steps; step++) {
      expect(rig.step).toMatchObject({ step, isRunning: false });
      expect(rig.acknowledge()).toBe(true);
      expect(rig.step.isRunning).toBe(true);
      expect(rig.see(7, "open")).toMatchObject({ lacksChallenge: true, liveness: { verdict: "no-verdict" } });
      const isLast = step === rig.step.steps;
      const seen = rig.see(7, "done");
      expect(seen.lacksChallenge).toBe(!isLast);
      expect(seen.liveness.verdict).toBe(isLast ? "live" : "no-verdict");
      if (isLast) break;
    }
    expect(rig.board.current.kind).toBe("idle");
  });

  it("tells vision the acknowledged time of each step, and a deadline after it", () => {
    const rig = begun();
    expect(rig.commands).toEqual([]);
    rig.clock.advance(700);
    rig.acknowledge();
    const [command] = rig.commands;
    expect(command).toMatchObject({ trackId: 7, step: 1, fromMs: rig.clock.nowMs() });
    expect((command?.untilMs ?? 0) - (command?.fromMs ?? 0)).toBe(stepLimitMs);
    expect(rig.board.current.prompt).toBe(command?.action);
  });

  it("shows how much time is left, also to a page that comes later", () => {
    const rig = begun();
    rig.acknowledge();
    rig.clock.advance(1500);
    expect(rig.step).toMatchObject({ remainingMs: stepLimitMs - 1500, limitMs: stepLimitMs });
  });

  it("has another sequence the next time, and secrets of its own for each step", () => {
    const rig = begun();
    const nonces = new Set<string>();
    let before = "";
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      rig.challenges.ask(7, "alice");
      nonces.add(rig.step.nonce);
      const { id } = rig.step;
      expect(id).not.toBe(before);
      before = id;
      rig.acknowledge();
      rig.see(7, "failed");
      rig.clock.advance(restMs);
    }
    expect(nonces.size).toBe(maxAttempts);
  });

  it("is not passed while passive has not found the face live, and counts as soon as it has", () => {
    const rig = new ChallengeRig();
    rig.see(7, null, { verdict: "no-verdict" });
    rig.challenges.ask(7, "alice");
    while (rig.board.current.challenge) {
      rig.acknowledge();
      rig.see(7, "done", { verdict: "no-verdict" });
    }
    expect(rig.see(7, null, { verdict: "no-verdict" })).toMatchObject({
      lacksChallenge: false,
      liveness: { verdict: "no-verdict" },
    });
    expect(rig.see(7, null, { verdict: "live" }).liveness.verdict).toBe("live");
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "asks for a turn to either side while passive has not found depth (seed %d)",
    (seed) => {
      const rig = new ChallengeRig({ seed });
      rig.see(7, null, { verdict: "no-verdict" });
      rig.challenges.ask(7, "alice");
      while (rig.board.current.challenge) {
        rig.acknowledge();
        rig.see(7, "done", { verdict: "no-verdict" });
      }
      const asked = rig.commands.map(({ action }) => action);
      expect(new Set(asked).size).toBe(asked.length);
      const turns = asked.flatMap((action, n) => (action.startsWith("turn") ? [n] : []));
      expect(turns).toHaveLength(2);
      expect((turns[1] ?? 0) - (turns[0] ?? 0)).toBe(1);
      expect(rig.shown.at(-2)?.challenge?.steps).toBe(asked.length);
    },
  );

  it("remembers that the face was live a moment ago: a turn may have been its first step", () => {
    const rig = begun();
    for (let left = rig.step.steps; left > 0; left--) {
      rig.acknowledge();
      rig.see(7, "done", { verdict: "no-verdict" });
    }
    expect(rig.see(7, null, { verdict: "no-verdict" }).liveness.verdict).toBe("live");
  });

  it("never overrules a spoof", () => {
    const rig = begun();
    rig.pass(7);
    expect(rig.see(7, null, { verdict: "spoof" }).liveness.verdict).toBe("spoof");
  });

  it("counts for its person and its track alone, and not for long", () => {
    const rig = begun();
    rig.pass(7);
    expect(rig.see(7, null).lacksChallenge).toBe(false);
    expect(rig.see(8, null).lacksChallenge).toBe(true);
    const bob = rig.challenges.sighted(sightingOf(7, rig.clock.nowMs()), "bob");
    expect(bob).toMatchObject({ lacksChallenge: true, liveness: { verdict: "no-verdict" } });
    rig.clock.advance(proofMs);
    expect(rig.see(7, null)).toMatchObject({ lacksChallenge: true, liveness: { verdict: "no-verdict" } });
  });
});

describe("an acknowledgement", () => {
  it.each([
    ["of another challenge", { challenge: "0".repeat(32) }],
    ["of a step that is not shown", { step: 2 }],
    ["with a forged nonce", { nonce: "0".repeat(32) }],
  ])("%s is refused, and no time begins", (_name, changes) => {
    const rig = begun();
    expect(rig.acknowledge(changes)).toBe(false);
    expect(rig.commands).toEqual([]);
    expect(rig.step.isRunning).toBe(false);
  });

  it("counts once: a second one does not move the window", () => {
    const rig = begun();
    const { id, step, nonce } = rig.step;
    expect(rig.acknowledge()).toBe(true);
    rig.clock.advance(1000);
    expect(rig.challenges.acknowledge({ challenge: id, step, nonce })).toBe(false);
    expect(rig.commands).toHaveLength(1);
  });

  it("of the step before is refused when the next one is shown", () => {
    const rig = begun();
    const { id, nonce } = rig.step;
    rig.acknowledge();
    rig.see(7, "done");
    expect(rig.challenges.acknowledge({ challenge: id, step: 1, nonce })).toBe(false);
    expect(rig.challenges.acknowledge({ challenge: id, step: 2, nonce })).toBe(false);
    expect(rig.step).toMatchObject({ step: 2, isRunning: false });
  });

  it("after the challenge is over, or before there is one, is refused", () => {
    const rig = begun();
    const { id, step, nonce } = rig.step;
    rig.challenges.trackEnded(7);
    expect(rig.challenges.acknowledge({ challenge: id, step, nonce })).toBe(false);
    expect(new ChallengeRig().challenges.acknowledge({ challenge: id, step, nonce })).toBe(false);
  });

  it("that comes too late finds the challenge failed", () => {
    const rig = begun();
    const { id, step, nonce } = rig.step;
    rig.clock.advance(acknowledgeWithinMs);
    expect(rig.challenges.acknowledge({ challenge: id, step, nonce })).toBe(false);
    expect(rig.commands).toEqual([]);
  });
});

describe("what vision says", () => {
  it("of a step that was not acknowledged does not count", () => {
    const rig = begun();
    const { id } = rig.step;
    rig.see(7, null, { challenge: { id, step: 1, state: "done", says: "forged" } });
    expect(rig.step).toMatchObject({ step: 1, isRunning: false });
  });

  it.each([
    ["another challenge", { id: "other", step: 1 }],
    ["another step", { step: 2 }],
  ])("of %s does not count", (_name, changes) => {
    const rig = begun();
    rig.acknowledge();
    const { id, step } = rig.step;
    rig.see(7, null, { challenge: { ...{ id, step, state: "done", says: "" }, ...changes } });
    expect(rig.step.step).toBe(1);
  });

  it("of another track does not count: the one beside it cannot answer for it", () => {
    const rig = begun();
    rig.acknowledge();
    rig.see(8, "done");
    expect(rig.step.step).toBe(1);
    expect(rig.see(8, null).lacksChallenge).toBe(true);
  });

  it("of a frame before the acknowledgement or from long ago does not count", () => {
    const rig = begun();
    rig.clock.advance(500);
    rig.acknowledge();
    const { id, step } = rig.step;
    const done = { challenge: { id, step, state: "done" as const, says: "" } };
    rig.challenges.sighted(sightingOf(7, rig.clock.nowMs() - 100, done), "alice");
    expect(rig.step.step).toBe(1);
    rig.clock.advance(2000);
    rig.challenges.sighted(sightingOf(7, rig.clock.nowMs() - 1500, done), "alice");
    expect(rig.step.step).toBe(1);
  });
});

describe("a challenge that fails", () => {
  it("is followed by another one after a rest, and by none after the last attempt", () => {
    const rig = begun();
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      expect(rig.challenges.ask(7, "alice")).toBeNull();
      rig.acknowledge();
      rig.see(7, "failed");
      expect(rig.board.current.challenge).toBeUndefined();
      if (attempt < maxAttempts) {
        expect(rig.board.current.title).toBe("Let us try that again");
        expect(rig.challenges.ask(7, "alice")).toBeNull();
        expect(rig.board.current.challenge).toBeUndefined();
      }
      rig.clock.advance(restMs);
    }
    expect(rig.challenges.ask(7, "alice")).toBe("challenge-failed");
    expect(rig.log.lines.filter(({ message }) => message === "challenge failed")).toHaveLength(maxAttempts);
  });

  it("is followed by one of four things: a recording that tries again has more to be right about", () => {
    const rig = begun();
    expect(rig.step.steps).toBe(3);
    rig.acknowledge();
    rig.see(7, "failed");
    rig.clock.advance(restMs);
    rig.challenges.ask(7, "alice");
    expect(rig.step.steps).toBe(4);
  });

  it("leaves others with three things to do", () => {
    const rig = begun();
    rig.acknowledge();
    rig.see(7, "failed");
    rig.challenges.trackEnded(7);
    rig.see(8, null);
    rig.challenges.ask(8, "bob");
    expect(rig.step.steps).toBe(3);
  });

  it("fails when its time is over though nothing is seen any more", () => {
    const rig = begun();
    rig.acknowledge();
    rig.clock.advance(stepLimitMs + 1000);
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.log.lines.at(-1)).toMatchObject({ message: "challenge failed", fields: { attempts: 1 } });
  });

  it("leaves its turn to another track during the rest", () => {
    const rig = begun();
    rig.see(8, null);
    rig.challenges.ask(8, "bob");
    rig.acknowledge();
    expect(rig.commands.at(-1)?.trackId).toBe(7);
    rig.see(7, "failed");
    rig.challenges.ask(8, "bob");
    rig.acknowledge();
    expect(rig.commands.at(-1)?.trackId).toBe(8);
  });

  it("ends with its track: the same face on a new track has passed nothing", () => {
    const rig = begun();
    rig.acknowledge();
    rig.see(7, "done");
    rig.challenges.trackEnded(7);
    expect(rig.board.current.kind).toBe("idle");
    expect(rig.see(9, null).lacksChallenge).toBe(true);
    rig.clock.advance(60_000);
    expect(rig.log.lines.filter(({ message }) => message === "challenge failed")).toEqual([]);
  });

  it("ends when vision is lost, and nothing that was passed counts any more", () => {
    const rig = begun();
    rig.pass(7);
    rig.challenges.reset();
    expect(rig.see(7, null).lacksChallenge).toBe(true);
  });
});

/** In which the track of the rig has come to the step that asks for blinks. */
function atBlinks(): ChallengeRig {
  for (let seed = 1; ; seed++) {
    const rig = begun({ seed });
    if (rig.until(7, "blink-twice")) return rig;
  }
}

/** As `atBlinks`, in the second challenge of the track; the first one ended thus. */
function secondBlinks(first: "failed" | "wrong"): ChallengeRig {
  for (let seed = 1; ; seed++) {
    const rig = begun({ seed });
    rig.acknowledge();
    rig.see(7, first);
    rig.clock.advance(restMs);
    rig.see(7, null);
    rig.challenges.ask(7, "alice");
    if (rig.until(7, "blink-twice")) return rig;
  }
}

describe("blinks that were not seen", () => {
  it("are waited for a shorter time than what cannot be missed", () => {
    const { fromMs = 0, untilMs = 0 } = atBlinks().commands.at(-1) ?? {};
    expect(untilMs - fromMs).toBe(blinkLimitMs);
    expect(blinkLimitMs).toBeLessThan(stepLimitMs);
  });

  it("are followed at once by something else, in the same challenge, and the track has as much to do as before", () => {
    const rig = atBlinks();
    const { id, step, steps } = rig.step;
    rig.see(7, "missed");
    expect(rig.step).toMatchObject({ id, step: step + 1, steps: steps + 1, isRunning: false });
    rig.acknowledge();
    expect(rig.commands.at(-1)?.action).not.toBe("blink-twice");
    rig.see(7, "open");
    while (rig.board.current.challenge) {
      expect(rig.see(7, null).lacksChallenge).toBe(true);
      rig.acknowledge();
      rig.see(7, "done");
    }
    expect(rig.see(7, null)).toMatchObject({ lacksChallenge: false, liveness: { verdict: "live" } });
    const asked = rig.commands.map(({ action }) => action);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toContain("open-mouth");
  });

  it.each(["missed", "failed", "wrong"] as const)(
    "leave no further try to whoever then has the next step %s: a recording with pauses in it",
    (state) => {
      const rig = atBlinks();
      rig.see(7, "missed");
      rig.acknowledge();
      rig.see(7, state);
      expect(rig.board.current.challenge).toBeUndefined();
      rig.clock.advance(restMs);
      expect(rig.challenges.ask(7, "alice")).toBe("challenge-failed");
    },
  );

  it.each(["failed", "wrong"] as const)("after a challenge that was %s are not asked again: they fail", (state) => {
    const rig = secondBlinks(state);
    rig.see(7, "missed");
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.log.lines.at(-1)).toMatchObject({ message: "challenge failed", fields: { step: "blink-twice" } });
  });

  it("are forgotten when the challenge is passed", () => {
    const rig = atBlinks();
    rig.see(7, "missed");
    while (rig.board.current.challenge) {
      rig.acknowledge();
      rig.see(7, "done");
    }
    rig.clock.advance(proofMs + 100);
    rig.see(7, null);
    expect(rig.challenges.ask(7, "alice")).toBeNull();
    expect(rig.step.step).toBe(1);
  });

  it("are the only thing that may be missed: a turn that is not seen fails", () => {
    for (let seed = 1; seed < 9; seed++) {
      const rig = begun({ seed });
      if (rig.board.current.prompt === "blink-twice") continue;
      rig.acknowledge();
      rig.see(7, "missed");
      expect(rig.board.current.challenge).toBeUndefined();
      expect(rig.log.lines.at(-1)).toMatchObject({ message: "challenge failed", fields: { attempts: 1 } });
    }
  });

  it("do not count when they are reported of the step before, or of a face that was out of view", () => {
    const rig = atBlinks();
    const { id, step } = rig.step;
    rig.see(7, "missed");
    rig.acknowledge();
    const now = rig.step.step;
    rig.see(7, null, { challenge: { id, step, state: "missed", says: "late" } });
    expect(rig.step.step).toBe(now);
    const other = atBlinks();
    other.see(7, "failed");
    expect(other.board.current.challenge).toBeUndefined();
  });

  it("and a flat turn after them ask for the turn to the other side as ever, and for eyes or mouth", () => {
    for (let seed = 1; seed < 60; seed++) {
      const rig = new ChallengeRig({ seed });
      rig.see(7, null, { verdict: "no-verdict" });
      rig.challenges.ask(7, "alice");
      while (rig.board.current.challenge) {
        rig.acknowledge();
        const isBlink = rig.commands.at(-1)?.action === "blink-twice";
        rig.see(7, isBlink ? "missed" : "done", { verdict: "no-verdict" });
      }
      const done = rig.commands.map(({ action }) => action).filter((action) => action !== "blink-twice");
      expect(done).toEqual(expect.arrayContaining(["turn-left", "turn-right", "open-mouth"]));
      expect(new Set(done).size).toBe(done.length);
    }
  });
});

describe("a face in the dark", () => {
  const dark = { face: faceOf({ brightness: 25 }) };

  it("is lit by the whole display, whoever it is and whatever is shown", () => {
    const rig = new ChallengeRig();
    for (let n = 0; n < 4; n++) rig.see(7, null, dark);
    expect(rig.board.current).toMatchObject({ kind: "idle", isBright: true });
    rig.challenges.ask(7, "alice");
    rig.acknowledge();
    expect(rig.board.current).toMatchObject({ kind: "prompt", isBright: true, challenge: { isRunning: true } });
    rig.challenges.reset();
    expect(rig.board.current.isBright).toBeUndefined();
  });

  it("is not lit where the light of the display is itself a proof", () => {
    const rig = new ChallengeRig({ colouredLight: "deny" });
    for (let n = 0; n < 9; n++) rig.see(7, null, dark);
    expect(rig.board.current.isBright).toBeUndefined();
  });
});

describe("the display", () => {
  it.each([
    ["refuse", "display-missing"],
    ["ask", "ask-somebody"],
  ] as const)("that is not there: %s", (withoutDisplay, refusal) => {
    const rig = new ChallengeRig({ withoutDisplay });
    rig.screens.count = 0;
    rig.see(7, null);
    expect(rig.challenges.ask(7, "alice")).toBe(refusal);
    expect(rig.board.current.kind).toBe("idle");
    expect(rig.see(7, null)).toMatchObject({ lacksChallenge: true, liveness: { verdict: "no-verdict" } });
  });

  it("that is lost in the midst of a challenge ends it, and what was done of it is gone", () => {
    const rig = begun();
    rig.acknowledge();
    rig.screens.count = 0;
    expect(rig.see(7, "done").lacksChallenge).toBe(true);
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.challenges.ask(7, "alice")).toBe("display-missing");
    rig.screens.count = 1;
    rig.clock.advance(restMs);
    rig.see(7, null);
    rig.challenges.ask(7, "alice");
    expect(rig.step.step).toBe(1);
  });

  it("that paints nothing is no display", () => {
    const rig = begun();
    rig.clock.advance(acknowledgeWithinMs);
    expect(rig.challenges.ask(7, "alice")).toBe("display-missing");
  });

  it("shows nothing else while a challenge stands, but a greeting", () => {
    const rig = begun();
    rig.board.show({ kind: "refused", title: "Please ring reception", detail: "", prompt: null }, 6000);
    rig.board.show({ kind: "prompt", title: "Please come closer", detail: "", prompt: "come-closer" }, 6000);
    expect(rig.step.step).toBe(1);
    rig.board.show({ kind: "granted", title: "Welcome", detail: "", prompt: null }, 5000);
    expect(rig.board.current.kind).toBe("granted");
  });
});

describe("strict", () => {
  const network = (verdict: CueResult["verdict"]) => ({
    liveness: { verdict: "live" as const, cues: [{ name: "network", score: 0.5, verdict, says: "" }] },
  });

  it.each(["live", "no-verdict"] as const)("with the networks' %s", (verdict) => {
    const rig = begun({ level: "strict" });
    rig.pass(7);
    expect(rig.see(7, null, network(verdict)).liveness.verdict).toBe(verdict);
  });

  it("without a word of the networks nothing is live", () => {
    const rig = begun({ level: "strict" });
    rig.pass(7);
    expect(rig.see(7, null).liveness.verdict).toBe("no-verdict");
  });
});
