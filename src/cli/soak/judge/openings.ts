/** Whether every opening of the strike was called for, from the chip's own record. Times are monotonic milliseconds. */

export interface StrikeEdge {
  readonly atMs: number;
  readonly isActive: boolean;
}

/** Something that lets the strike open: a grant of the audit log, or a command that was given. */
export interface Permit {
  readonly atMs: number;
  readonly openMs: number;
  readonly why: string;
}

export interface UnjustifiedOpening {
  readonly openedMs: number;
  /** Null: it was open at the end of the record. */
  readonly closedMs: number | null;
  readonly reason: "nobody permitted it" | "longer than permitted" | "never closed";
}

/** The time of day of a grant is known to the millisecond, and the two clocks are read one after the other. */
const earlyMs = 100;
/** From the permit to the strike; a machine that is busy takes its time. */
const actMs = 2500;
/** After the end of what was permitted. */
const lateMs = 150;

/** One permit lets the strike open once; another one while it is open keeps it open longer. Pure. */
export function judgeOpenings(edges: readonly StrikeEdge[], permits: readonly Permit[]): UnjustifiedOpening[] {
  const unused = [...permits].sort((a, b) => a.atMs - b.atMs);
  const found: UnjustifiedOpening[] = [];
  for (const { openedMs, closedMs } of openingsOf(edges)) {
    const first = unused.findIndex(({ atMs }) => openedMs >= atMs - earlyMs && openedMs <= atMs + actMs);
    const permit = unused[first];
    if (permit === undefined) {
      found.push({ openedMs, closedMs, reason: "nobody permitted it" });
      continue;
    }
    unused.splice(0, first + 1);
    let untilMs = openedMs + permit.openMs;
    while (unused[0] !== undefined && unused[0].atMs <= Math.min(untilMs, closedMs ?? Infinity)) {
      const more = unused.shift();
      if (more) untilMs = Math.max(untilMs, more.atMs + actMs + more.openMs);
    }
    if (closedMs === null) found.push({ openedMs, closedMs, reason: "never closed" });
    else if (closedMs > untilMs + lateMs) found.push({ openedMs, closedMs, reason: "longer than permitted" });
  }
  return found;
}

export function openingsOf(edges: readonly StrikeEdge[]): { openedMs: number; closedMs: number | null }[] {
  const found: { openedMs: number; closedMs: number | null }[] = [];
  for (const { atMs, isActive } of edges) {
    const last = found.at(-1);
    const isOpen = last !== undefined && last.closedMs === null;
    if (isActive && !isOpen) found.push({ openedMs: atMs, closedMs: null });
    else if (!isActive && isOpen) last.closedMs = atMs;
  }
  return found;
}
