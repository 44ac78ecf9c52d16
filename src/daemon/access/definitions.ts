import { z } from "zod";
import { isTimeZone } from "./local-time.ts";

/**
 * What an operator says about who may enter and when: rules, weekly schedules, holidays. The same shapes arrive by request,
 * lie in the database and are shown.
 */

export const accessId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    "an id is 1 to 64 lower-case letters, digits, dots, _ or -, starting with a letter or digit",
  );

/** Stands for every group, or every door. No group and no door can be called so. */
export const everyone = "*";

const note = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must not hold control characters");

const clockTime = /^([01]\d|2[0-3]):[0-5]\d$/;
const from = z.string().regex(clockTime, "must be a time such as 08:00");
const until = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "must be a time such as 18:00, or 24:00");

/** From (inclusive) to until (exclusive) by the clock on the wall; until before from crosses midnight. */
export interface Period {
  readonly from: string;
  readonly until: string;
}

const isPeriod = (period: Period) => period.from !== period.until;
const emptyPeriodText = "from and until are the same: a whole day is 00:00 to 24:00";
const period = z.strictObject({ from, until }).refine(isPeriod, emptyPeriodText);

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** A weekly timetable in one time zone. A period that crosses midnight belongs to the day it starts on. */
export const scheduleDefinition = z.strictObject({
  id: accessId,
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin")
    .describe("IANA name; a fixed offset would miss daylight saving."),
  weekly: z
    .array(
      z.strictObject({ days: z.array(z.enum(weekdays)).min(1).max(7), from, until }).refine(isPeriod, emptyPeriodText),
    )
    .max(64),
  /** Ids of the calendars of holidays that count here. */
  holidays: z.array(accessId).max(16).default([]),
  /** The periods of a day that is a holiday, instead of the weekday's; none: closed all day. */
  onHolidays: z.array(period).max(16).default([]),
});
export type ScheduleDefinition = z.output<typeof scheduleDefinition>;

const day = z.iso.date("must be a date such as 2026-12-25");

/** Days on which the usual week does not apply, as dates in the schedule's own zone. */
export const holidaysDefinition = z.strictObject({
  id: accessId,
  days: z
    .array(
      z
        .strictObject({
          date: day,
          /** Last day of a stretch, included. */
          until: day.optional(),
          /** The same days of every year. */
          yearly: z.boolean().default(false),
          name: note.optional(),
        })
        .refine(({ date, until: last }) => last === undefined || date <= last, "until must not be before date")
        .refine(({ date, until: last }) => daysBetween(date, last ?? date) < 366, "a stretch is shorter than a year"),
    )
    .max(1000),
});
export type HolidaysDefinition = z.output<typeof holidaysDefinition>;

export const secondFactors = ["none", "presence", "badge", "any"] as const;
export type SecondFactor = (typeof secondFactors)[number];

/** One permission. Rules only ever permit: what no rule permits is refused as soon as there is one rule. */
export const ruleDefinition = z.strictObject({
  id: accessId,
  /** Names of groups, or `*` for everybody. A person in any of them is meant. */
  groups: z
    .array(z.union([z.literal(everyone), z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/)]))
    .min(1)
    .max(64),
  doors: z
    .array(z.union([z.literal(everyone), z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)]))
    .min(1)
    .max(64)
    .default([everyone]),
  /** Id of the schedule; null: at any time, also while the clock is not set. */
  schedule: accessId.nullable().default(null),
  secondFactor: z.enum(secondFactors).default("none"),
  /** How many people must stand at the door, each recognised and permitted by a rule, before it opens to them. */
  persons: z.union([z.literal(1), z.literal(2)]).default(1),
  /** Nobody passes again within so many minutes of entering: `hard` refuses, `soft` lets in and writes it down. */
  passback: z
    .strictObject({ minutes: z.int().min(1).max(10_080), mode: z.enum(["soft", "hard"]).default("hard") })
    .nullable()
    .default(null),
  enabled: z.boolean().default(true),
  note: note.optional(),
});
export type RuleDefinition = z.output<typeof ruleDefinition>;

/** Everything that decides, in the order of the ids. */
export interface AccessDefinitions {
  readonly rules: readonly RuleDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  readonly holidays: readonly HolidaysDefinition[];
}

export const noDefinitions: AccessDefinitions = { rules: [], schedules: [], holidays: [] };

/** A number or text on a badge, as readers print it: upper and lower case, colons and hyphens do not matter. */
export const badgeNumber = z
  .string()
  .regex(/^[0-9a-zA-Z][0-9a-zA-Z:._-]{2,63}$/, "must be 3 to 64 letters, digits, colons, dots, _ or -")
  .transform((text) => text.toUpperCase().replace(/[:._-]/g, ""))
  .refine((text) => text.length >= 3, "must hold at least 3 letters or digits");

// --- internal ---

function daysBetween(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / 86_400_000;
}
