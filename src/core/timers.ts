import { systemClock } from "./clock.ts";
import { shiftedTimers, timeSourceVariable } from "./time-source.ts";

/** Waiting as a parameter: the partner of `Clock`, injected wherever something happens later. */
export interface Timers {
  /** Calls back once after `delayMs` (fractions are rounded up); the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay `setTimeout` takes; a longer wait ends there and its owner looks at the clock again. */
const longestDelayMs = 2 ** 31 - 1;

const machineTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(longestDelayMs, Math.max(0, Math.ceil(delayMs))));
    return () => clearTimeout(timer);
  },
};

export const systemTimers: Timers = process.env[timeSourceVariable]
  ? shiftedTimers(machineTimers, systemClock)
  : machineTimers;
