import { z } from "zod";
import type { Sqlite } from "./sqlite.ts";

/** A row as it is shown to the person it is about; bytes are only counted. */
export type PersonalRow = Readonly<Record<string, string | number | null>>;

const owner = z.object({ name: z.string() });
const cell = z.union([
  z.string(),
  z.number(),
  z.null(),
  z.union([z.instanceof(ArrayBuffer), z.instanceof(Uint8Array)]).transform((value) => `${value.byteLength} bytes`),
]);
const anyRow = z.record(z.string(), cell);

/** Tables with a column `person_id`, whoever made them: what is kept about a person is found without a list of it. */
export function personalTables(db: Sqlite): readonly string[] {
  return db
    .all(
      owner,
      `SELECT DISTINCT tables.name AS name FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
       WHERE tables.type = 'table' AND columns.name = 'person_id' ORDER BY tables.name`,
    )
    .map(({ name }) => name);
}

/** Everything about a person in tables other than those of the templates, by table. */
export function recordsOf(db: Sqlite, personId: string): Readonly<Record<string, readonly PersonalRow[]>> {
  const tables = personalTables(db).filter((name) => name !== "templates");
  const all = tables.map((name) => [
    name,
    db.all(anyRow, `SELECT * FROM ${quoted(name)} WHERE person_id = ?`, [personId]),
  ]);
  return Object.fromEntries(all.filter(([, rows]) => rows !== undefined && rows.length > 0));
}

/** Deletes a person's rows wherever they are. Part of a transaction. */
export function deleteRecordsOf(db: Sqlite, personId: string): void {
  for (const name of personalTables(db)) db.run(`DELETE FROM ${quoted(name)} WHERE person_id = ?`, [personId]);
}

// --- internal ---

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
