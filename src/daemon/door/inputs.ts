import { freshness } from "../../core/clock.ts";
import { raise, resolve } from "./alarms.ts";
import { endOpening, lockNow, record, update, whom } from "./opening.ts";
import type { DoorEvent, Turn } from "./types.ts";

/** Door contact, request to exit and tamper switch. Active is the noteworthy side: open, pressed, housing open. */

type InputEvent = Extract<DoorEvent, { type: "input" }>;

/** An input changed, or a guard that has just started says how it is. `unlock` opens on behalf of the button. */
export function onInput(turn: Turn, event: InputEvent, unlock: (source: "rex") => void): void {
  if (event.line === "contact") onContact(turn, event);
  else if (event.line === "tamper") onTamper(turn, event.isActive);
  else if (event.isActive) onRequestToExit(turn, unlock);
}

// --- internal ---

function onRequestToExit(turn: Turn, unlock: (source: "rex") => void): void {
  update(turn, { excusedUntilMs: Math.max(turn.state.excusedUntilMs, turn.nowMs + turn.rules.openMs) });
  record(turn, "rex");
  if (turn.rules.rexOpens) unlock("rex");
}

function onContact(turn: Turn, { isActive, atMs }: InputEvent): void {
  const { contact } = turn.state;
  if (contact === (isActive ? "open" : "closed")) return;
  update(turn, {
    contact: isActive ? "open" : "closed",
    heldSinceMs: isActive ? turn.nowMs : null,
    heldLimitMs: turn.rules.heldMs,
  });
  // The first word on a door that was never seen before is no change.
  if (contact === "unknown") return;
  if (isActive) onDoorOpened(turn, freshness(atMs, turn.nowMs, 1000) === "fresh" ? atMs : turn.nowMs);
  else onDoorClosed(turn);
}

function onDoorClosed(turn: Turn): void {
  record(turn, "closed", { source: "contact" });
  for (const alarm of ["held-warning", "held", "forced"] as const) resolve(turn, alarm);
}

function onDoorOpened(turn: Turn, atMs: number): void {
  const { state, rules } = turn;
  const { opening, untaken } = state;
  const permission = opening ?? untaken;
  record(turn, "opened", { source: "contact", ...(permission ? whom(permission) : {}) });
  // Who was given more time to pass has it for the open door as well.
  update(turn, { untaken: null, heldLimitMs: Math.max(rules.heldMs, permission?.openMs ?? 0) });
  if (!opening && state.lock !== "unlocked" && atMs > state.excusedUntilMs) {
    raise(turn, "forced");
  }
  if (!opening) return;
  update(turn, { opening: { ...opening, isTaken: true } });
  if (opening.kind === "passage" || !rules.relockOnOpen) return;
  endOpening(turn, "relock");
  lockNow(turn, "relock");
}

function onTamper(turn: Turn, isActive: boolean): void {
  if (isActive) raise(turn, "tamper");
  else resolve(turn, "tamper");
}
