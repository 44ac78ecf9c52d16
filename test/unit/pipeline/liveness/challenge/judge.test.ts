import { describe, expect, it } from "vitest";
import { type ChallengeAction, challengeActions } from "../../../../../src/pipeline/liveness/challenge/actions.ts";
import {
  firstBlinkMs,
  judgeStep,
  type Performance,
  perform,
} from "../../../../../src/pipeline/liveness/challenge/judge.ts";
import { doing, type Episode, gesturesOf, type Shown, type Take } from "../../../../support/gestures.ts";

/** The step is acknowledged at 0 and may be done for four seconds. */
const asked = (action: ChallengeAction, changes: Partial<Performance["current"]> = {}): Performance =>
  perform(null, { id: "c", step: 1, action, fromMs: 0, untilMs: 4000, ...changes });

const two = (firstMs: number, shown: Shown = doing.shut): Episode[] => [
  [firstMs, firstMs + 300, shown],
  [firstMs + 700, firstMs + 1000, shown],
];
/** The action begun at a time, as a person does it. */
const answer = (action: ChallengeAction, atMs: number): Episode[] =>
  action === "blink-twice" ? two(atMs) : [[atMs, atMs + 1200, doing[action]]];
const judge = (action: ChallengeAction, take: Take) => judgeStep(asked(action), gesturesOf(take));
const stateOf = (action: ChallengeAction, take: Take) => judge(action, take).state;

