import type { EventRecord } from "../api.ts";
import { canonicalJson } from "./canonical-json.ts";

/** Columns of the CSV: what most events have, the rest as JSON in `fields`. */
export const csvColumns = ["seq", "time", "type", "person", "reason", "by", "fields", "hash"] as const;

export type ExportFormat = "csv" | "jsonl";

export function exportHeader(format: ExportFormat): string {
  // RFC 4180 ends lines with CR LF.
  return format === "csv" ? `${csvColumns.join(",")}\r\n` : "";
}

/** One event as a line, with its end. JSON Lines: the event as it is published. */
export function exportLine(event: EventRecord, format: ExportFormat): string {
  return format === "jsonl" ? `${JSON.stringify(event)}\n` : `${csvCells(event).map(csvCell).join(",")}\r\n`;
}

/**
 * One field of RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
 * injection"), also where the sign hides behind white space.
 */
export function csvCell(value: string): string {
  const isFormula = /^[\s\u200b\ufeff]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value);
  const harmless = isFormula ? `'${value}` : value;
  return /[",\r\n;\t']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

// --- internal ---

function csvCells({ seq, time, type, person, reason, by, hash, ...rest }: EventRecord): readonly string[] {
  const fields = Object.keys(rest).length === 0 ? "" : canonicalJson(rest);
  return [String(seq), time, type, cellText(person), cellText(reason), cellText(by), fields, cellText(hash)];
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : canonicalJson(value);
}
