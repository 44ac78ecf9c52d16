import { systemClock } from "../../../core/clock.ts";
import type { Fault } from "./fault.ts";

const minuteMs = 60_000;
/** Back, far ahead, and right again (which is back once more). */
const jumpsMs = [-20 * minuteMs, 150 * minuteMs, 0];

/** Somebody sets the time of day; how long the strike is open must not depend on it. */
export const clockJump: Fault = {
  name: "clock jump",
  endsDaemon: false,
  answersWithinMs: 3000,
  async run(house) {
    const openMs: number[] = [];
    try {
      for (const wallMs of jumpsMs) {
        // In the middle of an opening: it was given before, it ends after.
        const before = (await house.edges()).length;
        const opening = house.unlock(1);
        await house.setWall(wallMs);
        await opening;
        const [opened, closed] = (await house.edges()).slice(before);
        openMs.push((closed?.atMs ?? Number.NaN) - (opened?.atMs ?? Number.NaN));
      }
    } finally {
      if (house.time.shift.wallMs !== 0) await house.setWall(0);
    }
    if (openMs.some((ms) => !(ms > 800 && ms < 1150)))
      throw new Error(`openings of a second took ${openMs.join(", ")} ms`);
    return {
      mendedMs: systemClock.nowMs(),
      saw: `20 min back, 2.5 h ahead and right again: each opening of a second lasted ${openMs.map((ms) => ms.toFixed(0)).join(", ")} ms`,
    };
  },
};
