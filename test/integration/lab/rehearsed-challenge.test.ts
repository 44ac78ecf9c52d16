import { beforeAll, describe, expect, it } from "vitest";
import { defaultPolicy, defaultVision } from "../../../src/lab/liveness/door-defaults.ts";
import { presentation } from "../../../src/lab/liveness/presentations.ts";
import { type RehearseParts, rehearse } from "../../../src/lab/liveness/rehearse.ts";
import { FigureMaker } from "../../../src/simulation/species.ts";
import { castFor, openTestNetworks, testModelCache } from "../../support/vision-kit.ts";

let parts: RehearseParts;

beforeAll(async () => {
  const networks = await openTestNetworks();
  const { limits, scheduling } = defaultVision(testModelCache);
  const cast = await castFor(networks);
  parts = { limits, scheduling, policy: defaultPolicy, networks, cast, maker: new FigureMaker(), level: "active" };
}, 60_000);

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
