import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { acknowledgeWithinMs } from "../../../../src/daemon/challenge/challenges.ts";
import { drawLights, lightSequences } from "../../../../src/daemon/challenge/draw.ts";
import { lightHeldMs } from "../../../../src/daemon/challenge/round.ts";
import { lightColours } from "../../../../src/pipeline/liveness/light/colours.ts";
import { ChallengeRig } from "../../../support/challenge-rig.ts";

/** A track that has done every action, and before which the first colour is shown. */
function lit(options: ConstructorParameters<typeof ChallengeRig>[0] = {}): ChallengeRig {
  const rig = new ChallengeRig({ colouredLight: "deny", ...options });
  rig.see(7, null);
  expect(rig.challenges.ask(7, "alice")).toBeNull();
  while (rig.step.light === undefined) {
    rig.acknowledge();
    rig.see(7, "done");
  }
  return rig;
}

/** Every colour is painted and stands for its time. */
function shine(rig: ChallengeRig): void {
  for (let left = 4; left > 0; left--) {
    rig.clock.advance(360);
    expect(rig.acknowledge()).toBe(true);
    rig.clock.advance(lightHeldMs);
  }
}

describe("coloured light after the actions of a challenge", () => {
  it("is passed by a sighting taken after the last colour, and by nothing before", () => {
    const rig = lit();
    expect(rig.see(7, "done").lacksChallenge).toBe(true);
    shine(rig);
    const last = rig.lights.at(-1);
    expect(rig.see(7, null, { capturedAtMs: last?.untilMs ?? 0 }).lacksChallenge).toBe(true);
    expect(rig.see(7, null)).toMatchObject({ lacksChallenge: false, liveness: { verdict: "live" } });
    expect(rig.board.current.kind).toBe("idle");
  });

  it("tells vision each colour with the time at which it was acknowledged, and no action", () => {
    const rig = lit();
    const actions = rig.commands.length;
    rig.clock.advance(360);
    const colour = rig.step.light;
    expect(rig.lights).toEqual([]);
    rig.acknowledge();
    const fromMs = rig.clock.nowMs();
    expect(rig.lights).toMatchObject([{ trackId: 7, colour, fromMs, untilMs: fromMs + lightHeldMs }]);
    expect(rig.commands).toHaveLength(actions);
  });

  it("has the camera held before each colour is shown, beyond the time that it may take, and not for actions", () => {
    const rig = new ChallengeRig({ colouredLight: "deny" });
    rig.see(7, null);
    rig.challenges.ask(7, "alice");
    rig.acknowledge();
    expect(rig.holds).toEqual([]);
    const holding = lit();
    expect(holding.step.isRunning).toBe(false);
    expect(holding.holds.at(-1)).toBeGreaterThanOrEqual(holding.clock.nowMs() + acknowledgeWithinMs + lightHeldMs);
    shine(holding);
    expect(holding.holds).toHaveLength(4);
  });

  it("shows the next colour by itself, each under a secret of its own, less than three times a second", () => {
    const rig = lit();
    shine(rig);
    const shown = rig.shown.flatMap(({ challenge }) => (challenge?.light && !challenge.isRunning ? [challenge] : []));
    expect(shown.map(({ light }) => light)).toEqual(rig.lights.map(({ colour }) => colour));
    expect(new Set(shown.map(({ nonce }) => nonce)).size).toBe(4);
    for (const [n, { fromMs }] of rig.lights.slice(1).entries()) {
      expect(fromMs - (rig.lights[n]?.fromMs ?? 0)).toBeGreaterThan(1000 / 3);
    }
  });

  it("keeps large words on the display, and asks the person to hold still", () => {
    const { board } = lit();
    expect(board.current).toMatchObject({ kind: "prompt", prompt: "hold-still", title: "Please hold still" });
  });

  it("does not pass a face that the colours found to be a sheet", () => {
    const rig = lit();
    shine(rig);
    expect(rig.see(7, null, { verdict: "spoof" }).liveness.verdict).toBe("spoof");
  });

  it("fails when a colour is not acknowledged, and then there is no display", () => {
    const rig = lit();
    rig.clock.advance(acknowledgeWithinMs);
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.challenges.ask(7, "alice")).toBe("display-missing");
  });

  it("fails when nobody is seen after the last colour", () => {
    const rig = lit();
    shine(rig);
    rig.clock.advance(600);
    expect(rig.board.current.challenge).toBeUndefined();
    expect(rig.see(7, null).lacksChallenge).toBe(true);
  });

  it("ends with the track, and no colour comes after that", () => {
    const rig = lit();
    rig.acknowledge();
    rig.challenges.trackEnded(7);
    const shown = rig.shown.length;
    rig.clock.advance(5000);
    expect(rig.shown).toHaveLength(shown);
    expect(rig.board.current.kind).toBe("idle");
  });

  it("is not shown on a display that is set to less motion, and says so; the actions count", () => {
    const rig = lit();
    expect(rig.acknowledge({ calm: true })).toBe(true);
    expect(rig.lights).toEqual([]);
    const { liveness, lacksChallenge } = rig.see(7, null);
    expect(lacksChallenge).toBe(false);
    expect(liveness.verdict).toBe("live");
    expect(liveness.cues.at(-1)).toMatchObject({ name: "coloured-light", verdict: "no-verdict" });
  });

  it("cannot be declined without the secret of the step", () => {
    const rig = lit();
    expect(rig.acknowledge({ calm: true, nonce: "0".repeat(32) })).toBe(false);
    expect(rig.see(7, null).lacksChallenge).toBe(true);
  });

  it("declines no action: calm or not, it has to be done", () => {
    const rig = new ChallengeRig({ colouredLight: "deny" });
    rig.see(7, null);
    rig.challenges.ask(7, "alice");
    rig.acknowledge({ calm: true });
    expect(rig.see(7, "open").lacksChallenge).toBe(true);
    expect(rig.commands).toHaveLength(1);
  });

  it("is off unless it was asked for", () => {
    const rig = new ChallengeRig();
    rig.see(7, null);
    rig.challenges.ask(7, "alice");
    rig.pass(7);
    expect(rig.see(7, null).lacksChallenge).toBe(false);
    expect(rig.shown.every(({ challenge }) => challenge?.light === undefined)).toBe(true);
  });

  it("asks for a turn to the other side before it, where the first showed no depth", () => {
    const rig = new ChallengeRig({ colouredLight: "deny" });
    rig.see(7, null, { verdict: "no-verdict" });
    rig.challenges.ask(7, "alice");
    while (rig.step.light === undefined) {
      rig.acknowledge();
      rig.see(7, "done", { verdict: "no-verdict" });
    }
    expect(rig.commands.filter(({ action }) => action.startsWith("turn"))).toHaveLength(2);
    shine(rig);
    expect(rig.lights).toHaveLength(4);
  });
});

describe("the order of colours", () => {
  it("is one of 18, with every colour in it and none twice in a row", () => {
    expect(new Set(lightSequences.map((colours) => colours.join()))).toHaveProperty("size", 18);
    for (const colours of lightSequences) {
      expect(new Set(colours).size).toBe(lightColours.length);
      for (const [n, colour] of colours.slice(1).entries()) expect(colour).not.toBe(colours[n]);
    }
  });

  it("is drawn evenly", () => {
    const random = seededRandom(5);
    const counts = new Map<string, number>();
    for (let n = 0; n < 1800; n++) {
      const drawn = drawLights(random).join();
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect(counts.size).toBe(18);
    expect(Math.min(...counts.values())).toBeGreaterThan(60);
    expect(Math.max(...counts.values())).toBeLessThan(145);
  });

  it.each([1, Number.NaN, -0.1])("is not drawn from a source of chance that gives %d", (value) => {
    expect(() => drawLights(() => value)).toThrow(RangeError);
  });
});
