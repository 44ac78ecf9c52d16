import Libsql from "libsql";
import type { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";

/** What a column can hold. libsql aborts the process when it is handed a boolean: convert to 0 or 1 first. */
export type SqlValue = string | number | null | Uint8Array;

export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/** Blobs come back as ArrayBuffers from libsql; this is what they become. */
export function blobBytes(value: ArrayBuffer | Uint8Array): Buffer {
  return value instanceof ArrayBuffer
    ? Buffer.from(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * The only place that knows libsql. Everything is synchronous; parameters are positional and always an array (a single
 * object would be taken for named parameters). Rows are parsed by the caller's schema. A failed statement throws
 * `LINTEL_E_STORAGE` with one line that says what is wrong with the disk or the file.
 */
export class Sqlite {
  readonly file: string;
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #afterCommit: (() => void)[] | undefined;
  #onRollback: (() => void)[] = [];
  #isOpen = true;

  constructor(file: string, { busyTimeoutMs }: { busyTimeoutMs: number }) {
    this.file = file;
    this.#db = guarded(file, () => new Libsql(file, { timeout: busyTimeoutMs }));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Several statements without parameters or rows. */
  exec(sql: string): void {
    guarded(this.file, () => this.#db.exec(sql));
  }

  run(sql: string, params: readonly SqlValue[] = []): RunResult {
    const { changes, lastInsertRowid } = guarded(this.file, () => this.#prepare(sql).run([...params]));
    return { changes, lastInsertRowid: Number(lastInsertRowid) };
  }

  all<T extends z.ZodType>(row: T, sql: string, params: readonly SqlValue[] = []): z.output<T>[] {
    const rows = guarded(this.file, () => this.#prepare(sql).all([...params]));
    return rows.map((found) => this.#parse(row, found));
  }

  get<T extends z.ZodType>(row: T, sql: string, params: readonly SqlValue[] = []): z.output<T> | undefined {
    return this.all(row, sql, params)[0];
  }

  /** All or nothing. Inside another transaction it becomes part of that one. */
  transaction<T>(work: () => T): T {
    if (this.#afterCommit) return work();
    const afterCommit: (() => void)[] = [];
    this.exec("BEGIN IMMEDIATE");
    this.#afterCommit = afterCommit;
    this.#onRollback = [];
    let result: T;
    try {
      result = work();
      this.exec("COMMIT");
    } catch (error) {
      for (const call of this.#onRollback) call();
      this.#rollback();
      throw error;
    } finally {
      this.#afterCommit = undefined;
    }
    for (const call of afterCommit) call();
    return result;
  }

  /** Calls once what was written is durable: now, or after the commit of the transaction that is running. */
  afterCommit(call: () => void): void {
    if (this.#afterCommit) this.#afterCommit.push(call);
    else call();
  }

  get isInTransaction(): boolean {
    return this.#afterCommit !== undefined;
  }

  /** Calls when the transaction that is running fails, to forget what was remembered of it. Never without one. */
  onRollback(call: () => void): void {
    if (this.#afterCommit) this.#onRollback.push(call);
  }

  /**
   * Safe to call twice. The files themselves are let go when libsql's statements are collected, so that a write-ahead file
   * may stay behind a clean end; it is read back at the next opening. Only `exec` was used: they are let go at once.
   */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#db.close();
  }

  // --- internal ---

  #prepare(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #parse<T extends z.ZodType>(row: T, found: unknown): z.output<T> {
    const parsed = row.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new LintelError("LINTEL_E_STORAGE", `${this.file} holds a row that makes no sense: ${shape(parsed.error)}`, {
      hint: "restore the state directory from a backup",
    });
  }

  #rollback(): void {
    // A full disk may have rolled back already.
    if (this.#db.inTransaction) this.exec("ROLLBACK");
  }
}

// --- internal ---

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageError(file, error);
  }
}

function shape(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

const hints: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  SQLITE_FULL: ["the disk is full", "free space on that disk; the door goes on with what it knows"],
  SQLITE_IOERR: ["the disk cannot be read or written", "check the disk and its mount, then restart"],
  SQLITE_READONLY: ["the file is read-only", "mount the disk read-write and give the daemon's user the file"],
  SQLITE_CANTOPEN: ["the file cannot be opened", "check that the directory exists and belongs to the daemon's user"],
  SQLITE_PERM: ["the file may not be opened", "give the daemon's user the state directory"],
  SQLITE_CORRUPT: ["the file is damaged", "restore it from a backup"],
  SQLITE_NOTADB: ["the file is no database", "restore it from a backup, or move it away to begin anew"],
  SQLITE_BUSY: ["another program holds the file", "end the program that has the database open"],
};

function storageError(file: string, error: unknown): LintelError {
  const code = errorCode(error);
  const known = Object.entries(hints).find(([name]) => code === name || code.startsWith(`${name}_`))?.[1];
  const [what, hint] = known ?? [errorText(error), "check the disk and the file"];
  return new LintelError("LINTEL_E_STORAGE", `cannot use ${file}: ${what}`, { hint, cause: error });
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // A failed open carries only text.
  return error.message.includes("Unable to open connection") ? "SQLITE_CANTOPEN" : "";
}
