/** When a child that ended is started again: a pure policy over times on the monotonic clock. */

export interface RestartHistory {
  /** Restarts of the last minute, oldest first, in milliseconds. */
  readonly atMs: readonly number[];
  /** The delay before the next restart. */
  readonly delayMs: number;
}

export interface RestartRules {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A child that lived this long starts with a clean slate. */
  readonly healthyAfterMs: number;
  /** More restarts than this within the window, and it is tried only at the slow pace. */
  readonly maxRestarts: number;
  readonly windowMs: number;
  readonly slowDelayMs: number;
}

export const defaultRestartRules: RestartRules = {
  firstDelayMs: 100,
  maxDelayMs: 5000,
  healthyAfterMs: 30_000,
  maxRestarts: 5,
  windowMs: 60_000,
  slowDelayMs: 30_000,
};

export interface Ending {
  readonly nowMs: number;
  /** How long the child had been running. */
  readonly livedMs: number;
  /** It ended because of its configuration: trying again soon cannot help. */
  readonly isConfigurationError: boolean;
}

export interface RestartPlan {
  readonly history: RestartHistory;
  readonly delayMs: number;
  /** The child keeps ending; somebody should look at it. */
  readonly isSlow: boolean;
}

export function freshHistory(rules: RestartRules = defaultRestartRules): RestartHistory {
  return { atMs: [], delayMs: rules.firstDelayMs };
}

/** Plans the restart after an ending. The delay doubles with each one up to the longest. */
export function planRestart(
  before: RestartHistory,
  ending: Ending,
  rules: RestartRules = defaultRestartRules,
): RestartPlan {
  const { delayMs, atMs } = ending.livedMs >= rules.healthyAfterMs ? freshHistory(rules) : before;
  const recent = atMs.filter((restartMs) => ending.nowMs - restartMs < rules.windowMs);
  const isSlow = ending.isConfigurationError || recent.length >= rules.maxRestarts;
  return {
    history: { atMs: [...recent, ending.nowMs], delayMs: Math.min(rules.maxDelayMs, delayMs * 2) },
    delayMs: isSlow ? rules.slowDelayMs : delayMs,
    isSlow,
  };
}