describe("a step of a challenge", () => {
  it.each(challengeActions)("%s is done by whoever does it within the window", (action) => {
    expect(judge(action, { untilMs: 2500, episodes: answer(action, 700) })).toMatchObject({ state: "done" });
  });

  it.each(challengeActions)(
    "%s is open until its time is over, and then missed, for whoever does nothing",
    (action) => {
      expect(stateOf(action, { untilMs: action === "blink-twice" ? firstBlinkMs - 100 : 3900 })).toBe("open");
      expect(judge(action, { untilMs: 4000 })).toMatchObject({
        state: "missed",
        says: expect.stringMatching(/in time$/),
      });
    },
  );

  const others = challengeActions.flatMap((action) =>
    challengeActions.filter((other) => other !== action).map((other) => [action, other] as const),
  );
  it.each(others)("%s is not done by %s", (action, other) => {
    const isHeard = other !== "blink-twice";
    expect(stateOf(action, { untilMs: 4000, episodes: answer(other, 700) })).toBe(isHeard ? "wrong" : "missed");
  });

  it.each([
    ["turn-left", "turn-right"],
    ["turn-right", "turn-left"],
    ["turn-left", "look-up"],
    ["look-up", "turn-left"],
    ["blink-twice", "turn-right"],
    ["open-mouth", "look-up"],
    ["blink-twice", "open-mouth"],
  ] as const)("%s is answered wrongly by %s, at once, also when the right answer follows", (action, wrong) => {
    const episodes = [...answer(wrong, 600), ...answer(action, 2200)];
    expect(stateOf(action, { untilMs: 1100, episodes })).toBe("wrong");
    expect(stateOf(action, { untilMs: 3900, episodes })).toBe("wrong");
  });

  it.each(["turn-left", "turn-right", "look-up"] as const)(
    "blinking or talking meanwhile is no wrong answer to %s",
    (action) => {
      const episodes = [...two(300), [1400, 1600, { mouth: 0.4 }] as Episode, ...answer(action, 2000)];
      expect(stateOf(action, { untilMs: 3500, episodes })).toBe("done");
    },
  );

  it.each(challengeActions)("%s that was over before the acknowledgement does not count", (action) => {
    expect(stateOf(action, { fromMs: -3000, untilMs: 4000, episodes: answer(action, -2500) })).toBe("missed");
  });

  it.each(["turn-left", "turn-right", "look-up", "open-mouth"] as const)(
    "%s that was under way at the acknowledgement must be done anew",
    (action) => {
      const underWay: Episode = [-300, 1500, doing[action]];
      // The face at rest is measured around the acknowledgement, so a rest comes between.
      const held = { fromMs: -2000, untilMs: 4000, episodes: [underWay] };
      expect(stateOf(action, held)).not.toBe("done");
      const step = { current: { id: "c", step: 2, action, fromMs: 0, untilMs: 4000 }, sinceMs: -3000 };
      const anew: Episode[] = [underWay, [2300, 3400, doing[action]]];
      expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 1500, episodes: anew })).state).toBe("open");
      expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 3400, episodes: anew })).state).toBe("done");
    },
  );

  it("a blink that began before the acknowledgement is not one of the two", () => {
    const step = {
      current: { id: "c", step: 2, action: "blink-twice" as const, fromMs: 0, untilMs: 4000 },
      sinceMs: -3000,
    };
    const episodes: Episode[] = [
      [-200, 300, doing.shut],
      [900, 1200, doing.shut],
    ];
    expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 3900, episodes })).state).toBe("open");
  });

  it.each(challengeActions)("%s begun sooner than anybody can react does not count", (action) => {
    const step = { current: { id: "c", step: 2, action, fromMs: 0, untilMs: 4000 }, sinceMs: -3000 };
    const shown = action === "blink-twice" ? doing.shut : doing[action];
    for (const fromMs of [50, 250]) {
      const episodes: Episode[] = [[fromMs, 1300, shown]];
      expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 1600, episodes })).state).toBe("open");
      expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 4000, episodes })).state).toBe("missed");
    }
  });

  it("two blinks are not waited for when the eyes were not seen to shut at all; once they have, they are", () => {
    const late: Episode[] = [
      [1500, 1800, doing.shut],
      [2300, 2600, doing.shut],
    ];
    expect(stateOf("blink-twice", { untilMs: firstBlinkMs - 100 })).toBe("open");
    expect(stateOf("blink-twice", { untilMs: firstBlinkMs })).toBe("missed");
    expect(stateOf("blink-twice", { untilMs: 2200, episodes: late })).toBe("open");
    expect(stateOf("blink-twice", { untilMs: 2800, episodes: late })).toBe("done");
    expect(stateOf("blink-twice", { untilMs: 4000, episodes: late.slice(0, 1) })).toBe("missed");
  });

  it("a recording that happens to begin the right thing as it is asked for has not answered, and its next one is wrong", () => {
    const step = {
      current: { id: "c", step: 2, action: "turn-left" as const, fromMs: 0, untilMs: 4000 },
      sinceMs: -3000,
    };
    const episodes: Episode[] = [
      [250, 1250, doing["turn-left"]],
      [1600, 2600, doing["turn-right"]],
    ];
    expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 3000, episodes })).state).toBe("wrong");
  });

  it.each(challengeActions)("%s after the deadline does not count", (action) => {
    expect(stateOf(action, { untilMs: 7000, episodes: answer(action, 3950) })).toBe("missed");
  });

  it("one misplaced frame is no action", () => {
    expect(stateOf("turn-left", { untilMs: 3000, episodes: [[1000, 1090, doing["turn-left"]]] })).toBe("open");
  });

  it("one blink is not two, and eyes kept shut are none", () => {
    expect(stateOf("blink-twice", { untilMs: 3900, episodes: [[1000, 1300, doing.shut]] })).toBe("open");
    expect(
      stateOf("blink-twice", {
        untilMs: 3900,
        episodes: [
          [500, 1900, doing.shut],
          [2200, 3700, doing.shut],
        ],
      }),
    ).toBe("open");
  });

  it("a head that turns and is back at once has not turned: it is held for a moment", () => {
    const glance: Episode[] = [[1000, 1250, doing["turn-left"]]];
    expect(stateOf("turn-left", { untilMs: 3000, episodes: glance })).toBe("open");
    expect(stateOf("turn-right", { untilMs: 3000, episodes: glance })).toBe("wrong");
  });

  it("a mouth that opens while the head comes back from a turn is an open mouth, though it was never seen shut from the front", () => {
    const step = {
      current: { id: "c", step: 2, action: "open-mouth" as const, fromMs: 0, untilMs: 4000 },
      sinceMs: -3000,
    };
    const episodes: Episode[] = [
      [-900, 700, { ...doing["turn-left"], mouth: 0.3 }],
      [700, 2000, { mouth: 0.5 }],
    ];
    expect(judgeStep(step, gesturesOf({ fromMs: -4000, untilMs: 1500, episodes })).state).toBe("done");
  });

  it("a turned face whose mouth looks open has not opened it", () => {
    const episodes: Episode[] = [[700, 2500, { ...doing["turn-left"], mouth: 0.33 }]];
    expect(stateOf("turn-left", { untilMs: 2500, episodes })).toBe("done");
  });

  it("two winks with one eye are no blinks", () => {
    expect(stateOf("blink-twice", { untilMs: 3900, episodes: two(700, { right: 0.15 }) })).toBe("missed");
  });

  it("the smile of a face that narrows its eyes for long is no blink", () => {
    expect(stateOf("blink-twice", { untilMs: 3900, episodes: [[600, 3800, { right: 0.26, left: 0.25 }]] })).toBe(
      "open",
    );
  });

  it.each([
    [0.1, "to the side"],
    [-0.08, "to the other side"],
  ])("is measured from how the person holds the head: %d, %s", (yaw) => {
    const rest: Episode = [-1000, 9000, { yaw }];
    const left: Episode = [900, 2000, { yaw: yaw + 0.2 }];
    expect(stateOf("turn-left", { untilMs: 2000, episodes: [rest, left] })).toBe("done");
    expect(stateOf("turn-right", { untilMs: 2000, episodes: [rest, left] })).toBe("wrong");
    expect(stateOf("turn-left", { untilMs: 3000, episodes: [rest] })).toBe("open");
  });

  it("a later turn is measured from where the head faces by then, of somebody who was still walking up at first", () => {
    const step = (action: ChallengeAction) => ({
      current: { id: "c", step: 2, action, fromMs: 0, untilMs: 4000 },
      sinceMs: -3000,
    });
    const arrived: Episode = [-2400, 9000, { yaw: 0.1 }];
    const right: Episode = [900, 2000, { yaw: -0.09 }];
    const take = (...episodes: Episode[]) => gesturesOf({ fromMs: -4000, untilMs: 2000, episodes });
    expect(judgeStep(step("turn-right"), take(arrived, right)).state).toBe("done");
    // A turn of the step before that is still kept up is no rest: back to the front is no turn to the other side.
    const keptUp: Episode = [-2000, 900, doing["turn-left"]];
    expect(judgeStep(step("turn-right"), take(keptUp)).state).toBe("open");
    expect(judgeStep(step("turn-left"), take(arrived, [900, 2000, { yaw: 0.25 }])).state).toBe("open");
  });

  it("blinks are measured from eyes that a raised chin has narrowed, and a mask that lowers its chin has not blinked", () => {
    const step = {
      current: { id: "c", step: 2, action: "blink-twice" as const, fromMs: 0, untilMs: 4000 },
      sinceMs: -3000,
    };
    const raised: Episode = [-1500, 9000, { drop: 0.28, right: 0.28, left: 0.275 }];
    const shut = { right: 0.215, left: 0.21 };
    const blinks = gesturesOf({ fromMs: -4000, untilMs: 1900, episodes: [raised, ...two(700, shut)] });
    expect(judgeStep(step, blinks).state).toBe("done");
    const nods: Episode[] = [
      [700, 1000, { drop: 0.4, right: 0.265, left: 0.26 }],
      [1400, 1700, { drop: 0.4, right: 0.265, left: 0.26 }],
    ];
    const mask = gesturesOf({ fromMs: -4000, untilMs: 4000, episodes: [raised, ...nods] });
    expect(judgeStep(step, mask).state).toBe("missed");
  });

  it("who waits with the head far turned is measured from nearly frontal", () => {
    const waiting: Episode = [-1000, 9000, { yaw: 0.24 }];
    expect(stateOf("turn-right", { untilMs: 3000, episodes: [waiting, [900, 3000, { yaw: 0.02 }]] })).toBe("open");
  });
});

