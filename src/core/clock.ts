import { shiftedClock, timeSourceOf } from "./time-source.ts";

/**
 * Time as a parameter. `nowMs` is the machine's monotonic clock (CLOCK_MONOTONIC), the same in every process of the
 * machine, so that a stamp made by one process can be judged by another. `performance.now()` counts from process start
 * and can not.
 */
export interface Clock {
  /** Milliseconds on the monotonic clock; fractions allowed. */
  nowMs(): number;
  /** Wall-clock time, for people and records only; never used to decide how long a door is open. */
  date(): Date;
}

const machineClock: Clock = {
  nowMs: () => Number(process.hrtime.bigint()) / 1e6,
  date: () => new Date(),
};

const timeSource = timeSourceOf(process.env);

/** The machine's clocks; in a simulation that skips empty time, as its time source shifts them (time-source.ts). */
export const systemClock: Clock = timeSource === undefined ? machineClock : shiftedClock(machineClock, timeSource);

/** How a monotonic stamp of another process relates to now: fresh, too old, or from the future (a broken clock). */
export type Freshness = "fresh" | "stale" | "future";

/** Judges a stamp; anything but `fresh` must be refused by the caller. The tolerance forgives rounding only. */
export function freshness(stampMs: number, nowMs: number, maxAgeMs: number): Freshness {
  if (!Number.isFinite(stampMs) || stampMs > nowMs + 5) return "future";
  return nowMs - stampMs <= maxAgeMs ? "fresh" : "stale";
}
