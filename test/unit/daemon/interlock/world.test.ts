import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { calm, InterlockWorld, type Weather } from "../../../support/interlock-world.ts";

/**
 * Interlocked doors in bad weather. `LINTEL_INTERLOCK_WORLDS=2000 LINTEL_SEED=7` plays more and others; a failure names
 * its seed.
 */

const worlds = Number(process.env.LINTEL_INTERLOCK_WORLDS ?? 12);
const firstSeed = Number(process.env.LINTEL_SEED ?? 1);
const seeds = Array.from({ length: worlds }, (_, i) => firstSeed + i);
const storm: Weather = { loss: 0.05, repeat: 0.15, maxDelayMs: 8000, mishaps: 0.02 };

const openings = (world: InterlockWorld) => world.doors.reduce((sum, door) => sum + door.openings, 0);

describe.each([
  ["two doors", ["inner", "outer"]],
  ["three doors", ["a", "b", "c"]],
])("%s", (_name, ids) => {
  it("are never open at once, whatever becomes of messages and processes, and somebody gets in when all is well again", () => {
    let opened = 0;
    for (const seed of seeds) {
      const world = new InterlockWorld(ids, seededRandom(seed));
      world.weather = storm;
      world.play(120_000, 0.5);
      opened += openings(world);
      world.weather = calm;
      world.play(40_000, 0);
      const before = openings(world);
      for (const door of world.doors) door.wantsUntilMs = world.nowMs + 5000;
      world.play(7000, 0);
      expect({ seed, breaches: world.breaches }).toEqual({ seed, breaches: [] });
      expect({ seed, gotIn: openings(world) > before }).toEqual({ seed, gotIn: true });
    }
    // A door that never opens is never open at once with another.
    expect(opened / worlds).toBeGreaterThan(4);
  });

  it("all get in, one after the other, when everybody comes at once", () => {
    for (const seed of seeds) {
      const world = new InterlockWorld(ids, seededRandom(seed));
      world.play(4000, 0);
      for (const door of world.doors) door.wantsUntilMs = world.nowMs + 120_000;
      world.play(120_000, 0);
      expect({ seed, breaches: world.breaches }).toEqual({ seed, breaches: [] });
      expect({ seed, openings: world.doors.map((door) => door.openings > 0) }).toEqual({
        seed,
        openings: ids.map(() => true),
      });
    }
  });

  it("are caught open at once by this simulation when they do not wait for late reports", () => {
    const breached = seeds.filter((seed) => {
      const world = new InterlockWorld(ids, seededRandom(seed), { settleMs: 0, confirmMs: 0 });
      world.weather = storm;
      world.play(120_000, 0.5);
      return world.breaches.length > 0;
    });
    expect(breached.length).toBeGreaterThan(0);
  });
});
