import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { JudgeQuestion } from "../admission/types.ts";
import type { Access, DoorMode, EventLog, Person } from "../api.ts";
import {
  type AccessDefinitions,
  type HolidaysDefinition,
  noDefinitions,
  type RuleDefinition,
  type ScheduleDefinition,
} from "./definitions.ts";
import { Entries } from "./entries.ts";
import { type Explanation, explain } from "./explain.ts";
import { machineTimeZone } from "./local-time.ts";
import { type AccessVerdict, type CompiledRules, compileRules, evaluateRules, type FactorKind } from "./rules.ts";
import type { PassageTime } from "./schedule.ts";
import {
  type BadgeReading,
  type FactorEvent,
  type FactorSink,
  type FactorWindow,
  SecondFactors,
} from "./second-factor.ts";
import type { AccessStore, BadgeHolder, Definition, DefinitionKind, LoadedDefinitions } from "./store.ts";

/** Whether the time of day may be believed: while not, what depends on it is refused. */
export interface ClockTrust {
  isClockTrusted(): boolean;
}

export interface AccessParts {
  readonly store: Pick<AccessStore, keyof AccessStore>;
  /** All or nothing, with the events written meanwhile: `Sqlite` is one. */
  readonly db: { transaction<T>(work: () => T): T; afterCommit(call: () => void): void };
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly people: { get(id: string): Person | undefined };
  readonly clock: Clock;
  readonly clockTrust: ClockTrust;
  readonly logger: Logger;
  readonly doorId: string;
  readonly window: FactorWindow;
  /** Of schedules that name none; undefined: the machine's. */
  readonly timeZone: string | undefined;
}

/** Far beyond what a building needs, and still judged in well under a millisecond. */
const limits = { rule: 1000, schedule: 500, holidays: 100 } as const;
/** One showing of a duress badge is one alarm. */
const duressQuietMs = 10_000;
const nouns = { rule: "rule", schedule: "schedule", holidays: "calendar of holidays" } as const;

