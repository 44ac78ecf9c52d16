import { beforeAll, describe, expect, it } from "vitest";
import { defaultPolicy, defaultVision } from "../../../src/lab/liveness/door-defaults.ts";
import { type Kind, presentation } from "../../../src/lab/liveness/presentations.ts";
import { type RehearseParts, rehearse } from "../../../src/lab/liveness/rehearse.ts";
import { FigureMaker } from "../../../src/simulation/species.ts";
import type { Sighting } from "../../../src/vision/protocol.ts";
import { castFor, openTestNetworks, testModelCache } from "../../support/vision-kit.ts";

let parts: RehearseParts;

beforeAll(async () => {
  const networks = await openTestNetworks();
  const { limits, scheduling } = defaultVision(testModelCache);
  const cast = await castFor(networks);
  parts = { limits, scheduling, policy: defaultPolicy, networks, cast, maker: new FigureMaker(), level: "active" };
}, 60_000);

/** What was said of the challenge while every passive cue found life: it alone stands between the visitor and the door. */
async function challengeAlone(kind: Kind, seed: number): Promise<{ response: string; said: readonly string[] }> {
  const said = new Set<string>();
  const amend = (sighting: Sighting): Sighting => {
    const { challenge } = sighting;
    if (challenge && challenge.state !== "open") said.add(`${challenge.state}: ${challenge.says}`);
    return { ...sighting, liveness: { verdict: "live", cues: [] } };
  };
  const { response } = await rehearse({ ...parts, amend }, presentation(kind, seed));
  return { response, said: [...said] };
}

describe("the challenge alone, with every passive cue silent", () => {
  it("refuses a replay that turns the other way, or too early", async () => {
    const { response, said } = await challengeAlone("tablet-replay", 0);
    expect(response).toBe("spoof");
    expect(said).toContainEqual(expect.stringMatching(/^wrong: a turn to the (left|right) instead of /));
  }, 120_000);

  it("refuses a replay that does all that may be asked for in a loop, when it is not lucky (seed 1 is)", async () => {
    const { response, said } = await challengeAlone("loop-replay", 0);
    expect(response).toBe("spoof");
    expect(said.filter((what) => what.startsWith("wrong: "))).toHaveLength(2);
  }, 120_000);

  it("lets in the person who answers", async () => {
    expect(await challengeAlone("walker", 3)).toMatchObject({ response: "live" });
  }, 60_000);
});

describe("a visit to a door at level active", () => {
  it("ends with an open door for somebody who answers, within six seconds", async () => {
    const { response, afterMs } = await rehearse(parts, presentation("walker", 3));
    expect(response).toBe("live");
    expect(afterMs).toBeLessThanOrEqual(6000);
  }, 60_000);

  it("ends with a refusal for a mask, which passive takes for alive", async () => {
    const shown = presentation("mask", 0);
    expect((await rehearse({ ...parts, level: "passive" }, shown)).response).toBe("live");
    expect((await rehearse(parts, shown)).response).not.toBe("live");
  }, 120_000);
});
