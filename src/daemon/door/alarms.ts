import type { EventType } from "../api.ts";
import { record, update } from "./opening.ts";
import type { AlarmName, DoorAlarm, DoorMachineState, Turn } from "./types.ts";

/**
 * The life of an alarm: `raised` once when its cause appears, `acknowledged` when somebody has seen it, `resolved` when
 * the cause is gone. Resolved without having been seen it stays on the list until it is acknowledged: nobody breaks in
 * unnoticed by closing the door behind him. The cause alone resolves; an acknowledgement only silences.
 */

/** Alarms that are written down, by the event they are written as; the others are told by the state alone. */
const eventOf: Partial<Record<AlarmName, EventType>> = { forced: "forced", held: "held", tamper: "tamper" };
/** Gone with its cause: it is the announcement of another alarm. */
const isForgotten = (name: AlarmName) => name === "held-warning";

export function isUp(state: DoorMachineState, name: AlarmName): boolean {
  return state.alarms.some((alarm) => alarm.name === name && alarm.state !== "resolved");
}

/** Raises an alarm; one that is up already is left alone. */
export function raise(turn: Turn, name: AlarmName, fields: Record<string, unknown> = {}): void {
  if (isUp(turn.state, name)) return;
  put(turn, name, { name, state: "raised", sinceMs: turn.nowMs, by: null });
  say(turn, name, { ...fields, state: "raised" });
}

/** The cause is gone. */
export function resolve(turn: Turn, name: AlarmName): void {
  const alarm = turn.state.alarms.find((other) => other.name === name && other.state !== "resolved");
  if (!alarm) return;
  const isOver = alarm.state === "acknowledged" || isForgotten(name);
  put(turn, name, isOver ? null : { ...alarm, state: "resolved", sinceMs: turn.nowMs });
  say(turn, name, { state: "resolved" });
}

/** Somebody has seen it. False: there is no such alarm, or somebody else has seen it before. */
export function acknowledge(turn: Turn, name: AlarmName, by: string): boolean {
  const alarm = turn.state.alarms.find((other) => other.name === name);
  if (!alarm || alarm.state === "acknowledged") return false;
  put(turn, name, alarm.state === "resolved" ? null : { ...alarm, state: "acknowledged", sinceMs: turn.nowMs, by });
  say(turn, name, { state: "acknowledged", by });
  return true;
}

/** What the lights and sounders have to say about the alarms: the loudest that nobody has acknowledged. */
export function lastingSignal(state: DoorMachineState): "alarm" | "warning" | "quiet" {
  const raised = state.alarms.filter((alarm) => alarm.state === "raised").map(({ name }) => name);
  // A relay that does not obey is for the operator: who stands at the door can do nothing about it.
  if (raised.some((name) => name === "forced" || name === "held" || name === "tamper")) return "alarm";
  return raised.includes("held-warning") ? "warning" : "quiet";
}

// --- internal ---

function put(turn: Turn, name: AlarmName, alarm: DoorAlarm | null): void {
  const others = turn.state.alarms.filter((other) => other.name !== name);
  update(turn, { alarms: alarm ? [...others, alarm] : others });
}

function say(turn: Turn, name: AlarmName, fields: Record<string, unknown>): void {
  const event = eventOf[name];
  if (event) record(turn, event, fields);
}
