import type { DoorMode, Person } from "../api.ts";
import type { AccessJudge, Entry, JudgeQuestion, RefusalReason } from "./types.ts";

/** What is asked of a person apart from the rules. */
export interface PersonQuestion {
  readonly mode: DoorMode;
  readonly at: Date;
  /** Without a trusted clock nobody can say whether a validity has begun or ended. */
  readonly isClockTrusted: boolean;
}

/**
 * What speaks against this person passing now, whatever the rules say; null for nothing. An unreadable date is a reason to
 * refuse. Pure.
 */
export function personRefusal(person: Person | undefined, question: PersonQuestion): RefusalReason | null {
  const { mode, at, isClockTrusted } = question;
  if (person === undefined) return "unknown";
  if (!person.enabled) return "disabled";
  if (mode === "lockdown") return "lockdown";
  const { validFrom, validUntil } = person;
  if ((validFrom !== null || validUntil !== null) && !isClockTrusted) return "clock-unset";
  if (validFrom !== null && !(Date.parse(validFrom) <= at.getTime())) return "expired";
  if (validUntil !== null && !(at.getTime() < Date.parse(validUntil))) return "expired";
  return null;
}

/**
 * May this person pass this door now? First the person, then
 * the rules: groups, schedules, second factor.
 */
export function mayEnter(
  person: Person | undefined,
  { mode, access, ...question }: JudgeQuestion & { readonly mode: DoorMode; readonly access: AccessJudge },
): Entry {
  const reason = personRefusal(person, { mode, at: question.at, isClockTrusted: access.isClockTrusted() });
  if (reason !== null) return { ok: false, reason, needs: null };
  if (person === undefined) return { ok: false, reason: "unknown", needs: null };
  const verdict = access.judge(person, question);
  return verdict.ok ? { ...verdict, person } : verdict;
}
