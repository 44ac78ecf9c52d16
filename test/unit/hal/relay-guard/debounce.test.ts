import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Debouncer } from "../../../../src/hal/relay-guard/debounce.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

/** One round of the event loop that the debouncer leaves to waiting edges. */
const roundMs = 1;

function rig(debounceMs: number, isActive = false) {
  const clock = new ManualClock(0);
  const heard: { isActive: boolean; atMs: number; heardAtMs: number }[] = [];
  const onChange = (isActive: boolean, atMs: number) => heard.push({ isActive, atMs, heardAtMs: clock.nowMs() });
  const debouncer = new Debouncer({ debounceMs, timers: clock, onChange }, { isActive, atMs: 0 });
  /** An edge at its time. */
  const edge = (atMs: number, level: boolean) => {
    clock.advance(atMs - clock.nowMs());
    debouncer.edge({ isActive: level, atMs });
  };
  return { clock, heard, debouncer, edge };
}

describe("the debouncing of an input", () => {
  it("reports a clean change once, after its rest, with the stamp of its first edge", () => {
    const { clock, heard, edge } = rig(50);
    edge(100, true);
    clock.advance(49);
    expect(heard).toEqual([]);
    clock.advance(1 + roundMs);
    expect(heard).toEqual([{ isActive: true, atMs: 100, heardAtMs: 150 + roundMs }]);
    clock.advance(10_000);
    expect(heard).toHaveLength(1);
  });

  it("makes one change of a bouncing one, begun with the first edge", () => {
    const { clock, heard, edge } = rig(50);
    for (const [atMs, level] of [
      [100, true],
      [102, false],
      [103, true],
      [109, false],
      [110, true],
    ] as const)
      edge(atMs, level);
    clock.advance(200);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ isActive: true, atMs: 100 });
  });

  it("does not report a short disturbance, nor a long row of them", () => {
    const { clock, heard, edge } = rig(50);
    for (let atMs = 100; atMs < 60_000; atMs += 60) {
      edge(atMs, true);
      edge(atMs + 25, false);
    }
    clock.advance(1000);
    expect(heard).toEqual([]);
  });

  it("passes every edge on at once when it is told not to wait", () => {
    const { heard, edge } = rig(0);
    edge(10, true);
    edge(11, false);
    expect(heard).toEqual([
      { isActive: true, atMs: 10, heardAtMs: 10 },
      { isActive: false, atMs: 11, heardAtMs: 11 },
    ]);
  });

  it("sees a whole press by its stamps when the process stood still meanwhile", () => {
    const { clock, heard, debouncer } = rig(200);
    clock.advance(5000);
    debouncer.edge({ isActive: true, atMs: 1000 });
    debouncer.edge({ isActive: false, atMs: 1400 });
    clock.advance(1000);
    expect(heard.map(({ isActive, atMs }) => [isActive, atMs])).toEqual([
      [true, 1000],
      [false, 1400],
    ]);
  });

  it("does not take a disturbance for a change when its second edge waited while the process stood still", () => {
    const { clock, heard, debouncer, edge } = rig(50);
    edge(100, true);
    clock.standStill(3000);
    // The timer is due first; the edge that waited is read before its second round.
    clock.advance(0);
    debouncer.edge({ isActive: false, atMs: 110 });
    clock.advance(1000);
    expect(heard).toEqual([]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e12])("goes on with a stamp that is none (%s)", (atMs) => {
    const { clock, heard, debouncer } = rig(50);
    debouncer.edge({ isActive: true, atMs });
    clock.advance(100);
    debouncer.edge({ isActive: false, atMs });
    clock.advance(100);
    expect(heard.map(({ isActive }) => isActive)).toEqual([true, false]);
  });

  it("reports nothing after its end", () => {
    const { clock, heard, debouncer, edge } = rig(50);
    edge(10, true);
    debouncer.stop();
    clock.advance(1000);
    expect(heard).toEqual([]);
  });
});

/** Levels of an input: each rests for a time after bouncing for a while, by gaps between its edges. */
const phases = fc.array(
  fc.record({
    bounce: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 }),
    restMs: fc.integer({ min: 0, max: 1200 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const longestBounceMs = 150;
const inputMs = 400;

/** The edges of an input that lasts `inputMs` and more in each phase, its bounce of up to 150 ms included. */
function edgesOf(plan: { bounce: readonly number[]; restMs: number }[]) {
  const edges: { atMs: number; isActive: boolean }[] = [];
  const begins: { atMs: number; isActive: boolean }[] = [];
  let atMs = 1000;
  plan.forEach(({ bounce, restMs }, index) => {
    const isActive = index % 2 === 0;
    const beganMs = atMs;
    begins.push({ atMs, isActive });
    edges.push({ atMs, isActive });
    let level = isActive;
    for (const gapMs of bounce) {
      if (atMs + gapMs - beganMs > longestBounceMs) break;
      atMs += gapMs;
      level = !level;
      edges.push({ atMs, isActive: level });
    }
    if (level !== isActive) edges.push({ atMs: ++atMs, isActive });
    atMs = Math.max(beganMs + inputMs, atMs + restMs);
  });
  return { edges, begins };
}

describe("an input of 400 ms or longer", () => {
  it("is never missed and reported once, whatever bounces, for any debounce time that may be set", () => {
    fc.assert(
      fc.property(phases, fc.integer({ min: 1, max: 200 }), fc.boolean(), (plan, debounceMs, isLate) => {
        const { edges, begins } = edgesOf(plan);
        const { clock, heard, debouncer, edge } = rig(debounceMs);
        if (isLate) clock.standStill(60_000);
        for (const { atMs, isActive } of edges) {
          if (isLate) debouncer.edge({ isActive, atMs });
          else edge(atMs, isActive);
        }
        clock.advance(1000);
        // A bounce longer than the debounce time may be seen as changes of its own; the levels at rest are all there.
        const levels = heard.map(({ isActive }) => isActive);
        expect(levels.length).toBeGreaterThanOrEqual(begins.length);
        begins.forEach(({ atMs, isActive }, index) => {
          const endMs = begins[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
          const own = heard.filter((change) => change.atMs >= atMs && change.atMs < endMs);
          expect(own.at(-1)?.isActive).toBe(isActive);
          if (debounceMs >= longestBounceMs) expect(own).toHaveLength(1);
          if (!isLate) expect(own[0]?.heardAtMs).toBeLessThanOrEqual(atMs + inputMs + roundMs);
        });
      }),
      { numRuns: 500, seed: 400 },
    );
  });
});
