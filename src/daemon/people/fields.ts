import { LintelError } from "../../core/errors.ts";
import type { Person, PersonFields } from "../api.ts";

/** Everything about a person that an operator may set. */
export type PersonValues = Pick<
  Person,
  "name" | "enabled" | "groups" | "consent" | "validFrom" | "validUntil" | "openSeconds" | "greet"
>;

const idPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Control characters, line and paragraph separators, and marks that turn the direction of the text around. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const groupPattern = /^[a-zA-Z0-9._-]{1,64}$/;
const maxGroups = 32;

/** Throws `LINTEL_E_REQUEST` for an id that is none. */
export function checkId(id: string): void {
  if (idPattern.test(id)) return;
  throw refuse(
    `"${printable(id)}" is no valid id for a person`,
    "use 1 to 64 of a-z, 0-9, dot, underscore and hyphen, beginning with a letter or digit",
  );
}

/** The values after a change; what `fields` leaves out stays. Throws `LINTEL_E_REQUEST` naming the first wrong field. */
export function applyFields(before: PersonValues, fields: PersonFields): PersonValues {
  const values: PersonValues = {
    name: fields.name === undefined ? before.name : text("name", fields.name, 100),
    enabled: fields.enabled ?? before.enabled,
    groups: fields.groups === undefined ? before.groups : groupNames(fields.groups),
    consent: nullable(fields.consent, before.consent, (value) => text("consent", value, 200)),
    validFrom: nullable(fields.validFrom, before.validFrom, (value) => instant("validFrom", value)),
    validUntil: nullable(fields.validUntil, before.validUntil, (value) => instant("validUntil", value)),
    openSeconds: nullable(fields.openSeconds, before.openSeconds, openSeconds),
    ...greetingOf(fields.greet === undefined ? before.greet : fields.greet),
  };
  if (values.validFrom !== null && values.validUntil !== null && values.validFrom >= values.validUntil) {
    throw refuse("validUntil must be later than validFrom", "swap them, or leave one out");
  }
  return values;
}

/** A person of whom nothing was said yet. */
export function defaultValues(id: string): PersonValues {
  const limits = { validFrom: null, validUntil: null, openSeconds: null };
  return { name: id, enabled: true, groups: [], consent: null, ...limits };
}

/** Names of the fields that differ: values of people do not go into the log. */
export function changedFields(before: PersonValues, after: PersonValues): (keyof PersonValues)[] {
  const names = ["name", "enabled", "groups", "consent", "validFrom", "validUntil", "openSeconds", "greet"] as const;
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/**
 * What in these fields bears on who may pass and when. Somebody new may come with an end of validity, for that only narrows;
 * of somebody known, everything counts but being disabled, the name and the consent.
 */
export function accessFields(before: Person | undefined, fields: PersonFields): (keyof PersonValues)[] {
  const values = applyFields(before ?? defaultValues("new"), fields);
  return changedFields(before ?? defaultValues("new"), values).filter((name) => {
    if (name === "name" || name === "consent" || name === "greet") return false;
    if (name === "enabled") return values.enabled;
    return before !== undefined || (name !== "validFrom" && name !== "validUntil");
  });
}

// --- internal ---

/** Nothing where the house decides. */
function greetingOf(greet: PersonFields["greet"]): Pick<PersonValues, "greet"> {
  return greet === undefined || greet === null ? {} : { greet };
}

function refuse(message: string, hint: string): LintelError {
  return new LintelError("LINTEL_E_REQUEST", message, { hint });
}

function printable(value: string): string {
  const short = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return short.replace(/[^\x20-\x7e…]/g, "?");
}

function nullable<T>(value: T | null | undefined, before: T | null, check: (value: T) => T): T | null {
  if (value === undefined) return before;
  return value === null ? null : check(value);
}

function text(field: string, value: string, maxLength: number): string {
  const trimmed = value.normalize("NFC").trim();
  if (trimmed.length >= 1 && trimmed.length <= maxLength && !unprintable.test(trimmed)) return trimmed;
  throw refuse(`${field} must have 1 to ${maxLength} printable characters`, `give a shorter or cleaner ${field}`);
}

function groupNames(names: readonly string[]): readonly string[] {
  const isValid = names.length <= maxGroups && names.every((name) => groupPattern.test(name));
  if (isValid) return [...new Set(names)];
  throw refuse(
    `groups must be at most ${maxGroups} names of letters, digits, dot, underscore and hyphen`,
    "for example staff or cleaning-crew",
  );
}

/** ISO 8601 with a time zone; without one it would mean another instant on another machine. */
function instant(field: string, value: string): string {
  const hasZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(value);
  const time = hasZone ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw refuse(`${field} must be a date and time with a zone`, "for example 2031-05-01T08:00:00Z");
}

function openSeconds(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 255) return value;
  throw refuse("openSeconds must be a whole number from 1 to 255", "leave it out for the door's own time");
}
