import type { EventLog } from "../api.ts";

/** What the audit log says about who comes to the door. */
export interface DoorHistory {
  /** Unknown faces at the door. */
  readonly strangers: number;
  /** Days between the first and the last event. */
  readonly days: number;
}

const eventsPerRead = 1000;
const dayMs = 86_400_000;

/** Reads the whole log, a piece at a time: the door goes first. */
export async function readDoorHistory(log: Pick<EventLog, "read">): Promise<DoorHistory> {
  let strangers = 0;
  let first: string | undefined;
  let last: string | undefined;
  for (let next = 1; ; ) {
    const page = log.read(next, eventsPerRead);
    for (const { type } of page) if (type === "unknown") strangers++;
    first ??= page[0]?.time;
    const newest = page.at(-1);
    if (!newest || newest.seq < next) break;
    last = newest.time;
    next = newest.seq + 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const spanMs = first === undefined || last === undefined ? 0 : Date.parse(last) - Date.parse(first);
  return { strangers, days: Math.max(0, spanMs / dayMs) };
}

/** Days of records before they are believed; fewer say more about the week than about the door. */
const enoughDays = 7;
/** A small office's door, until its own log says better. */
const usualStrangersPerDay = 20;

export function strangersPerDay({ strangers, days }: DoorHistory): number {
  // Not one in a month is still no promise for the next: one is counted before the first comes.
  return days < enoughDays ? usualStrangersPerDay : (strangers + 1) / days;
}
