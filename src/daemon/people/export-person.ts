import { LintelError } from "../../core/errors.ts";
import type { EventLog, EventRecord, PersonExport } from "../api.ts";
import type { PeopleStore } from "../store/people-store.ts";

export interface ExportOptions {
  /** The face vectors themselves; they are biometric data and leave the database nowhere else. */
  readonly vectors: boolean;
  /** Events from this `seq` on: the rest of an export that did not fit. */
  readonly eventsFrom: number;
}

/** An answer holds this many events at most; the next ones start at `nextEvent`. */
const maxEvents = 20_000;
const eventsPerRead = 1000;
/** Fields of events that name people. */
const naming: ReadonlySet<string> = new Set(["person", "people", "imitated", "runnerUp", "partner", "with"]);

/** Everything that is held about one person, as GDPR Art. 15 and 20 ask for it. */
export async function exportPerson(
  id: string,
  { store, events, exportedAt }: { store: PeopleStore; events: Pick<EventLog, "read">; exportedAt: string },
  options: ExportOptions,
): Promise<PersonExport> {
  const person = store.get(id);
  if (!person) throw new LintelError("LINTEL_E_NOT_FOUND", `nobody is enrolled as ${id}`);
  const templates = store.describeTemplates(id, options.vectors);
  const other = store.otherRecords(id);
  const found = await eventsNaming(id, events, options.eventsFrom);
  return { format: "lintel-person-1", exportedAt, person, templates, other, ...found };
}

/**
 * The same without what marks a badge as one for duress: whoever may only enrol could be the one who threatens, or be asked
 * by him.
 */
export function withoutDuress(found: PersonExport): PersonExport {
  const tables = Object.entries(found.other).map(
    ([table, rows]) => [table, rows.map(({ duress: _, ...row }) => row)] as const,
  );
  return { ...found, other: Object.fromEntries(tables) };
}

/** Whether an event names a person, in whatever field and however deep. */
export function names(value: unknown, id: string, key = ""): boolean {
  if (typeof value === "string") return naming.has(key) && value === id;
  if (Array.isArray(value)) return value.some((item) => names(item, id, key));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, item]) => names(item, id, name));
}

/** The event without the ids of other people: they have a right to their data too. */
export function withoutOthers(event: EventRecord, id: string): EventRecord {
  const hidden = Object.entries(event).map(([key, value]) => [key, hideOthers(value, id, key)] as const);
  return { ...Object.fromEntries(hidden), seq: event.seq, time: event.time, type: event.type };
}

// --- internal ---

async function eventsNaming(
  id: string,
  log: Pick<EventLog, "read">,
  from: number,
): Promise<{ events: EventRecord[]; nextEvent: number | null }> {
  const events: EventRecord[] = [];
  for (let next = from; ; ) {
    const page = log.read(next, eventsPerRead);
    for (const event of page) {
      if (!names(event, id)) continue;
      if (events.length === maxEvents) return { events, nextEvent: event.seq };
      events.push(withoutOthers(event, id));
    }
    const last = page.at(-1);
    if (!last) return { events, nextEvent: null };
    next = last.seq + 1;
    // The door goes first: a long log is read in pieces.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function hideOthers(value: unknown, id: string, key: string): unknown {
  if (typeof value === "string") return naming.has(key) && value !== id ? "(somebody else)" : value;
  if (Array.isArray(value)) return value.map((item) => hideOthers(item, id, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideOthers(item, id, name)]));
}
