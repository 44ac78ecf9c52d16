import { raise, resolve } from "./alarms.ts";
import { endOpening, fault, lockNow, record, update, whom } from "./opening.ts";
import type { DoorEvent, Turn } from "./types.ts";

/** What the relay guard reports, and what the door machine makes of it. */

/** A guard starts with a locked strike; that it is so is believed when it reports it. */
export function onGuardReady(turn: Turn): void {
  if (turn.state.guard === "ready") onGuardGone(turn, "another guard took its place");
  update(turn, { guard: "starting" });
}

/** With the guard go the lease it held and every permission. Nothing is taken up again when it is back. */
export function onGuardGone(turn: Turn, reason: string): void {
  if (turn.state.guard !== "gone") fault(turn, reason);
  endOpening(turn, "guard-gone");
  update(turn, { guard: "gone", lock: "unknown", lockedBy: null, lockDueMs: null });
  setLockFault(turn, false);
}

/** The guard no longer trusts the chip and is about to end. */
export function onGuardFault(turn: Turn, reason: string): void {
  fault(turn, reason);
  endOpening(turn, "guard-fault");
  update(turn, { lock: "unknown" });
  lockNow(turn, null);
}

export function onRefused(turn: Turn, { id, reason }: Extract<DoorEvent, { type: "guard-refused" }>): void {
  fault(turn, `the guard refused a command: ${reason}`);
  if (turn.state.opening?.lease.id !== id) return;
  endOpening(turn, "guard");
  lockNow(turn, null);
}

export function onStrike(turn: Turn, event: Extract<DoorEvent, { type: "strike" }>): void {
  if (turn.state.guard === "gone") return;
  update(turn, { guard: "ready" });
  if (event.isOpen) onOpened(turn);
  else onLocked(turn, event);
}

/**
 * The relay as the chip reads it, against what the guard last reported. The guard sends both in order, so that a
 * difference means that somebody or something else moved the relay.
 */
export function onReadBack(turn: Turn, isOpen: boolean): void {
  const { state } = turn;
  if (state.guard !== "ready" || state.lock === "unknown") return;
  if (isOpen === (state.lock === "unlocked")) {
    if (!isOpen) setLockFault(turn, false);
    else if (state.opening) update(turn, { opening: { ...state.opening, isConfirmed: true } });
    return;
  }
  update(turn, { lock: isOpen ? "unlocked" : "locked" });
  setLockFault(turn, true);
  fault(turn, isOpen ? "the strike reads open but was locked" : "the strike reads locked but was open");
  recordStrike(turn, isOpen, { cause: "read-back" });
  endOpening(turn, "lock-fault");
  lockNow(turn, null);
}

/** The relay does not do what it is told, or does again. */
export function setLockFault(turn: Turn, isLockFaulty: boolean): void {
  update(turn, { isLockFaulty });
  if (isLockFaulty) raise(turn, "lock-fault");
  else resolve(turn, "lock-fault");
}

// --- internal ---

function onOpened(turn: Turn): void {
  const { opening } = turn.state;
  update(turn, { lock: "unlocked" });
  recordStrike(turn, true, opening ? whom(opening) : { by: "nobody" });
  if (opening) {
    update(turn, { opening: { ...opening, isConfirmed: true } });
    turn.effects.push({ type: "signal", outcome: "granted" });
  }
  // The permission ended while the guard was opening.
  else lockNow(turn, turn.state.lockedBy);
}

function onLocked(turn: Turn, { cause, leaseId }: Extract<DoorEvent, { type: "strike" }>): void {
  const { opening, lockedBy } = turn.state;
  const isAsked = cause === "lock" && lockedBy !== null;
  update(turn, { lock: "locked", lockedBy: null, lockDueMs: null });
  recordStrike(turn, false, isAsked ? { cause, by: lockedBy } : { cause });
  // The report of an earlier lease or lock may cross a newer lease on its way; that one still counts.
  const isCrossed = (cause === "deadline" || cause === "lock") && leaseId !== opening?.lease.id;
  if (!opening || isCrossed) return;
  if (turn.nowMs < opening.untilMs - turn.rules.graceMs) fault(turn, `an opening was cut short: ${cause}`);
  endOpening(turn, cause, { isTimeUp: cause === "deadline" });
  if (cause !== "deadline") lockNow(turn, null);
}

function recordStrike(turn: Turn, isOpen: boolean, fields: Record<string, unknown>): void {
  if (isOpen === turn.state.isOpenOnRecord) return;
  update(turn, { isOpenOnRecord: isOpen });
  record(turn, isOpen ? "opened" : "closed", { source: "strike", ...fields });
}
