import type { Interval } from "../evaluate/intervals.ts";

/** 2.5 % on either side. */
const tail = 0.025;

/**
 * The exact 95 % interval of a proportion (Clopper and Pearson 1934): it never promises too much, however few the trials. Without
 * trials everything is possible.
 */
export function clopperPearson(count: number, trials: number): Interval {
  if (trials === 0) return [0, 1];
  const low = count === 0 ? 0 : rateAt((rate) => 1 - atMost(count - 1, trials, rate) - tail);
  const high = count === trials ? 1 : rateAt((rate) => tail - atMost(count, trials, rate));
  return [low, high];
}

/** The rate at which a rising function passes zero, by halving. */
function rateAt(rising: (rate: number) => number): number {
  let [low, high] = [0, 1];
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of at most `count` successes. Summed in logarithms, so that thousands of trials do not underflow. */
function atMost(count: number, trials: number, rate: number): number {
  if (rate <= 0) return 1;
  if (rate >= 1) return count >= trials ? 1 : 0;
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
