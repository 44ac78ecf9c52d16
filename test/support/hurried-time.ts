import { type Clock, systemClock } from "../../src/core/clock.ts";
import { systemTimers, type Timers } from "../../src/core/timers.ts";

/** A clock and its timers that run so many times as fast as the machine's; the date is that of the machine. */
export function hurriedTime(factor: number): Clock & Timers {
  const startMs = systemClock.nowMs();
  return {
    nowMs: () => startMs + (systemClock.nowMs() - startMs) * factor,
    date: () => systemClock.date(),
    after: (delayMs, run) => systemTimers.after(delayMs / factor, run),
  };
}
