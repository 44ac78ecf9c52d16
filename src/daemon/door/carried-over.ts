import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";
import type { CarriedOver } from "./machine.ts";

const row = z.object({ json: z.string() });
const modeEvent = z.object({
  mode: z.enum(["normal", "passage", "lockdown"]),
  scheduleSuspended: z.boolean().catch(false),
});

/**
 * What the last `mode` event says for the time after a restart: a lockdown goes on, and a schedule that a command has
 * outranked stays so. Passage is never carried over. A record that cannot be read is a lockdown: doubt means locked, and
 * a command ends it.
 */
export function carriedOver(db: Pick<Sqlite, "get">): CarriedOver {
  const found = db.get(row, "SELECT json FROM events WHERE type = 'mode' ORDER BY seq DESC LIMIT 1");
  return found === undefined ? { mode: "normal", isScheduleSuspended: false } : fromModeEvent(found.json);
}

/** The same from the fields of a `mode` event as they are stored. */
export function fromModeEvent(json: string): CarriedOver {
  const parsed = modeEvent.safeParse(parsedJson(json));
  if (!parsed.success) return { mode: "lockdown", isScheduleSuspended: true };
  const { mode, scheduleSuspended } = parsed.data;
  return { mode: mode === "lockdown" ? "lockdown" : "normal", isScheduleSuspended: scheduleSuspended };
}

// --- internal ---

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
