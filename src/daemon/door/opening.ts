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
  const { source, person, requester, openMs } = opening;
  const excusedUntilMs = opening.isConfirmed ? nowMs + rules.graceMs : state.excusedUntilMs;
  const isUntaken = options.isTimeUp && opening.isConfirmed && !opening.isTaken;
  update(turn, {
    opening: null,
    excusedUntilMs: Math.max(excusedUntilMs, state.excusedUntilMs),
    untaken: isUntaken ? { source, person, requester, openMs, untilMs: nowMs + rules.graceMs } : null,
  });
  if (opening.kind === "passage") {
    update(turn, { heldSinceMs: state.contact === "open" ? nowMs : null });
    if (turn.state.mode === "passage") {
      update(turn, { mode: "normal" });
      recordMode(turn, why);
    }
    // After a fault the schedule takes its time; where it has ended or is suspended this means nothing.
    update(turn, { schedule: { ...state.schedule, notBeforeMs: nowMs + rules.scheduleRetryMs } });
  }
}

/** Says which mode the door is in; also read back after a restart (`carried-over.ts`). */
export function recordMode(turn: Turn, by: string): void {
  const { mode, schedule } = turn.state;
  record(turn, "mode", { mode, by, ...(schedule.isSuspended ? { scheduleSuspended: true } : {}) });
}

/** Why nothing may be opened now; null when it may. */
export function refusal(state: DoorMachineState, openMs: number): string | null {
  if (!(openMs >= 1000 && openMs <= 255_000)) return "bad-seconds";
  if (state.mode === "lockdown") return "lockdown";
  if (state.guard !== "ready" || state.lock === "unknown") return "lock-unknown";
  return state.isLockFaulty ? "lock-fault" : null;
}

/** Writes the `not-taken` that is still owed. */
export function sayUntaken(turn: Turn): void {
  const { untaken } = turn.state;
  if (!untaken) return;
  record(turn, "not-taken", whom(untaken));
  update(turn, { untaken: null });
}

/** The fields that name who an event is about. */
export function whom({
  source,
  person,
  requester,
}: Pick<Opening, "source" | "person" | "requester">): Record<string, unknown> {
  return { by: source, ...(person === null ? {} : { person }), ...(requester === null ? {} : { requester }) };
}
