import { personRefusal } from "../admission/may-enter.ts";
import type { RefusalReason } from "../admission/types.ts";
import type { DoorMode, Person } from "../api.ts";
import { everyone } from "./definitions.ts";
import {
  type AccessFinding,
  type CompiledRules,
  evaluateRules,
  type FactorKind,
  type RuleFinding,
  type RuleSays,
} from "./rules.ts";

/** One thing that was looked at besides the rules. */
export interface ExplainedCheck {
  readonly check: "enabled" | "validity" | "mode" | "clock";
  readonly ok: boolean;
  readonly says: string;
}

/** One rule that was looked at, in the order of the ids. */
export interface ExplainedRule {
  readonly rule: string;
  readonly verdict: RuleSays;
  readonly schedule: string | null;
  /** The local time the schedule was asked about, such as `Sun 2026-03-29 03:15 Europe/Berlin`. */
  readonly localTime: string | null;
  readonly holiday: string | null;
  readonly says: string;
}

/** Why somebody may, or may not, pass at a time: as data and in words. */
export interface Explanation {
  readonly person: string;
  readonly door: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly ok: boolean;
  /** Null when the person may pass. */
  readonly reason: RefusalReason | null;
  /** The rule that permits; null when none does or there are none. */
  readonly rule: string | null;
  readonly checks: readonly ExplainedCheck[];
  readonly rules: readonly ExplainedRule[];
  /** The verdict in one sentence. */
  readonly says: string;
}

export interface ExplainQuestion {
  readonly person: Person;
  readonly door: string;
  readonly mode: DoorMode;
  readonly at: Date;
  readonly isClockTrusted: boolean;
  readonly seen: ReadonlySet<FactorKind>;
  readonly lastEntryAt: Date | null;
}

/** Looks at everything a decision looks at, by the same functions, and says what it saw. Pure. */
export function explain(compiled: CompiledRules, question: ExplainQuestion): Explanation {
  const { person, door, at } = question;
  const personal = personRefusal(person, question);
  const finding = evaluateRules(compiled, { ...question, hasCompanion: false, groups: person.groups });
  const { verdict } = finding;
  const reason = personal ?? (verdict.ok ? null : verdict.reason);
  const rule = reason === null && verdict.ok ? verdict.rule : null;
  return {
    person: person.id,
    door,
    time: at.toISOString(),
    ok: reason === null,
    reason,
    rule,
    checks: checksOf(question),
    rules: finding.findings.map((one) => explainRule(one, question)),
    says: sentence({ question, reason, personal, finding, hasRules: compiled.count > 0 }),
  };
}

// --- internal ---

function checksOf({ person, mode, at, isClockTrusted }: ExplainQuestion): ExplainedCheck[] {
  const { enabled, validFrom, validUntil } = person;
  const time = at.getTime();
  const isStarted = validFrom === null || Date.parse(validFrom) <= time;
  const isOver = validUntil !== null && !(time < Date.parse(validUntil));
  return [
    { check: "enabled", ok: enabled, says: enabled ? "the person is enabled" : "the person is switched off" },
    {
      check: "validity",
      ok: isStarted && !isOver,
      says: !isStarted
        ? `the person is valid only from ${validFrom} on`
        : isOver
          ? `the person was valid until ${validUntil}`
          : "the person is within the dates of validity",
    },
    {
      check: "mode",
      ok: mode !== "lockdown",
      says: mode === "lockdown" ? "the door is in lockdown: nobody passes" : `the door is in mode ${mode}`,
    },
    {
      check: "clock",
      ok: isClockTrusted,
      says: isClockTrusted ? "the time of day is known" : "the time of day is not known: what depends on it is refused",
    },
  ];
}

function explainRule({ rule, says, schedule }: RuleFinding, question: ExplainQuestion): ExplainedRule {
  return {
    rule: rule.id,
    verdict: says,
    schedule: rule.schedule,
    localTime: schedule?.localTime ?? null,
    holiday: schedule?.holiday ?? null,
    says: words({ rule, says, schedule }, question),
  };
}

function words({ rule, says, schedule }: RuleFinding, { person, door, seen }: ExplainQuestion): string {
  const when = schedule === null ? "at any time" : `${schedule.localTime} is in ${schedule.period ?? "no period"}`;
  const holiday = schedule?.holiday ? ` (holiday: ${schedule.holiday})` : "";
  switch (says) {
    case "permits": {
      const proven = rule.secondFactor === "none" ? "" : `, ${[...seen].join(" and ")} was seen`;
      return `permits ${groupsText(rule.groups)} ${when}${holiday}${proven}`;
    }
    case "switched-off":
      return "is switched off";
    case "other-door":
      return `is for ${rule.doors.join(", ")}, not for ${door}`;
    case "other-group":
      return `is for ${rule.groups.join(", ")}; ${person.id} is in ${person.groups.join(", ") || "no group"}`;
    case "clock-unset":
      return `depends on schedule ${rule.schedule ?? ""}, and the time of day is not known`;
    case "outside-hours":
      return `is outside the hours of ${rule.schedule ?? ""}: ${schedule?.localTime ?? ""}${holiday}`;
    case "passed-back":
      return `lets nobody pass again within ${rule.passback?.minutes ?? 0} minutes of entering`;
    case "two-person-waiting":
      return `permits ${when}${holiday} to two people together, and nobody else is there`;
    case "second-factor-missing":
      return `permits ${when}${holiday} with ${factorText(rule.secondFactor)}, and none was seen`;
  }
}

function groupsText(groups: readonly string[]): string {
  return groups.includes(everyone) ? "everybody" : groups.join(", ");
}

function factorText(factor: string): string {
  return factor === "any" ? "a badge or a presence message" : factor === "badge" ? "a badge" : "a presence message";
}

const refusals: Partial<Record<RefusalReason, string>> = {
  disabled: "the person is switched off",
  expired: "the person's dates of validity do not cover it",
  lockdown: "the door is in lockdown",
  "clock-unset": "the time of day is not known and the permission depends on it",
  "not-permitted": "no rule permits it",
  "outside-hours": "it is outside the hours of every rule that is meant for this person and door",
  "passed-back": "the person went in a short while ago",
  "two-person-waiting": "a second person has to be there as well",
  "second-factor-missing": "a second factor has to be shown as well",
};

function sentence(all: {
  question: ExplainQuestion;
  reason: RefusalReason | null;
  personal: RefusalReason | null;
  finding: AccessFinding;
  hasRules: boolean;
}): string {
  const { question, reason, finding, hasRules } = all;
  const head = `${question.person.id} at ${question.door} on ${question.at.toISOString()}`;
  if (reason !== null) return `${head}: refused (${reason}), ${refusals[reason] ?? reason}`;
  if (!hasRules) return `${head}: may pass, there are no rules and every enabled person may`;
  const { verdict } = finding;
  return `${head}: may pass by rule ${verdict.ok ? (verdict.rule ?? "") : ""}`;
}
