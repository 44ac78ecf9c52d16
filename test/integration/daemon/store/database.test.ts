import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../../../src/core/logger.ts";
import { CalibrationStore } from "../../../../src/daemon/store/calibration-store.ts";
import { createCursor } from "../../../../src/daemon/store/cursor.ts";
import { checkpoint, deleteBackups, openDatabase } from "../../../../src/daemon/store/database.ts";
import type { Migration } from "../../../../src/daemon/store/migration.ts";
import { migrations } from "../../../../src/daemon/store/migrations.ts";
import { Sqlite } from "../../../../src/daemon/store/sqlite.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

function open(stateDirectory: string, steps: readonly Migration[] = migrations): Sqlite {
  const db = openDatabase({ stateDirectory, logger: silentLogger, migrations: steps });
  onTestFinished(() => db.close());
  return db;
}

const mode = (file: string) => statSync(file).mode & 0o777;
const pragma = (db: Sqlite, name: string) => {
  const row = db.get(z.record(z.string(), z.unknown()), `PRAGMA ${name}`) ?? {};
  return row[name];
};
const count = (db: Sqlite, table: string) => db.get(z.object({ n: z.int() }), `SELECT count(*) AS n FROM ${table}`)?.n;

const second: Migration = { name: "notes", sql: "CREATE TABLE notes (text TEXT NOT NULL) STRICT;" };
const broken: Migration = { name: "broken", sql: "CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);" };

describe("a new database", () => {
  test("commits to the disk, enforces references and overwrites what is deleted", () => {
    const db = open(temporaryStateDirectory());
    expect(pragma(db, "journal_mode")).toBe("wal");
    expect(pragma(db, "synchronous")).toBe(2);
    expect(pragma(db, "foreign_keys")).toBe(1);
    expect(pragma(db, "secure_delete")).toBe(1);
    expect(pragma(db, "user_version")).toBe(migrations.length);
  });

  test("is readable by its owner only, write-ahead file and directory included", () => {
    const directory = join(temporaryStateDirectory(), "deep", "state");
    const before = process.umask(0);
    try {
      const db = open(directory);
      db.run("INSERT INTO meta (name, value) VALUES ('a', 'b')");
    } finally {
      process.umask(before);
    }
    expect(mode(directory)).toBe(0o700);
    for (const name of ["lintel.db", "lintel.db-wal", "lintel.db-shm"]) expect(mode(join(directory, name))).toBe(0o600);
  });

  test("that was opened to others is closed to them again", () => {
    const directory = temporaryStateDirectory();
    open(directory).close();
    chmodSync(directory, 0o755);
    chmodSync(join(directory, "lintel.db"), 0o644);
    open(directory);
    expect(mode(directory)).toBe(0o700);
    expect(mode(join(directory, "lintel.db"))).toBe(0o600);
  });
});

describe("migrations", () => {
  test("bring an older database forward, keep its rows and leave a copy of the old one", () => {
    const directory = temporaryStateDirectory();
    const old = open(directory, [migrations[0] ?? second]);
    old.run("INSERT INTO meta (name, value) VALUES ('a', 'kept')");
    old.close();
    const db = open(directory, [migrations[0] ?? second, second]);
    expect(pragma(db, "user_version")).toBe(2);
    expect(db.get(z.object({ value: z.string() }), "SELECT value FROM meta")?.value).toBe("kept");
    expect(count(db, "notes")).toBe(0);
    const copy = join(directory, "lintel.db.v1.backup");
    expect(mode(copy)).toBe(0o600);
    const backup = new Sqlite(copy, { busyTimeoutMs: 0 });
    onTestFinished(() => backup.close());
    expect(pragma(backup, "user_version")).toBe(1);
    expect(backup.get(z.object({ value: z.string() }), "SELECT value FROM meta")?.value).toBe("kept");
  });

  test("that fail half-way leave the database as it was, and succeed when mended", () => {
    const directory = temporaryStateDirectory();
    const first = migrations[0] ?? second;
    open(directory, [first]).close();
    expect(() => open(directory, [first, broken])).toThrow(expect.objectContaining({ code: "LINTEL_E_STORAGE" }));
    const db = open(directory, [first]);
    expect(pragma(db, "user_version")).toBe(1);
    expect(() => count(db, "half")).toThrow();
    db.close();
    expect(pragma(open(directory, [first, second]), "user_version")).toBe(2);
  });

  test("a database of the same version is opened without a copy", () => {
    const directory = temporaryStateDirectory();
    open(directory).close();
    open(directory);
    expect(existsSync(join(directory, "lintel.db.v1.backup"))).toBe(false);
  });

  test("copies are gone when they must be", () => {
    const directory = temporaryStateDirectory();
    const first = migrations[0] ?? second;
    open(directory, [first]).close();
    open(directory, [first, second]);
    deleteBackups(directory);
    expect(existsSync(join(directory, "lintel.db.v1.backup"))).toBe(false);
    expect(existsSync(join(directory, "lintel.db"))).toBe(true);
  });

  test("a newer database is refused in one line and not touched", () => {
    const directory = temporaryStateDirectory();
    open(directory, [...migrations, second]).close();
    const before = readFileSync(join(directory, "lintel.db"));
    expect(() => open(directory)).toThrow(
      expect.objectContaining({
        code: "LINTEL_E_DATABASE_NEWER",
        exit: 78,
        message: expect.stringMatching(
          new RegExp(
            `^[^\\n]*version ${migrations.length + 1}, this lintel knows versions up to ${migrations.length}$`,
          ),
        ),
      }),
    );
    expect(readFileSync(join(directory, "lintel.db")).equals(before)).toBe(true);
  });
});

