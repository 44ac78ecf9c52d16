import type { DoorState } from "../api.ts";
import { acknowledge, isUp, raise, resolve } from "./alarms.ts";
import {
  onGuardFault,
  onGuardGone,
  onGuardReady,
  onReadBack,
  onRefused,
  onStrike,
  setLockFault,
} from "./guard-reports.ts";
import { onInput } from "./inputs.ts";
import { onLock, onMode, onSchedule, onShutdown, onSomebodyCame } from "./modes.ts";
import { answer, endOpening, fault, lease, lockNow, open, refusal, sayUntaken, update } from "./opening.ts";
import type { AlarmName, DoorEffect, DoorEvent, DoorMachineState, DoorRules, Opening, Turn } from "./types.ts";

/**
 * The door as a pure function. What holds in every state:
 *
 * - the strike is leased only while a permission lasts (an accepted unlock, or passage mode by a command or the
 *   schedule), and no lease reaches beyond it;
 * - lockdown ends every permission at once and refuses each new one;
 * - whatever comes back (the guard, a late process, a broker) finds a locked door: a permission ends with the guard that
 *   carried it out, and passage mode falls back to normal; only a new command, or the schedule looked up anew, opens
 *   again (`modes.ts` says why);
 * - `lock` is what the guard reported or read back, `unknown` in doubt.
 */
export function next(
  state: DoorMachineState,
  event: DoorEvent,
  when: { readonly nowMs: number; readonly rules: DoorRules },
): { readonly state: DoorMachineState; readonly effects: readonly DoorEffect[] } {
  const turn: Turn = { state, effects: [], ...when };
  elapse(turn);
  handle(turn, event);
  // Last, so that nothing is leased in the very step that ends the permission.
  renew(turn);
  const guardFirst = [
    ...turn.effects.filter(({ type }) => type === "guard" || type === "replace-guard"),
    ...turn.effects.filter(({ type }) => type !== "guard" && type !== "replace-guard"),
  ];
  return { state: turn.state, effects: guardFirst };
}

/** What is taken over from before a restart. */
export interface CarriedOver {
  readonly mode: "normal" | "lockdown";
  /** The schedule was outranked by a command. */
  readonly isScheduleSuspended: boolean;
}

/** The door before anything is known. What locks may be carried over a restart; nothing that opens may. */
export function initialDoor(carried: CarriedOver = { mode: "normal", isScheduleSuspended: false }): DoorMachineState {
  return {
    guard: "gone",
    lock: "unknown",
    contact: "unknown",
    mode: carried.mode,
    opening: null,
    untaken: null,
    leases: 0,
    isOpenOnRecord: false,
    lockedBy: null,
    lockDueMs: null,
    excusedUntilMs: Number.NEGATIVE_INFINITY,
    heldSinceMs: null,
    heldLimitMs: 0,
    alarms: [],
    schedule: {
      isPassageTime: false,
      isSuspended: carried.isScheduleSuspended,
      hasSomebodyCome: false,
      notBeforeMs: Number.NEGATIVE_INFINITY,
    },
    isLockFaulty: false,
  };
}

/** The rules of a door, with the house defaults for what is left out. */
export function doorRules(options: Partial<DoorRules> = {}): DoorRules {
  return {
    openMs: 5000,
    heldMs: 30_000,
    heldWarningMs: 10_000,
    firstInUnlock: false,
    scheduleRetryMs: 10_000,
    relockOnOpen: true,
    rexOpens: true,
    graceMs: 1000,
    sliceMs: 5000,
    answerMs: 1000,
    lockWithinMs: 300,
    ...options,
  };
}

/** When the machine wants a `tick` even if nothing happens; infinite when nothing is due. */
export function nextWakeMs(state: DoorMachineState, rules: DoorRules): number {
  const { opening } = state;
  const never = Number.POSITIVE_INFINITY;
  const isRenewed = opening !== null && opening.lease.untilMs < opening.untilMs;
  return Math.min(
    opening?.untilMs ?? never,
    isRenewed ? renewalMs(opening.lease.untilMs, rules) : never,
    opening && !opening.isConfirmed ? answerDueMs(opening, rules) : never,
    state.lock === "unlocked" && !opening ? (state.lockDueMs ?? never) : never,
    state.untaken?.untilMs ?? never,
    warningDueMs(state, rules),
    heldDueMs(state),
  );
}

/** In the order in which they are published. */
export const alarmNames = ["forced", "held", "held-warning", "tamper", "lock-fault"] as const satisfies AlarmName[];

/** What others may know of the door. */
export function publicDoor(state: DoorMachineState): Omit<DoorState, "since" | "alarmDetails"> {
  return {
    lock: state.lock,
    contact: state.guard === "ready" ? state.contact : "unknown",
    mode: state.mode,
    alarms: alarmNames.filter((name) => isUp(state, name)),
  };
}

/** The state in one word, for the log. */
export function situation(state: DoorMachineState): string {
  if (state.guard !== "ready" || state.lock === "unknown") return "unknown";
  if (state.lock === "unlocked") {
    if (!state.opening) return "locking";
    return state.opening.kind === "passage" ? "held-open" : "open";
  }
  if (state.opening) return "opening";
  return state.mode === "lockdown" ? "lockdown" : "locked";
}

