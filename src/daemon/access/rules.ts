import { type AccessDefinitions, everyone, type RuleDefinition, type SecondFactor } from "./definitions.ts";
import { LocalClock } from "./local-time.ts";
import { closedSchedule, compileSchedule, type Schedule, type ScheduleFinding } from "./schedule.ts";

/** Evidence from outside that the person is there. */
export type FactorKind = Exclude<SecondFactor, "none" | "any">;

/** What one rule said, in one word; only `permits` opens. */
export type RuleSays =
  | "permits"
  | "switched-off"
  | "other-door"
  | "other-group"
  | "clock-unset"
  | "outside-hours"
  | "passed-back"
  | "second-factor-missing"
  | "two-person-waiting";

export interface RuleFinding {
  readonly rule: RuleDefinition;
  readonly says: RuleSays;
  /** What the schedule said; null when the rule has none or it was not asked. */
  readonly schedule: ScheduleFinding | null;
}

export interface RuleQuestion {
  readonly groups: readonly string[];
  readonly door: string;
  readonly at: Date;
  readonly isClockTrusted: boolean;
  /** Second factors that were seen for this person within the window around the face. */
  readonly seen: ReadonlySet<FactorKind>;
  /** Somebody else stands there now who lacks nothing but company either. */
  readonly hasCompanion: boolean;
  /** When the person last went in here and has not come out since, as far as is known. */
  readonly lastEntryAt: Date | null;
}

export type AccessRefusal =
  | "not-permitted"
  | "outside-hours"
  | "clock-unset"
  | "passed-back"
  | "second-factor-missing"
  | "two-person-waiting"
  /** The list of people itself is too old to be believed (fleet). */
  | "stale";

export type AccessVerdict =
  | {
      readonly ok: true;
      /** The rule that permits; null: there are no rules. */
      readonly rule: string | null;
      /** The second factor that the permission rests on. */
      readonly secondFactor: FactorKind | null;
      /** The person went in a short while ago; the rule lets it pass and wants it noted. */
      readonly isPassedBack: boolean;
    }
  | {
      readonly ok: false;
      readonly reason: AccessRefusal;
      /** What would do, when a second factor is missing. */
      readonly needs: Exclude<SecondFactor, "none"> | null;
    };

export interface AccessFinding {
  readonly verdict: AccessVerdict;
  /** Every rule in turn, the one that decided among them. */
  readonly findings: readonly RuleFinding[];
}

/** Rules that are ready to be asked. */
export interface CompiledRules {
  readonly rules: readonly RuleDefinition[];
  /** More than the readable rules when some cannot be read: they permit nothing, but they are there. */
  readonly count: number;
  readonly schedules: ReadonlyMap<string, Schedule>;
}

/** `damagedRules`: how many there are besides that cannot be read. */
export function compileRules(definitions: AccessDefinitions, damagedRules = 0): CompiledRules {
  const clocks = new Map<string, LocalClock>();
  const clockOf = (timeZone: string) => {
    const clock = clocks.get(timeZone) ?? new LocalClock(timeZone);
    clocks.set(timeZone, clock);
    return clock;
  };
  return {
    rules: definitions.rules,
    count: definitions.rules.length + damagedRules,
    schedules: new Map(
      definitions.schedules.map((one) => [one.id, compileSchedule(one, definitions.holidays, clockOf)]),
    ),
  };
}

/**
 * May somebody of these groups pass this door at that instant? Without any rule everybody may. With one or more, only what a
 * rule permits; a rule that is switched off still counts as one. Of several refusals the one that is nearest to a yes is
 * given. Pure; the decision and its explanation are one computation.
 */
export function evaluateRules(compiled: CompiledRules, question: RuleQuestion): AccessFinding {
  if (compiled.count === 0)
    return { verdict: { ok: true, rule: null, secondFactor: null, isPassedBack: false }, findings: [] };
  const findings = compiled.rules.map((rule) => judgeRule(rule, compiled, question));
  const permitting = findings.filter(({ says }) => says === "permits").map(({ rule }) => rule);
  // A rule that asks for nothing more is taken first: no badge is used up without need.
  const best = permitting.find(({ secondFactor }) => secondFactor === "none") ?? permitting[0];
  if (best) {
    const isPassedBack = isWithinPassback(best, question);
    const secondFactor = factorOf(best, question.seen);
    return { verdict: { ok: true, rule: best.id, secondFactor, isPassedBack }, findings };
  }
  return { verdict: refusalOf(findings), findings };
}

/** Whether one of the factors seen is what the rule asks for. */
export function isSatisfied(wanted: SecondFactor, seen: ReadonlySet<FactorKind>): boolean {
  return wanted === "none" || (wanted === "any" ? seen.size > 0 : seen.has(wanted));
}

// --- internal ---

function judgeRule(rule: RuleDefinition, compiled: CompiledRules, question: RuleQuestion): RuleFinding {
  const without = (says: RuleSays): RuleFinding => ({ rule, says, schedule: null });
  if (!rule.enabled) return without("switched-off");
  if (!names(rule.doors, [question.door])) return without("other-door");
  if (!names(rule.groups, question.groups)) return without("other-group");
  const isTimed = rule.schedule !== null || rule.passback?.mode === "hard";
  if (isTimed && !question.isClockTrusted) return without("clock-unset");
  const schedule =
    rule.schedule === null
      ? null
      : (compiled.schedules.get(rule.schedule) ?? closedSchedule(rule.schedule)).at(question.at);
  if (schedule && !schedule.isWithin) return { rule, says: "outside-hours", schedule };
  const isBarred = rule.passback?.mode === "hard" && isWithinPassback(rule, question);
  if (isBarred) return { rule, says: "passed-back", schedule };
  const isProven = isSatisfied(rule.secondFactor, question.seen);
  if (!isProven) return { rule, says: "second-factor-missing", schedule };
  const isAccompanied = rule.persons === 1 || question.hasCompanion;
  return { rule, says: isAccompanied ? "permits" : "two-person-waiting", schedule };
}

/** Too soon after the last entry. An entry in the future (the clock was set back) is too soon as well. */
function isWithinPassback({ passback }: RuleDefinition, { lastEntryAt, at }: RuleQuestion): boolean {
  if (passback === null || lastEntryAt === null) return false;
  return at.getTime() - lastEntryAt.getTime() < passback.minutes * 60_000;
}

function names(listed: readonly string[], actual: readonly string[]): boolean {
  return listed.includes(everyone) || actual.some((name) => listed.includes(name));
}

function factorOf(rule: RuleDefinition, seen: ReadonlySet<FactorKind>): FactorKind | null {
  if (rule.secondFactor === "none") return null;
  if (rule.secondFactor !== "any") return rule.secondFactor;
  return [...seen][0] ?? null;
}

/** What helps most comes first: a badge can be shown now, a clock will be set, hours come round. */
const nearestFirst = [
  "two-person-waiting",
  "second-factor-missing",
  "clock-unset",
  "passed-back",
  "outside-hours",
] as const;

function refusalOf(findings: readonly RuleFinding[]): AccessVerdict {
  const reason = nearestFirst.find((word) => findings.some(({ says }) => says === word)) ?? "not-permitted";
  if (reason !== "second-factor-missing") return { ok: false, reason, needs: null };
  const wanted = findings.filter(({ says }) => says === reason).map(({ rule }) => rule.secondFactor);
  const [first, ...rest] = wanted;
  const needs = rest.every((factor) => factor === first) ? first : "any";
  return { ok: false, reason, needs: needs === undefined || needs === "none" ? "any" : needs };
}
