import type { DoorDocument } from "./documents.ts";

/** What speaks for or against this door knowing everything that its site knows. Times in ms since 1970. */
export interface Evidence {
  /** What each other door of the roster said last, on this connection. */
  readonly doors: readonly Pick<DoorDocument, "atMs" | "provenAtMs" | "root">[];
  /** Whether any other door is known to have written or said anything, ever. */
  readonly hasOthers: boolean;
  /** Whether what the broker had kept has come in, as far as silence can tell. */
  readonly isSettled: boolean;
  /** Doors of the roster, this one included. */
  readonly rosterSize: number;
  /** Whether a root was once ours: then we know all that it stands for. */
  isOwnRoot(root: string): boolean;
  /** Null while the clock is not to be believed. */
  readonly nowMs: number | null;
  /** When this door last knew that it had everything; null: never. */
  readonly provenAtMs: number | null;
  /** How old may be what the list rests on. */
  readonly windowMs: number;
}

/** `caught-up`: everybody counts. Anything else: nobody new is admitted, and it says what is waited for. */
export type SyncVerdict = "caught-up" | "settling" | "no-manifest" | "behind" | "manifest-too-old" | "clock-unset";

/** A door that spoke within this time is there. */
const presentMs = 10 * 60_000;

/**
 * Whether this door has caught up. The manifest is what the door said that was whole most recently; ours matches when its
 * root was ours at some time, for then we know all it knew. If the whole site was off for longer than a list may be
 * believed, the agreement of more than half of its doors, now, takes the place of a fresh manifest. Pure.
 */
export function judgeSync(evidence: Evidence): SyncVerdict {
  const { doors, hasOthers, isSettled, isOwnRoot, nowMs, provenAtMs, windowMs } = evidence;
  if (!isSettled) return "settling";
  if (!hasOthers) return "caught-up";
  const manifest = doors.reduce<Evidence["doors"][number] | null>(
    (best, door) => (isNewer(door, best) ? door : best),
    null,
  );
  if (manifest === null) return "no-manifest";
  if (!isOwnRoot(manifest.root)) return "behind";
  if (nowMs === null) return "clock-unset";
  const restsOnMs = Math.max(manifest.provenAtMs ?? 0, provenAtMs ?? 0);
  if (nowMs - restsOnMs <= windowMs) return "caught-up";
  return agrees(evidence, nowMs) ? "caught-up" : "manifest-too-old";
}

// --- internal ---

function isNewer(door: Evidence["doors"][number], best: Evidence["doors"][number] | null): boolean {
  if (best === null) return true;
  const [a, b] = [door.provenAtMs ?? 0, best.provenAtMs ?? 0];
  return a !== b ? a > b : door.atMs > best.atMs;
}

function agrees({ doors, rosterSize, isOwnRoot }: Evidence, nowMs: number): boolean {
  const agreeing = doors.filter(({ atMs, root }) => nowMs - atMs <= presentMs && isOwnRoot(root)).length;
  return agreeing + 1 > rosterSize / 2;
}
