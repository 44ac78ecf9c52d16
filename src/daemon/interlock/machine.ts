import type { InterlockRefusal } from "../api.ts";
import type { InterlockMessage } from "./messages.ts";
import type { Claim, InterlockEffect, InterlockEvent, InterlockRules, InterlockState } from "./types.ts";

/**
 * The interlock of several doors as a pure function, after Ricart and Agrawala's mutual exclusion (CACM 24(1), 1981) with
 * a fixed order of precedence, and with leases in place of the assumption that nobody ever fails. What holds:
 *
 * - this door may open only while a claim is `held` or `used`: every partner has answered that very claim, by its nonce;
 * - a partner answers yes only while it is shut and neither holds nor uses a claim, and by saying yes gives up one that
 *   it is still asking for. So of two doors that claim, one has given up before the other is agreed to; this rests on the
 *   order of events alone, on no clock, and on no memory that a restart would lose;
 * - of two doors that ask at the same time the one with the smaller id goes first;
 * - leases decide only how long a door waits for another of which it hears nothing more.
 */
export function next(
  state: InterlockState,
  event: InterlockEvent,
  when: { readonly nowMs: number; readonly rules: InterlockRules },
): { readonly state: InterlockState; readonly effects: readonly InterlockEffect[] } {
  const turn: Turn = { state, effects: [], ...when };
  noteStandstill(turn);
  elapse(turn);
  handle(turn, event);
  renew(turn);
  return { state: turn.state, effects: turn.effects };
}

/** Nothing is known of the door, and there is no connection: nobody is agreed to. */
export const initialInterlock: InterlockState = {
  claim: null,
  leases: [],
  seen: [],
  shutSinceMs: null,
  isConnected: false,
};

/** The rules with the constants of the protocol; these are the same at every door, only the timeout is configured. */
export function interlockRules(
  options: Pick<InterlockRules, "self" | "partners" | "timeoutMs"> & Partial<InterlockRules>,
): InterlockRules {
  return { useMs: 2000, leaseMs: 10_000, renewMs: 2000, settleMs: 1000, confirmMs: 2000, ...options };
}

/** Whether the door may be opened at this moment. */
export function isClear({ claim }: InterlockState, nowMs: number): boolean {
  return claim?.phase === "used" || (claim?.phase === "held" && nowMs < claim.untilMs);
}

/** When the machine wants a `tick` even if nothing happens; infinite when nothing is due. */
export function nextWakeMs({ claim, shutSinceMs }: InterlockState, rules: InterlockRules): number {
  if (claim === null) return Number.POSITIVE_INFINITY;
  if (claim.phase !== "used") return claim.untilMs;
  return Math.min(claim.renewDueMs, claim.fedMs + feedEveryMs, doneMs(claim, shutSinceMs, rules));
}

// --- internal ---

interface Turn {
  state: InterlockState;
  readonly effects: InterlockEffect[];
  readonly nowMs: number;
  readonly rules: InterlockRules;
}

/** So many nonces are remembered; a claim that comes again later still opens nothing, it only makes this door wait. */
const maxSeen = 256;
const feedEveryMs = 250;
const standstillMs = 500;

function handle(turn: Turn, event: InterlockEvent): void {
  switch (event.type) {
    case "want":
      onWant(turn, event.nonce);
      break;
    case "withdraw":
      giveUp(turn, { partner: null, why: "withdrawn" });
      break;
    case "used":
      onUsed(turn);
      break;
    case "door":
      onDoor(turn, event.isShut);
      break;
    case "connection":
      update(turn, { isConnected: event.isConnected });
      if (!event.isConnected) giveUp(turn, { partner: null, why: "not-connected" });
      break;
    case "message":
      if (turn.rules.partners.includes(event.from)) onMessage(turn, event.from, event.message);
      break;
    case "tick":
      break;
  }
}

/**
 * While the door is not known to be shut again the machine is fed regularly. After a gap the reports of the door may still
 * wait behind the message that is read now, so that the time in which they count begins anew.
 */
function noteStandstill(turn: Turn): void {
  const { state, nowMs } = turn;
  const { claim } = state;
  if (claim?.phase !== "used") return;
  const hasStoodStill = nowMs - claim.fedMs > standstillMs;
  update(turn, {
    claim: { ...claim, fedMs: nowMs, usedMs: hasStoodStill ? nowMs : claim.usedMs },
    shutSinceMs: hasStoodStill && state.shutSinceMs !== null ? nowMs : state.shutSinceMs,
  });
}

/** What time alone brings about. */
function elapse(turn: Turn): void {
  const { state, nowMs, rules } = turn;
  update(turn, { leases: state.leases.filter(({ untilMs }) => nowMs < untilMs) });
  const { claim } = state;
  if (claim?.phase === "asking" && nowMs >= claim.untilMs) {
    giveUp(turn, { partner: claim.missing[0] ?? null, why: "no-answer" });
  } else if (claim?.phase === "held" && nowMs >= claim.untilMs) {
    giveUp(turn, { partner: null, why: "withdrawn" });
  } else if (claim?.phase === "used" && nowMs >= doneMs(claim, state.shutSinceMs, rules)) {
    drop(turn);
  }
}

/** When a used claim is over: the door is shut, and has had the time to say if it were not. */
function doneMs(claim: Extract<Claim, { phase: "used" }>, shutSinceMs: number | null, rules: InterlockRules): number {
  if (shutSinceMs === null) return Number.POSITIVE_INFINITY;
  return Math.max(claim.usedMs + rules.confirmMs, shutSinceMs + rules.settleMs);
}