/** Who may enter and when: keeps the definitions, judges by them, and says why. */
export class AccessService implements Access, FactorSink {
  readonly #parts: AccessParts;
  readonly #factors: SecondFactors;
  readonly #entries: Entries;
  readonly #duressQuietUntilMs = new Map<string, number>();
  #badgeListener: (reading: BadgeReading) => void = () => {};
  #definitions: AccessDefinitions = noDefinitions;
  #damaged: LoadedDefinitions["damaged"] = [];
  #compiled: CompiledRules = compileRules(noDefinitions);

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#entries = new Entries(parts);
    this.#factors = new SecondFactors({ clock: parts.clock, window: parts.window });
  }

  /** Reads the definitions. What cannot be read permits nothing, and a rule that cannot be read is a rule all the same. */
  start(): void {
    this.#entries.start();
    this.#load();
  }

  /** Safe to call twice. */
  stop(): void {
    this.#entries.stop();
  }

  #load(): void {
    const { damaged, ...definitions } = this.#parts.store.load();
    this.#use(definitions, damaged);
    for (const one of damaged) {
      this.#parts.logger.error(one, "access definition cannot be read and permits nothing: put it anew or remove it");
    }
  }

  // --- judging ---

  isClockTrusted(): boolean {
    return this.#parts.clockTrust.isClockTrusted();
  }

  judge(person: Person, { at, faceSinceMs, hasCompanion }: JudgeQuestion): AccessVerdict {
    return evaluateRules(this.#compiled, {
      ...{ groups: person.groups, door: this.#parts.doorId, at, hasCompanion },
      isClockTrusted: this.isClockTrusted(),
      lastEntryAt: this.#entries.lastAt(person.id),
      seen: this.#factors.seen(person.id, faceSinceMs),
    }).verdict;
  }

  entered(person: Person): void {
    this.#factors.used(person.id);
    const isCounted = this.#definitions.rules.some(({ passback }) => passback !== null);
    if (isCounted && this.isClockTrusted()) this.#entries.entered(person.id);
  }

  /** Why the person may or may not pass now, or would at another time (then by the rules alone, as if the clock were set). */
  explain(personId: string, time: Date | null, mode: DoorMode): Explanation {
    const person = this.#mustKnow(personId);
    const { clock, doorId } = this.#parts;
    const seen = time === null ? this.#factors.seen(personId, clock.nowMs()) : new Set<FactorKind>();
    return explain(this.#compiled, {
      ...{ person, door: doorId, mode, seen, at: time ?? clock.date() },
      lastEntryAt: time === null ? this.#entries.lastAt(personId) : null,
      isClockTrusted: time !== null || this.isClockTrusted(),
    });
  }

  /** Follows a schedule, as it is at each moment asked; a schedule that is not there, or an unset clock: no. */
  passageTime(scheduleId: string): PassageTime {
    return {
      isPassageTime: (date) =>
        this.isClockTrusted() && (this.#compiled.schedules.get(scheduleId)?.at(date).isWithin ?? false),
    };
  }

  // --- second factors ---

  /** For people only: what names nobody is of no use and is not kept. */
  shown({ kind, person }: FactorEvent): void {
    const isKnown = this.#parts.people.get(person) !== undefined;
    if (isKnown) this.#factors.shown({ kind, person });
    else this.#parts.logger.warn({ kind }, "second factor of somebody who is not enrolled");
    if (kind === "badge") this.#badgeListener({ person: isKnown ? person : null, badge: person });
  }

  /** Calls back for each badge held to the reader, known or not; one listener at a time. */
  onBadge(listener: (reading: BadgeReading) => void): void {
    this.#badgeListener = listener;
  }

  /** The person went out again (an exit reader says so), or is pardoned: no rule against passing back holds. */
  left(personId: string): void {
    this.#mustKnow(personId);
    this.#entries.left(personId);
  }

  badgeShown(badge: string): void {
    const holder = this.#parts.store.holderOf(badge);
    if (holder === undefined) {
      this.#badgeListener({ person: null, badge });
      throw new LintelError("LINTEL_E_NOT_FOUND", "nobody has this badge", { hint: "lintel access add-badge" });
    }
    this.shown({ kind: "badge", person: holder.person });
    if (holder.isDuress) this.#raiseDuress(holder.person);
  }

  putBadge(badge: string, { person: personId, isDuress }: BadgeHolder, by: string): void {
    this.#mustKnow(personId);
    const { db, store, events } = this.#parts;
    db.transaction(() => {
      store.putBadge(badge, { person: personId, isDuress });
      events.append("updated", { person: personId, changed: ["badges"], by });
    });
  }

  removeBadge(badge: string, by: string): void {
    const { db, store, events } = this.#parts;
    db.transaction(() => {
      const person = store.holderOf(badge)?.person;
      if (person === undefined) throw new LintelError("LINTEL_E_NOT_FOUND", "nobody has this badge");
      store.removeBadge(badge);
      events.append("updated", { person, changed: ["badges"], by });
    });
  }

  // --- definitions ---

  get definitions(): AccessDefinitions {
    return this.#definitions;
  }

  get damaged(): LoadedDefinitions["damaged"] {
    return this.#damaged;
  }

  putRule(rule: RuleDefinition, by: string): void {
    if (rule.schedule !== null) this.#mustHave("schedule", rule.schedule);
    this.#put("rule", rule, by);
  }

  putSchedule(schedule: Omit<ScheduleDefinition, "timeZone"> & { timeZone?: string | undefined }, by: string) {
    for (const calendar of schedule.holidays) this.#mustHave("holidays", calendar);
    const timeZone = schedule.timeZone ?? this.#parts.timeZone ?? machineTimeZone();
    const whole: ScheduleDefinition = { ...schedule, timeZone };
    this.#put("schedule", whole, by);
    return whole;
  }

  putHolidays(holidays: HolidaysDefinition, by: string): void {
    this.#put("holidays", holidays, by);
  }

  /** The last rule goes only with `allowEveryone`: without rules everybody may enter at any time. */
  removeRule(id: string, allowEveryone: boolean, by: string): void {
    this.#mustHave("rule", id);
    if (this.#compiled.count === 1 && !allowEveryone) {
      throw new LintelError("LINTEL_E_CONFLICT", `${id} is the last rule: without any, everybody may always enter`, {
        hint: "say allowEveryone (--allow-everyone) if that is what you want, or put another rule first",
      });
    }
    this.#remove("rule", id, by);
  }

  removeSchedule(id: string, by: string): void {
    this.#mustHave("schedule", id);
    const users = this.#definitions.rules.filter(({ schedule }) => schedule === id);
    this.#refuseInUse(id, users);
    this.#remove("schedule", id, by);
  }

  removeHolidays(id: string, by: string): void {
    this.#mustHave("holidays", id);
    const users = this.#definitions.schedules.filter(({ holidays }) => holidays.includes(id));
    this.#refuseInUse(id, users);
    this.#remove("holidays", id, by);
  }

  // --- internal ---

  /** The alarm is silent: nothing else, anywhere, differs from any other badge. A reader that repeats itself is heard once. */
  #raiseDuress(person: string): void {
    const nowMs = this.#parts.clock.nowMs();
    const quietUntilMs = this.#duressQuietUntilMs.get(person);
    if (quietUntilMs !== undefined && nowMs < quietUntilMs) return;
    this.#duressQuietUntilMs.set(person, nowMs + duressQuietMs);
    this.#parts.events.append("duress", { person });
  }

  #put(kind: DefinitionKind, definition: Definition, by: string): void {
    const { db, store, events } = this.#parts;
    const isNew = !this.#idsOf(kind).includes(definition.id);
    if (isNew && this.#idsOf(kind).length >= limits[kind]) {
      throw new LintelError("LINTEL_E_REQUEST", `there are ${limits[kind]} of these already`, {
        hint: "remove what is not needed any more",
      });
    }
    db.transaction(() => {
      store.put(kind, definition);
      db.afterCommit(() => this.#load());
      events.append("updated", { access: kind, id: definition.id, change: isNew ? "added" : "changed", by });
    });
  }

  #remove(kind: DefinitionKind, id: string, by: string): void {
    const { db, store, events } = this.#parts;
    db.transaction(() => {
      store.remove(kind, id);
      db.afterCommit(() => this.#load());
      events.append("updated", { access: kind, id, change: "removed", by });
    });
  }

  #use(definitions: AccessDefinitions, damaged: LoadedDefinitions["damaged"]): void {
    this.#definitions = definitions;
    this.#damaged = damaged;
    this.#compiled = compileRules(definitions, damaged.filter(({ kind }) => kind === "rule").length);
  }

  #idsOf(kind: DefinitionKind): readonly string[] {
    const { rules, schedules, holidays } = this.#definitions;
    const readable = { rule: rules, schedule: schedules, holidays }[kind].map(({ id }) => id);
    return [...readable, ...this.#damaged.filter((one) => one.kind === kind).map(({ id }) => id)];
  }

  #mustHave(kind: DefinitionKind, id: string): void {
    if (this.#idsOf(kind).includes(id)) return;
    throw new LintelError("LINTEL_E_NOT_FOUND", `there is no ${nouns[kind]} ${id}`, {
      hint: "see lintel access rules",
    });
  }

  #refuseInUse(id: string, users: readonly { readonly id: string }[]): void {
    const [first, ...rest] = users;
    if (first === undefined) return;
    const more = rest.length > 0 ? ` and ${rest.length} more` : "";
    throw new LintelError("LINTEL_E_CONFLICT", `${id} is used by ${first.id}${more}`, { hint: "change those first" });
  }

  #mustKnow(id: string): Person {
    const person = this.#parts.people.get(id);
    if (person) return person;
    throw new LintelError("LINTEL_E_NOT_FOUND", `nobody is enrolled as ${id}`, {
      hint: "lintel people list shows everybody",
    });
  }
}
