import type { EventType, UnlockAnswer } from "../api.ts";
import type { DoorMachineState, Opening, Turn } from "./types.ts";

/** Steps shared by the parts of the door machine: how a permission begins, is renewed, and ends. */

export function update(turn: Turn, change: Partial<DoorMachineState>): void {
  turn.state = { ...turn.state, ...change };
}

export function record(turn: Turn, event: EventType, fields: Record<string, unknown> = {}): void {
  turn.effects.push({ type: "event", event, fields });
}

export function fault(turn: Turn, reason: string): void {
  turn.effects.push({ type: "fault", reason });
}

export function answer(turn: Turn, given: UnlockAnswer): void {
  turn.effects.push({ type: "answer", answer: given });
}

/** Begins a permission, or puts a longer one in place of the present one, and leases its first slice. */
export function open(turn: Turn, opening: Omit<Opening, "lease" | "askedAtMs" | "isConfirmed" | "isTaken">): void {
  const { state, nowMs } = turn;
  sayUntaken(turn);
  const before = state.opening;
  const unleased = { id: "", untilMs: nowMs };
  update(turn, {
    lockedBy: null,
    lockDueMs: null,
    opening: {
      ...opening,
      askedAtMs: nowMs,
      lease: before?.lease ?? unleased,
      isConfirmed: before?.isConfirmed ?? false,
      isTaken: before?.isTaken ?? state.contact !== "closed",
    },
  });
  lease(turn);
}

/** Leases the next slice of the present permission; never beyond its end. */
export function lease(turn: Turn): void {
  const { state, nowMs, rules } = turn;
  if (!state.opening) throw new Error("cannot happen: a lease without a permission");
  const leases = state.leases + 1;
  const next = { id: `lease-${leases}`, untilMs: Math.min(state.opening.untilMs, nowMs + rules.sliceMs) };
  update(turn, { leases, opening: { ...state.opening, lease: next } });
  turn.effects.push({ type: "guard", command: { type: "lease", ...next } });
}

/** Tells the guard to lock; the strike counts as locked only when the guard says so. */
export function lockNow(turn: Turn, by: string | null): void {
  turn.effects.push({ type: "guard", command: { type: "lock" } });
  update(turn, { lockedBy: by, lockDueMs: turn.nowMs + turn.rules.lockWithinMs });
}

/**
 * Ends the permission. Passage mode ends with it: a door that is locked must not be called held open, and nothing may
 * open it again but a command. `why` names what ended it, for the `mode` event.
 */
export function endOpening(
  turn: Turn,
  why: string,
  options: { readonly isTimeUp: boolean } = { isTimeUp: false },
): void {
  const { state, nowMs, rules } = turn;
  const { opening } = state;
  if (!opening) return;
  const excusedUntilMs = opening.isConfirmed ? nowMs + rules.graceMs : state.excusedUntilMs;
  const isUntaken = options.isTimeUp && opening.isConfirmed && !opening.isTaken;
  update(turn, {
    opening: null,
    excusedUntilMs: Math.max(excusedUntilMs, state.excusedUntilMs),
    untaken: isUntaken ? { source: opening.source, person: opening.person, untilMs: nowMs + rules.graceMs } : null,
  });
  if (opening.kind === "passage") {
    update(turn, { heldSinceMs: state.contact === "open" ? nowMs : null });
    if (turn.state.mode === "passage") {
      update(turn, { mode: "normal" });
      record(turn, "mode", { mode: "normal", by: why });
    }
  }
}

/** Writes the `not-taken` that is still owed. */
export function sayUntaken(turn: Turn): void {
  const { untaken } = turn.state;
  if (!untaken) return;
  record(turn, "not-taken", whom(untaken));
  update(turn, { untaken: null });
}

/** The fields that name who an event is about. */
export function whom(permission: { readonly source: string; readonly person: string | null }): Record<string, unknown> {
  return permission.person === null ? { by: permission.source } : { by: permission.source, person: permission.person };
}
