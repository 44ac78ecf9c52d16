import { describe, expect, it } from "vitest";
import { holdMs, ScreenLight } from "../../../../src/daemon/challenge/screen-light.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { faceOf } from "../../../support/sightings.ts";

class Rig {
  readonly clock = new ManualClock();
  /** What the display was told, with the time. */
  readonly changes: (readonly [boolean, number])[] = [];
  readonly #startMs = this.clock.nowMs();
  readonly light = new ScreenLight({
    timers: this.clock,
    board: { brighten: (isBright) => this.changes.push([isBright, this.clock.nowMs() - this.#startMs]) },
  });

  /** A picture of a face, 100 ms after the last. */
  see(brightness: number, { trackId = 7, faceWidthPx = 150 } = {}): void {
    this.clock.advance(100);
    this.light.see({ trackId, face: faceOf({ brightness, faceWidthPx }) });
  }
}

describe("the light of the screen", () => {
  it("comes on for a near face in the dark, and goes when nobody has been near for a while", () => {
    const rig = new Rig();
    for (let n = 0; n < 8; n++) rig.see(28);
    expect(rig.changes).toEqual([[true, 300]]);
    rig.clock.advance(holdMs + 100);
    expect(rig.changes).toEqual([
      [true, 300],
      [false, 800 + holdMs],
    ]);
  });

  it.each([
    ["is light enough", 60, {}],
    ["is far away", 20, { faceWidthPx: 60 }],
  ])("stays off for a face that %s", (_name, brightness, where) => {
    const rig = new Rig();
    for (let n = 0; n < 20; n++) rig.see(brightness, where);
    expect(rig.changes).toEqual([]);
  });

  it("stays off for single dark pictures, for shadows on different faces, and where no face was measured", () => {
    const rig = new Rig();
    for (let n = 0; n < 20; n++) rig.see(n % 3 === 0 ? 60 : 20);
    for (let n = 0; n < 20; n++) rig.see(20, { trackId: n % 2 });
    for (let n = 0; n < 20; n++) rig.light.see({ trackId: 7, face: undefined });
    expect(rig.changes).toEqual([]);
  });

  it("does not flicker by its own effect: a face that it lights enough keeps it on, also on a new track", () => {
    const rig = new Rig();
    for (let n = 0; n < 3; n++) rig.see(28);
    for (let n = 0; n < 100; n++) rig.see(70, { trackId: n % 5 });
    expect(rig.changes).toEqual([[true, 300]]);
  });

  it("never changes more often than once in the time that it is held", () => {
    const rig = new Rig();
    for (let n = 0; n < 600; n++) {
      if (n % 45 < 6) rig.see(20);
      else rig.clock.advance(100);
    }
    const times = rig.changes.map(([, atMs]) => atMs);
    for (const [n, atMs] of times.slice(1).entries()) expect(atMs - (times[n] ?? 0)).toBeGreaterThan(300);
    const onsets = rig.changes.filter(([isBright]) => isBright).map(([, atMs]) => atMs);
    for (const [n, atMs] of onsets.slice(1).entries()) expect(atMs - (onsets[n] ?? 0)).toBeGreaterThan(holdMs);
  });

  it("is off after that was asked for, twice too", () => {
    const rig = new Rig();
    for (let n = 0; n < 3; n++) rig.see(28);
    rig.light.off();
    rig.light.off();
    rig.clock.advance(2 * holdMs);
    expect(rig.changes.map(([isBright]) => isBright)).toEqual([true, false]);
  });
});
