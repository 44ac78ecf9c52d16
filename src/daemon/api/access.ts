import type {
  AccessDefinitions,
  HolidaysDefinition,
  RuleDefinition,
  ScheduleDefinition,
} from "../access/definitions.ts";
import type { Explanation } from "../access/explain.ts";
import type { FactorSink } from "../access/second-factor.ts";
import type { DoorMode } from "./door.ts";

/** The access rules, for requests. A definition that is put replaces the one of its id. */
export interface Access extends FactorSink {
  readonly definitions: AccessDefinitions;
  /** Definitions that cannot be read; they permit nothing. */
  readonly damaged: readonly { readonly kind: string; readonly id: string }[];
  explain(personId: string, time: Date | null, mode: DoorMode): Explanation;
  putRule(rule: RuleDefinition, by: string): void;
  /** The last one goes only with `allowEveryone`. */
  removeRule(id: string, allowEveryone: boolean, by: string): void;
  /** Returns it with its time zone. */
  putSchedule(
    schedule: Omit<ScheduleDefinition, "timeZone"> & { readonly timeZone?: string | undefined },
    by: string,
  ): ScheduleDefinition;
  removeSchedule(id: string, by: string): void;
  putHolidays(holidays: HolidaysDefinition, by: string): void;
  removeHolidays(id: string, by: string): void;
  /** `isDuress`: it works as any other and raises a silent alarm. */
  putBadge(badge: string, holder: { readonly person: string; readonly isDuress: boolean }, by: string): void;
  removeBadge(badge: string, by: string): void;
  /** The person went out again, or is pardoned: no rule against passing back holds. */
  left(personId: string): void;
  /** A badge was held to a reader. Throws `LINTEL_E_NOT_FOUND` for one that nobody has. */
  badgeShown(badge: string): void;
}
