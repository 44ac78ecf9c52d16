/**
 * Which of two records about one person counts. Records are written at any door, arrive in any order, twice, late, or from
 * a bridge that has kept an old one; every door must end with the same one. A total order does that: each door keeps the
 * highest it has seen (a last-writer-wins register; Shapiro et al., "A comprehensive study of Convergent and Commutative
 * Replicated Data Types", 2011, 3.2.1), with removal above every change of the same life.
 */
export interface Stamp {
  /** Counts how often the person was enrolled anew after a removal; 1 the first time. */
  readonly life: number;
  /** Counts the changes of this life; 1 the first time. */
  readonly version: number;
  readonly isRemoved: boolean;
  /** The door that wrote it. */
  readonly door: string;
  /** SHA-256 of what was signed, base64url: tells two records of one door and version apart. */
  readonly digest: string;
}

export const maxCount = 1_000_000_000;

/**
 * Negative when `a` gives way to `b`. First the life; then a removal, whatever was changed meanwhile at a door that had not
 * heard of it; then the version; then, for changes made at the same time, the name of the door.
 */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.life !== b.life) return a.life - b.life;
  if (a.isRemoved !== b.isRemoved) return a.isRemoved ? 1 : -1;
  if (a.version !== b.version) return a.version - b.version;
  return compareText(a.door, b.door) || compareText(a.digest, b.digest);
}

/** Life and version of what is written next, given what is known. `isNewLife`: the person was removed here in between. */
export function nextCounts(
  known: Stamp | undefined,
  { isRemoved, isNewLife = false }: { isRemoved: boolean; isNewLife?: boolean },
): Pick<Stamp, "life" | "version"> {
  if (known === undefined) return { life: 1, version: 1 };
  const startsAnew = !isRemoved && (known.isRemoved || isNewLife);
  if (startsAnew) return { life: Math.min(known.life + 1, maxCount), version: 1 };
  return { life: known.life, version: Math.min(known.version + 1, maxCount) };
}

// --- internal ---

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
