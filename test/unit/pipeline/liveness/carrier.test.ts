import { describe, expect, it } from "vitest";
import { carrierCue } from "../../../../src/pipeline/liveness/carrier.ts";
import { noEvidence } from "../../../../src/pipeline/liveness/evidence.ts";
import { judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import { doorFrame, picture, type Shown, sheet, watch, watchEach } from "../../../support/carried-sheet.ts";

describe("a sheet or a screen that is carried", () => {
  it.each([
    ["paper, brighter than the wall", [90, 130] as const, 210],
    ["a phone with a black bezel", [68, 125] as const, 15],
  ])("is seen by its edges: %s", (_, half, grey) => {
    const result = carrierCue(watch(sheet(half, grey)));
    expect(result).toMatchObject({ verdict: "spoof" });
    expect(result.says).toContain("straight edges");
  });

  it("is denied before the face on it has turned as a living one does", () => {
    const yawDeg = (t: number) => (t < 1.6 ? 0 : 28 * Math.sin((2 * Math.PI * (t - 1.6)) / 2.4));
    const judged = watchEach(sheet([90, 130]), { depth: 1, yawDeg, seconds: 4 }).map((seen) => judgeLiveness(seen));
    const turned = judged.findIndex(({ cues }) =>
      cues.some((cue) => cue.name === "parallax" && cue.verdict === "live"),
    );
    const first = judged.findIndex(({ verdict }) => verdict !== "no-verdict");
    expect(turned).toBeGreaterThan(0);
    expect(first).toBeLessThan(turned);
    expect(judged[first]?.verdict).toBe("spoof");
  });
});

describe("what is no carrier", () => {
  it("a door frame behind somebody who moves", () => {
    expect(carrierCue(watch(doorFrame, { speed: 70 })).verdict).toBe("no-verdict");
  });

  it("a door frame behind somebody who stands still", () => {
    expect(carrierCue(watch(doorFrame, { speed: 0 })).verdict).toBe("no-verdict");
  });

  it("a sheet that does not move: it could be a picture on the wall behind somebody's head", () => {
    expect(carrierCue(watch(sheet([90, 130]), { speed: 0 })).verdict).toBe("no-verdict");
  });

  it("an empty wall", () => {
    expect(carrierCue(watch(() => picture([]))).verdict).toBe("no-verdict");
  });

  it("a body below the face: its one straight rim is not enough", () => {
    const scene = ({ centreX, centreY }: Shown) => picture([[centreX - 120, centreY + 110, centreX + 120, 480, 40]]);
    expect(carrierCue(watch(scene)).verdict).toBe("no-verdict");
  });

  it("too few frames of anything", () => {
    const result = carrierCue(watch(sheet([90, 130]), { seconds: 0.8 }));
    expect(result).toMatchObject({ verdict: "no-verdict", score: 0.5 });
    expect(carrierCue(noEvidence).verdict).toBe("no-verdict");
  });
});