describe("at 3 frames a second", () => {
  it.each(["turn-left", "turn-right", "look-up", "open-mouth"] as const)("%s that is held is seen", (action) => {
    expect(stateOf(action, { fps: 3, untilMs: 3000, episodes: [[700, 2200, doing[action]]] })).toBe("done");
  });

  it("blinks that fall between the frames are not counted, and nothing passes for want of frames", () => {
    const between: Episode[] = [
      [700, 950, doing.shut],
      [1400, 1600, doing.shut],
    ];
    expect(stateOf("blink-twice", { fps: 3, untilMs: 4000, episodes: between })).toBe("missed");
    for (const action of challengeActions) expect(stateOf(action, { fps: 3, untilMs: 4000 })).toBe("missed");
  });
});

describe("a face that is not there all the time", () => {
  it.each(challengeActions)("fails %s after half a second out of view, whatever it does before and after", (action) => {
    const take: Take = { untilMs: 3900, episodes: answer(action, 1800), unseen: [[1000, 1500]] };
    expect(judge(action, take)).toEqual({ state: "failed", says: "the face was out of view" });
  });

  it("fails a later step when it was lost in an earlier one", () => {
    const second = perform(asked("turn-left"), { id: "c", step: 2, action: "look-up", fromMs: 3000, untilMs: 7000 });
    expect(second.sinceMs).toBe(0);
    const take: Take = { untilMs: 5500, episodes: answer("look-up", 4000), unseen: [[1500, 2100]] };
    expect(judgeStep(second, gesturesOf(take)).state).toBe("failed");
  });

  it("passes with single frames missing", () => {
    const take: Take = {
      untilMs: 2500,
      episodes: answer("look-up", 900),
      unseen: [
        [500, 650],
        [1100, 1350],
      ],
    };
    expect(stateOf("look-up", take)).toBe("done");
  });

  it("fails when nothing was ever seen of it", () => {
    expect(judgeStep(asked("look-up"), gesturesOf({ fromMs: 1, untilMs: 0 })).state).toBe("failed");
  });

  it("fails when it was seen only after the challenge began", () => {
    expect(stateOf("look-up", { fromMs: 200, untilMs: 2000, episodes: answer("look-up", 900) })).toBe("failed");
  });
});