describe("what cannot be used", () => {
  test("a file that is no database is named, with what to do", () => {
    const directory = temporaryStateDirectory();
    writeFileSync(join(directory, "lintel.db"), "garbage ".repeat(600));
    expect(() => open(directory)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_STORAGE", message: expect.stringContaining("no database") }),
    );
  });

  test("a file whose pages were overwritten is named as damaged, and nothing crashes", () => {
    const directory = temporaryStateDirectory();
    const db = open(directory);
    db.transaction(() => {
      for (let i = 0; i < 300; i++) db.run("INSERT INTO meta (name, value) VALUES (?, ?)", [`k${i}`, "x".repeat(200)]);
    });
    checkpoint(db);
    db.close();
    const file = join(directory, "lintel.db");
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xa5, 4096));
    const damaged = expect.objectContaining({
      code: "LINTEL_E_STORAGE",
      message: expect.stringMatching(/^[^\n]*damaged$/),
    });
    expect(() => count(open(directory), "meta")).toThrow(damaged);
  });

  test("a directory in the place of the file is named", () => {
    const directory = temporaryStateDirectory();
    mkdirSync(join(directory, "lintel.db"), { mode: 0o700 });
    expect(() => open(directory)).toThrow(expect.objectContaining({ code: "LINTEL_E_STORAGE" }));
  });

  test("a state directory that is a file is named", () => {
    const file = join(temporaryStateDirectory(), "file");
    writeFileSync(file, "");
    expect(() => open(file)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_STORAGE", message: expect.stringContaining("state directory") }),
    );
  });

  test("a full disk gives one line; what was there stays readable, and writing works again after", () => {
    const db = open(temporaryStateDirectory());
    db.run("INSERT INTO meta (name, value) VALUES ('a', 'before')");
    const pages = Number(pragma(db, "page_count"));
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const fill = () =>
      db.transaction(() => {
        for (let i = 0; i < 100; i++)
          db.run("INSERT INTO meta (name, value) VALUES (?, ?)", [`k${i}`, "x".repeat(1000)]);
      });
    expect(fill).toThrow(
      expect.objectContaining({ code: "LINTEL_E_STORAGE", message: expect.stringMatching(/disk is full$/) }),
    );
    expect(count(db, "meta")).toBe(1);
    db.exec("PRAGMA max_page_count = 100000");
    fill();
    expect(count(db, "meta")).toBe(101);
  });
});

describe("transactions", () => {
  test("an inner one belongs to the outer one, and calls wait for the commit", () => {
    const db = open(temporaryStateDirectory());
    const calls: string[] = [];
    db.transaction(() => {
      db.transaction(() => {
        db.run("INSERT INTO meta (name, value) VALUES ('a', '1')");
        db.afterCommit(() => calls.push("inner"));
      });
      expect(calls).toEqual([]);
      db.afterCommit(() => calls.push("outer"));
    });
    expect(calls).toEqual(["inner", "outer"]);
    db.afterCommit(() => calls.push("at once"));
    expect(calls).toHaveLength(3);
  });

  test("a failed one leaves nothing and calls nobody", () => {
    const db = open(temporaryStateDirectory());
    const calls: string[] = [];
    expect(() =>
      db.transaction(() => {
        db.run("INSERT INTO meta (name, value) VALUES ('a', '1')");
        db.afterCommit(() => calls.push("never"));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(count(db, "meta")).toBe(0);
    expect(calls).toEqual([]);
    db.run("INSERT INTO meta (name, value) VALUES ('b', '2')");
    expect(count(db, "meta")).toBe(1);
  });

  test("close is safe to call twice; a checkpoint empties the write-ahead file", () => {
    const directory = temporaryStateDirectory();
    const db = open(directory);
    db.run("INSERT INTO meta (name, value) VALUES ('a', '1')");
    checkpoint(db);
    expect(statSync(join(directory, "lintel.db-wal")).size).toBe(0);
    db.close();
    db.close();
    expect(db.isOpen).toBe(false);
  });
});

test("a cursor is kept over a reopening and never goes back", () => {
  const directory = temporaryStateDirectory();
  const db = open(directory);
  const cursor = createCursor(db, "mqtt", silentLogger);
  expect(cursor.get()).toBe(0);
  cursor.advance(7);
  cursor.advance(3);
  db.close();
  const reopened = open(directory);
  expect(createCursor(reopened, "mqtt", silentLogger).get()).toBe(7);
  expect(createCursor(reopened, "other", silentLogger).get()).toBe(0);
});

test("a cursor that cannot be written does not throw: a full disk must not stop who reads the event log", () => {
  const db = open(temporaryStateDirectory());
  const cursor = createCursor(db, "mqtt", silentLogger);
  cursor.advance(7);
  db.exec("PRAGMA query_only = ON");
  cursor.advance(9);
  expect(cursor.get()).toBe(9);
  db.exec("PRAGMA query_only = OFF");
  cursor.advance(8);
  expect(createCursor(db, "mqtt", silentLogger).get()).toBe(9);
});

test("the newest calibration of an embedder is the one that counts", () => {
  const store = new CalibrationStore(open(temporaryStateDirectory()));
  expect(store.latest("dlib")).toBeUndefined();
  const found = {
    embedder: "dlib" as const,
    people: 12,
    templates: 30,
    target: 1e-3,
    calibratedAt: "2031-05-01T08:00:00.000Z",
    dataHash: "ab",
    threshold: 0.41,
  };
  store.add({ ...found, threshold: 0.39 });
  store.add(found);
  store.add({ ...found, embedder: "faceres", threshold: 0.9 });
  expect(store.latest("dlib")).toEqual(found);
});
