import type { Random } from "../../core/random.ts";

export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

export const defaultBackoff: BackoffLimits = { minMs: 500, maxMs: 30_000 };

/**
 * The wait before attempt number `failures + 1`: doubling, of which the upper half is chance, so that many doors do not
 * come back to a restarted broker in one moment.
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: Random): number {
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(failures, 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}
