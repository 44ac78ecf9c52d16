import { resolve } from "./alarms.ts";
import { endOpening, lockNow, open, record, recordMode, refusal, update } from "./opening.ts";
import type { DoorEvent, Turn } from "./types.ts";

/**
 * The modes of a door and who may change them. Passage comes by a command or by the weekly schedule:
 *
 * - **commanded** passage ends with the guard, a fault or a restart and never comes back by itself: nobody may remember
 *   at that moment that he ever asked for it;
 * - **scheduled** passage is looked up anew each second and may resume after these, because the schedule is the
 *   operator's standing order;
 * - a command to lock, or to be normal, outranks the schedule until its present time is over.
 */

/** A command. Locking is never refused. */
export function onMode(turn: Turn, { mode, by }: Extract<DoorEvent, { type: "mode" }>): void {
  const { state } = turn;
  if (mode === "passage") return onPassageCommand(turn, by);
  const isSuspending = suspendSchedule(turn);
  if (mode === state.mode) {
    if (mode === "lockdown") lockFor(turn, by);
    if (isSuspending) recordMode(turn, by);
    return;
  }
  update(turn, { mode });
  recordMode(turn, by);
  if (mode === "lockdown" || state.mode === "passage") lockFor(turn, by);
}

/** An order to lock ends every permission; passage too, whoever it came from. */
export function onLock(turn: Turn, by: string): void {
  const wasPassage = turn.state.mode === "passage";
  const isSuspending = suspendSchedule(turn);
  lockFor(turn, by);
  // Where no mode changes, the suspension still has to be found again after a restart.
  if (isSuspending && !wasPassage) recordMode(turn, by);
}

/** The process ends: locked, but no word of an operator. A schedule may go on after the restart. */
export function onShutdown(turn: Turn): void {
  lockFor(turn, "shutdown");
}

/**
 * What the schedule says now; null: it cannot say. Told each second; nothing else starts passage without a command. Only
 * a plain no ends the present time and what a command ordered for it: a clock that is not set yet must not.
 */
export function onSchedule(turn: Turn, isPassageTime: boolean | null): void {
  const isOver = isPassageTime === false;
  const before = turn.state.schedule;
  update(turn, {
    schedule: {
      ...before,
      isPassageTime,
      isSuspended: before.isSuspended && !isOver,
      hasSomebodyCome: before.hasSomebodyCome && !isOver,
    },
  });
  if (isPassageTime) startScheduled(turn);
  else if (turn.state.opening?.source === "schedule") lockFor(turn, "schedule");
}

/** Somebody known has come in: from here on a schedule that waits for the first one may open. */
export function onSomebodyCame(turn: Turn): void {
  const { schedule } = turn.state;
  if (schedule.isPassageTime) update(turn, { schedule: { ...schedule, hasSomebodyCome: true } });
}

// --- internal ---

function onPassageCommand(turn: Turn, by: string): void {
  const { state } = turn;
  if (state.mode === "passage" && state.opening?.source !== "schedule") return;
  const reason = refusal({ ...state, mode: "normal" }, turn.rules.openMs);
  if (reason !== null) {
    record(turn, "request-refused", { request: "door/mode", mode: "passage", by, reason });
    return;
  }
  update(turn, { schedule: { ...state.schedule, isSuspended: false } });
  startPassage(turn, "mode", by);
}

function startScheduled(turn: Turn): void {
  const { state, rules, nowMs } = turn;
  const { isSuspended, hasSomebodyCome, notBeforeMs } = state.schedule;
  if (state.mode !== "normal" || isSuspended || nowMs < notBeforeMs) return;
  if (rules.firstInUnlock && !hasSomebodyCome) return;
  if (refusal(state, rules.openMs) !== null) return;
  startPassage(turn, "schedule", "schedule");
}

function startPassage(turn: Turn, source: "mode" | "schedule", by: string): void {
  update(turn, { mode: "passage" });
  recordMode(turn, by);
  resolve(turn, "held-warning");
  resolve(turn, "held");
  open(turn, { kind: "passage", source, person: null, requester: null, openMs: 0, untilMs: Number.POSITIVE_INFINITY });
}

function lockFor(turn: Turn, by: string): void {
  endOpening(turn, by);
  lockNow(turn, by);
}

/** True: the schedule would have had a say, and has none now until its present time is over. */
function suspendSchedule(turn: Turn): boolean {
  const { schedule } = turn.state;
  if (schedule.isPassageTime === false || schedule.isSuspended) return false;
  update(turn, { schedule: { ...schedule, isSuspended: true } });
  return true;
}
