import type { ScoredPair } from "./metrics.ts";
import type { OpenSetResult } from "./open-set.ts";

/** Pairs within one set or one group. */
export interface Part {
  readonly kind: "set" | "group";
  readonly name: string;
  readonly pairs: ScoredPair[];
}

/** Everything that was measured, before it becomes rates. */
export interface Evidence {
  /** Where the files of the pairs lie. */
  readonly root?: string;
  /** How many pictures were to be acquired; absent: not known. */
  readonly pictures?: number;
  readonly pairs: readonly ScoredPair[];
  readonly failedToAcquire: readonly { readonly file: string; readonly reason: string }[];
  /** How many probes there were and how many were nearest to their own person's first picture. */
  readonly identification: { readonly probes: number; readonly right: number } | undefined;
  readonly parts?: readonly Part[];
  readonly openSets?: readonly { readonly name: string; readonly result: OpenSetResult }[];
}
