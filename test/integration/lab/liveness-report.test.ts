import { beforeAll, describe, expect, it } from "vitest";
import { defaultPolicy, defaultVision } from "../../../src/lab/liveness/door-defaults.ts";
import { presentation } from "../../../src/lab/liveness/presentations.ts";
import { type RehearseParts, rehearse } from "../../../src/lab/liveness/rehearse.ts";
import type { LivenessReport } from "../../../src/lab/liveness/report.ts";
import { runReport } from "../../../src/lab/liveness/run-report.ts";
import { FigureMaker } from "../../../src/simulation/species.ts";
import { castFor, openTestNetworks, testModelCache } from "../../support/vision-kit.ts";

let parts: RehearseParts;
let report: LivenessReport;
const progress: string[] = [];

beforeAll(async () => {
  const networks = await openTestNetworks();
  const { limits, scheduling } = defaultVision(testModelCache);
  const door = { limits, scheduling, policy: defaultPolicy };
  parts = { ...door, networks, cast: await castFor(networks), maker: new FigureMaker() };
  report = await runReport({
    ...{ seeds: 2, kinds: ["print", "mask", "walker"], clips: [], jobs: 1 },
    openPlayer: () => ({
      play: ({ kind, seed }) => rehearse(parts, presentation(kind, seed)),
      stop: () => Promise.resolve(),
    }),
    openRecordings: () => Promise.reject(new Error("there are no recordings")),
    onProgress: (done, total) => progress.push(`${done}/${total}`),
  });
}, 120_000);

describe("a report on two seeds of three kinds", () => {
  it("has a row for each, and nothing real in it", () => {
    expect(report.simulated?.attacks.map(({ species, apcer }) => [species, apcer.n])).toEqual([
      ["print", 2],
      ["mask", 2],
    ]);
    expect(report.simulated?.genuine.map(({ kind, bpcer }) => [kind, bpcer.n])).toEqual([["walker", 2]]);
    expect(report.real).toBeNull();
    expect(progress).toEqual(["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  });

  it("never opens for a print, and says so of a mask, which has the depth that is asked for", () => {
    const [print, mask] = report.simulated?.attacks ?? [];
    expect(print?.apcer.count).toBe(0);
    // What passive cannot stop is reported as such.
    expect(mask?.apcer.count).toBe(2);
    expect(report.simulated?.worst?.species).toBe("mask");
  });

  it("lets living people in once they were asked to turn, and takes none for an attack", () => {
    const [walker] = report.simulated?.genuine ?? [];
    expect(walker?.bpcer.count).toBe(0);
    expect(walker?.live).toBe(2);
    expect(walker?.liveAfterMs?.p50).toBeGreaterThan(1_000);
  });

  it("says the same of the same seed again", async () => {
    const shown = presentation("walker", 1);
    expect(await rehearse(parts, shown)).toEqual(await rehearse(parts, shown));
  }, 60_000);
});