// --- internal ---

function handle(turn: Turn, event: DoorEvent): void {
  switch (event.type) {
    case "unlock":
      onUnlock(turn, event);
      break;
    case "lock":
      onLock(turn, event.by);
      break;
    case "mode":
      onMode(turn, event);
      break;
    case "guard-ready":
      onGuardReady(turn);
      break;
    case "guard-gone":
      onGuardGone(turn, event.reason);
      break;
    case "guard-fault":
      onGuardFault(turn, event.reason);
      break;
    case "guard-refused":
      onRefused(turn, event);
      break;
    case "strike":
      onStrike(turn, event);
      break;
    case "read-back":
      onReadBack(turn, event.isOpen);
      break;
    case "input":
      onInput(turn, event, (source) => onUnlock(turn, { type: "unlock", source }));
      break;
    case "schedule":
      onSchedule(turn, event.isPassageTime);
      break;
    case "acknowledge":
      turn.effects.push({ type: "acknowledged", isKnown: acknowledge(turn, event.alarm, event.by) });
      break;
    case "shutdown":
      onShutdown(turn);
      break;
    case "tick":
      break;
  }
}

function onUnlock(turn: Turn, event: Extract<DoorEvent, { type: "unlock" }>): void {
  const { state, nowMs, rules } = turn;
  const openMs = event.seconds === undefined ? rules.openMs : event.seconds * 1000;
  const reason = refusal(state, openMs);
  answer(turn, reason === null ? { ok: true, openMs } : { ok: false, reason });
  if (reason === null && event.source === "face") onSomebodyCame(turn);
  if (reason !== null || state.opening?.kind === "passage") return;
  open(turn, {
    kind: "timed",
    source: event.source,
    person: event.person ?? null,
    requester: event.requester ?? null,
    openMs,
    untilMs: Math.max(nowMs + openMs, state.opening?.untilMs ?? 0),
  });
}

/** What time alone brings about. Comes before every event, so that a late event meets an up-to-date door. */
function elapse(turn: Turn): void {
  const { nowMs, rules } = turn;
  elapseOpening(turn);
  const { state } = turn;
  if (state.lock === "unlocked" && !state.opening && state.lockDueMs !== null && nowMs >= state.lockDueMs) {
    setLockFault(turn, true);
    turn.effects.push({ type: "replace-guard", reason: "the strike is not reported locked in time" });
    lockNow(turn, state.lockedBy);
  }
  if (state.untaken && nowMs >= state.untaken.untilMs) sayUntaken(turn);
  if (nowMs >= warningDueMs(turn.state, rules)) raise(turn, "held-warning");
  if (nowMs >= heldDueMs(turn.state)) {
    resolve(turn, "held-warning");
    raise(turn, "held", { seconds: Math.round(state.heldLimitMs / 1000) });
  }
}

function elapseOpening(turn: Turn): void {
  const { state, nowMs, rules } = turn;
  const { opening } = state;
  if (!opening) return;
  if (!opening.isConfirmed && nowMs >= answerDueMs(opening, rules)) {
    // It may hang with an open strike that it has not reported.
    endOpening(turn, "guard");
    turn.effects.push({ type: "replace-guard", reason: "the guard did not report the strike open in time" });
    lockNow(turn, null);
  } else if (nowMs >= opening.untilMs) {
    // The guard locks by itself at this moment; it owes us the report.
    endOpening(turn, "deadline", { isTimeUp: true });
    update(turn, { lockDueMs: nowMs + rules.lockWithinMs });
  } else if (nowMs >= opening.lease.untilMs) {
    // We came too late to renew, so the guard has locked. What has ended is not begun again.
    fault(turn, "a lease ran out before it was renewed");
    endOpening(turn, "late-renewal");
    lockNow(turn, null);
  }
}

function renew(turn: Turn): void {
  const { opening } = turn.state;
  if (!opening || opening.lease.untilMs >= opening.untilMs) return;
  if (turn.nowMs >= renewalMs(opening.lease.untilMs, turn.rules)) lease(turn);
}

/** When a lease is to be renewed: at half its length. The last one of a permission is not. */
function renewalMs(leaseUntilMs: number, rules: DoorRules): number {
  return leaseUntilMs - rules.sliceMs / 2;
}

function answerDueMs(opening: Opening, rules: DoorRules): number {
  return Math.min(opening.untilMs, opening.askedAtMs + rules.answerMs);
}

function heldDueMs(state: DoorMachineState): number {
  const { heldSinceMs, heldLimitMs } = state;
  if (heldSinceMs === null || state.mode === "passage" || isUp(state, "held")) return Number.POSITIVE_INFINITY;
  return heldSinceMs + heldLimitMs;
}

function warningDueMs(state: DoorMachineState, rules: DoorRules): number {
  if (rules.heldWarningMs <= 0 || isUp(state, "held-warning")) return Number.POSITIVE_INFINITY;
  return heldDueMs(state) - Math.min(rules.heldWarningMs, state.heldLimitMs);
}