function onWant(turn: Turn, nonce: string): void {
  const { state, nowMs, rules } = turn;
  if (state.claim?.phase === "asking") return;
  if (state.claim !== null) return settle(turn, null);
  if (!state.isConnected) return settle(turn, { partner: null, why: "not-connected" });
  const other = state.leases[0];
  if (other) return settle(turn, { partner: other.from, why: "claims" });
  const { partners, timeoutMs } = rules;
  update(turn, { claim: { phase: "asking", nonce, untilMs: nowMs + timeoutMs, missing: partners } });
  tellAll(turn, { type: "claim", nonce });
}

function onUsed(turn: Turn): void {
  const { state, nowMs } = turn;
  if (!isClear(state, nowMs) || !state.claim) return;
  const renewals = state.claim.phase === "used" ? state.claim.renewals : 0;
  const { nonce } = state.claim;
  update(turn, { claim: { phase: "used", nonce, usedMs: nowMs, renewals, renewDueMs: nowMs, fedMs: nowMs } });
}

function onDoor(turn: Turn, isShut: boolean): void {
  const { state, nowMs } = turn;
  update(turn, { shutSinceMs: isShut ? (state.shutSinceMs ?? nowMs) : null });
  if (isShut || state.shutSinceMs === null) return;
  // It opened all the same: by the button, a key or force. Whoever relied on us shall know at once.
  for (const { from, nonce } of turn.state.leases) tell(turn, from, { type: "refuse", nonce, why: "open" });
}

function onMessage(turn: Turn, from: string, message: InterlockMessage): void {
  const { nonce } = message;
  switch (message.type) {
    case "claim":
      onClaim(turn, from, nonce);
      break;
    case "grant":
      onGrant(turn, from, nonce);
      break;
    case "refuse":
      if (turn.state.claim?.nonce === nonce) giveUp(turn, { partner: from, why: message.why });
      break;
    case "renew":
      onRenew(turn, from, message);
      break;
    case "release":
      update(turn, { leases: turn.state.leases.filter((lease) => lease.from !== from || lease.nonce !== nonce) });
      break;
  }
}

function onClaim(turn: Turn, from: string, nonce: string): void {
  const { state, nowMs, rules } = turn;
  if (state.seen.includes(nonce)) return;
  update(turn, { seen: [...state.seen, nonce].slice(-maxSeen) });
  const { claim, shutSinceMs } = state;
  const isShut = shutSinceMs !== null && nowMs - shutSinceMs >= rules.settleMs;
  if (!isShut || claim?.phase === "used") return tell(turn, from, { type: "refuse", nonce, why: "open" });
  if (claim?.phase === "held" || (claim?.phase === "asking" && rules.self < from)) {
    return tell(turn, from, { type: "refuse", nonce, why: "claims" });
  }
  giveUp(turn, { partner: from, why: "claims" });
  const lease = { from, nonce, untilMs: nowMs + rules.leaseMs, renewals: 0 };
  update(turn, { leases: [...turn.state.leases.filter((other) => other.from !== from), lease] });
  tell(turn, from, { type: "grant", nonce });
}

function onGrant(turn: Turn, from: string, nonce: string): void {
  const { claim } = turn.state;
  if (claim?.nonce !== nonce) return tell(turn, from, { type: "release", nonce });
  if (claim.phase !== "asking") return;
  const missing = claim.missing.filter((partner) => partner !== from);
  if (missing.length > 0) return update(turn, { claim: { ...claim, missing } });
  update(turn, { claim: { phase: "held", nonce, untilMs: claim.untilMs + turn.rules.useMs } });
  settle(turn, null);
}

function onRenew(turn: Turn, from: string, { nonce, n }: Extract<InterlockMessage, { type: "renew" }>): void {
  const { state, nowMs, rules } = turn;
  const leases = state.leases.map((lease) =>
    lease.from === from && lease.nonce === nonce && n > lease.renewals
      ? { ...lease, renewals: n, untilMs: nowMs + rules.leaseMs }
      : lease,
  );
  update(turn, { leases });
}

/** Ends a claim that has not opened the door. The claim of a door that was opened ends only when it is shut. */
function giveUp(turn: Turn, refusal: InterlockRefusal): void {
  const { claim } = turn.state;
  if (claim === null || claim.phase === "used") return;
  drop(turn);
  if (claim.phase === "asking") settle(turn, refusal);
}

function drop(turn: Turn): void {
  const { claim } = turn.state;
  if (!claim) return;
  update(turn, { claim: null });
  tellAll(turn, { type: "release", nonce: claim.nonce });
}

function renew(turn: Turn): void {
  const { claim } = turn.state;
  if (claim?.phase !== "used" || turn.nowMs < claim.renewDueMs) return;
  const n = claim.renewals + 1;
  update(turn, { claim: { ...claim, renewals: n, renewDueMs: turn.nowMs + turn.rules.renewMs } });
  tellAll(turn, { type: "renew", nonce: claim.nonce, n });
}

function settle(turn: Turn, refusal: InterlockRefusal | null): void {
  turn.effects.push({ type: "settled", refusal });
}

function tell(turn: Turn, to: string, message: InterlockMessage): void {
  turn.effects.push({ type: "send", to, message });
}

function tellAll(turn: Turn, message: InterlockMessage): void {
  for (const partner of turn.rules.partners) tell(turn, partner, message);
}

function update(turn: Turn, change: Partial<InterlockState>): void {
  turn.state = { ...turn.state, ...change };
}
