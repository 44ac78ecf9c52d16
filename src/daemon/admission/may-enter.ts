import type { DoorMode, Person } from "../api.ts";
import type { RefusalReason } from "./types.ts";

/**
 * May this person pass this door now? Pure; the access rules (groups, schedules) will stand here too. Without rules every
 * enabled person within the dates of validity may. An unreadable date is a reason to refuse.
 */
export function mayEnter(person: Person | undefined, { mode, at }: { mode: DoorMode; at: Date }): RefusalReason | null {
  if (person === undefined) return "unknown";
  if (!person.enabled) return "disabled";
  if (mode === "lockdown") return "lockdown";
  if (person.validFrom !== null && !(Date.parse(person.validFrom) <= at.getTime())) return "expired";
  if (person.validUntil !== null && !(at.getTime() < Date.parse(person.validUntil))) return "expired";
  return null;
}