describe("whose face it is", () => {
  const unverified: Episode = [-1000, 9000, { isVerified: false }];

  it("a step that no compared frame vouches for is not done", () => {
    const episodes = [unverified, ...answer("turn-left", 700)];
    expect(stateOf("turn-left", { untilMs: 3000, episodes })).toBe("open");
    expect(judge("turn-left", { untilMs: 4000, episodes }).says).toMatch(/was not compared/);
  });

  const at = (ms: number): Episode => [ms, ms + 90, { isVerified: true }];

  it.each([
    ["turn-left", 1000],
    ["turn-right", 1000],
    ["look-up", 1000],
    ["open-mouth", 1000],
    ["blink-twice", 1000],
  ] as const)("%s: one compared frame that shows it is enough, one before it is not", (action, duringMs) => {
    const episodes = [unverified, ...answer(action, 700)];
    expect(stateOf(action, { untilMs: 2300, episodes: [...episodes, at(-500)] })).toBe("open");
    expect(stateOf(action, { untilMs: 2300, episodes: [...episodes, at(200)] })).toBe("open");
    expect(stateOf(action, { untilMs: 2300, episodes: [...episodes, at(duringMs)] })).toBe("done");
  });

  it.each(challengeActions)(
    "%s is not done by a head that is there only while no picture is compared, before and after a face that is",
    (action) => {
      const swap: Episode = [200, 2400, { isVerified: false }];
      const take = (untilMs: number): Take => ({ untilMs, episodes: [...answer(action, 700), swap] });
      expect(stateOf(action, take(2300))).toBe("open");
      expect(stateOf(action, take(3900))).toBe("open");
      expect(judge(action, take(4000))).toMatchObject({
        state: "failed",
        says: expect.stringMatching(/not compared$/),
      });
    },
  );

  it("who was compared only at rest has time to show it again, and has failed after that", () => {
    const swap: Episode = [200, 1950, { isVerified: false }];
    const episodes = [...answer("look-up", 700), swap];
    const again = [...episodes, ...answer("look-up", 2600)];
    expect(stateOf("look-up", { untilMs: 2500, episodes: again })).toBe("open");
    expect(stateOf("look-up", { untilMs: 2900, episodes: again })).toBe("done");
    expect(judge("look-up", { untilMs: 4000, episodes })).toMatchObject({ state: "failed" });
  });

  it("a turn that was too far to be compared is done when the head was compared right before, or has come back far enough", () => {
    const far: Episode = [700, 1500, { yaw: 0.45, isVerified: false }];
    const back: Episode = [1500, 1700, { yaw: 0.2 }];
    expect(stateOf("turn-left", { untilMs: 1400, episodes: [far, back] })).toBe("done");
    const unseen: Episode = [200, 700, { isVerified: false }];
    expect(stateOf("turn-left", { untilMs: 1400, episodes: [unseen, far, back] })).toBe("open");
    expect(stateOf("turn-left", { untilMs: 1600, episodes: [unseen, far, back] })).toBe("done");
  });
});

describe("the next challenge", () => {
  it("begins anew: a face that was lost in the one before may answer it", () => {
    const again = perform(asked("turn-left"), { id: "d", step: 1, action: "look-up", fromMs: 6000, untilMs: 10_000 });
    expect(again.sinceMs).toBe(6000);
    const take: Take = { untilMs: 8500, episodes: answer("look-up", 7000), unseen: [[1000, 2000]] };
    expect(judgeStep(again, gesturesOf(take)).state).toBe("done");
  });
});
