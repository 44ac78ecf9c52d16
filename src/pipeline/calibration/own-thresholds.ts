import { runnerUpMargin } from "../matching/identify.ts";
import { leastThreshold } from "./calibrate.ts";
import type { NearestOther, SiteDistances } from "./site-distances.ts";

/** Somebody with a look-alike in the gallery: let in only when nearer than the look-alike's pictures by the usual margin. */
export interface OwnThreshold {
  readonly person: string;
  readonly threshold: number;
  readonly nearestOther: NearestOther;
}

/**
 * Stricter thresholds for people who have somebody near them in the gallery: whoever looks like one enrolled person is the most
 * likely to be taken for them, and so is a stranger from the same family. Nobody gets a looser one.
 */
export function ownThresholds({ people, nearest }: SiteDistances, threshold: number): readonly OwnThreshold[] {
  return people.flatMap((person, i) => {
    const nearestOther = nearest[i];
    if (nearestOther === null || nearestOther === undefined) return [];
    const own = Math.max(leastThreshold, nearestOther.distance - runnerUpMargin);
    return own < threshold ? [{ person, threshold: own, nearestOther }] : [];
  });
}
