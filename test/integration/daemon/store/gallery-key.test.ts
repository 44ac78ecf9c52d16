import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/core/logger.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { openVault } from "../../../../src/daemon/store/gallery-key.ts";
import type { KeyPlace } from "../../../../src/daemon/store/key-files.ts";
import { PeopleStore } from "../../../../src/daemon/store/people-store.ts";
import type { Sqlite } from "../../../../src/daemon/store/sqlite.ts";
import { faceresVector, personVector } from "../../../support/face-vectors.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

function setUp(): { directory: string; db: Sqlite; place: KeyPlace } {
  const directory = temporaryStateDirectory();
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
  return { directory, db, place: { stateDirectory: directory, keyFile: undefined, credentialsDirectory: undefined } };
}

function enrol(db: Sqlite, place: KeyPlace): PeopleStore {
  const store = new PeopleStore(db, openVault(db, place, silentLogger));
  store.put({
    id: "dana",
    name: "Dana",
    enabled: true,
    groups: [],
    consent: null,
    validFrom: null,
    validUntil: null,
    openSeconds: null,
    createdAt: "2031-05-01T08:00:00.000Z",
    updatedAt: "2031-05-01T08:00:00.000Z",
  });
  store.addTemplate({
    personId: "dana",
    createdAt: "2031-05-01T08:00:00.000Z",
    source: "test",
    quality: { faceWidthPx: 150, sharpness: 1, brightness: 1, yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
    embeddings: [
      { embedder: "dlib", vector: personVector(1) },
      { embedder: "faceres", vector: faceresVector(1) },
    ],
  });
  return store;
}

function recording(): { logger: Logger; said: string[] } {
  const said: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => said.push(message), child: () => logger };
  return { logger, said };
}

describe("the key", () => {
  test("is made once for an empty database, for its owner only, and said once", () => {
    const { directory, db, place } = setUp();
    const { logger, said } = recording();
    openVault(db, place, logger);
    const file = join(directory, "gallery.key");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBe(32);
    const key = readFileSync(file);
    openVault(db, place, logger);
    expect(readFileSync(file).equals(key)).toBe(true);
    expect(said).toHaveLength(1);
  });

  test("is taken from the configured file, else the credential, else the state directory", () => {
    const { directory, db, place } = setUp();
    const credentials = join(directory, "credentials");
    mkdirSync(credentials);
    writeFileSync(join(credentials, "gallery.key"), randomBytes(32), { mode: 0o400 });
    writeFileSync(join(directory, "own.key"), `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    const fromState = openVault(db, place, silentLogger).keyCheck;
    const withCredential = { ...place, credentialsDirectory: credentials };
    const fromCredential = openVault(db, withCredential, silentLogger).keyCheck;
    const configured = { ...withCredential, keyFile: join(directory, "own.key") };
    const fromFile = openVault(db, configured, silentLogger).keyCheck;
    expect(new Set([fromState, fromCredential, fromFile]).size).toBe(3);
    expect(openVault(db, { ...place, credentialsDirectory: join(directory, "none") }, silentLogger).keyCheck).toBe(
      fromState,
    );
  });

  test("is made where the configuration says", () => {
    const { directory, db, place } = setUp();
    openVault(db, { ...place, keyFile: join(directory, "new.key") }, silentLogger);
    expect(statSync(join(directory, "new.key")).size).toBe(32);
    expect(existsSync(join(directory, "gallery.key"))).toBe(false);
  });

  test("that is missing while people are enrolled ends the start, and no new one is made", () => {
    const { directory, db, place } = setUp();
    enrol(db, place);
    rmSync(join(directory, "gallery.key"));
    expect(() => openVault(db, place, silentLogger)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_KEY_MISSING", exit: 78 }),
    );
    expect(existsSync(join(directory, "gallery.key"))).toBe(false);
  });

  test("that is another one than people were enrolled with is refused; the right one works again", () => {
    const { directory, db, place } = setUp();
    enrol(db, place);
    const file = join(directory, "gallery.key");
    const right = readFileSync(file);
    writeFileSync(file, randomBytes(32));
    expect(() => openVault(db, place, silentLogger)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_KEY_MISSING", message: expect.stringContaining("not the key") }),
    );
    writeFileSync(file, right);
    const store = new PeopleStore(db, openVault(db, place, silentLogger));
    expect(store.templates().templates).toHaveLength(1);
  });

  test.each([
    ["empty", ""],
    ["too short", "short"],
    ["31 bytes", "x".repeat(31)],
    ["words", "this is not the key you are looking for, it is only text\n"],
  ])("that is %s is refused and left as it is", (_name, content) => {
    const { directory, db, place } = setUp();
    const file = join(directory, "gallery.key");
    writeFileSync(file, content);
    expect(() => openVault(db, place, silentLogger)).toThrow(expect.objectContaining({ code: "LINTEL_E_KEY_MISSING" }));
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  test("is never in the database", () => {
    const { directory, db, place } = setUp();
    enrol(db, place);
    const key = readFileSync(join(directory, "gallery.key"));
    db.close();
    expect(readFileSync(join(directory, "lintel.db")).includes(key)).toBe(false);
  });
});

/** All bytes of the state directory but the key. */
function allBytes(directory: string): Buffer {
  const files = readdirSync(directory).filter((name) => name.startsWith("lintel.db"));
  return Buffer.concat(files.map((name) => readFileSync(join(directory, name))));
}

describe("templates at rest", () => {
  test("no four numbers of a vector stand anywhere in the files in a row", () => {
    const { directory, db, place } = setUp();
    enrol(db, place);
    const bytes = allBytes(directory);
    for (const vector of [personVector(1), faceresVector(1)]) {
      const plain = Buffer.from(vector.buffer);
      for (let at = 0; at + 16 <= plain.length; at += 4) {
        expect(bytes.includes(plain.subarray(at, at + 16))).toBe(false);
      }
    }
    expect(bytes.includes("Dana")).toBe(true);
  });

  test("come back bit for bit", () => {
    const { db, place } = setUp();
    const { templates, damaged } = enrol(db, place).templates();
    expect(damaged).toEqual([]);
    expect(templates[0]?.embeddings.find(({ embedder }) => embedder === "dlib")?.vector).toEqual(personVector(1));
    expect(templates[0]?.embeddings.find(({ embedder }) => embedder === "faceres")?.vector).toEqual(faceresVector(1));
  });

  test.each([
    ["the ciphertext", "UPDATE template_vectors SET ciphertext = zeroblob(512) WHERE embedder = 'dlib'"],
    ["the tag", "UPDATE template_vectors SET tag = zeroblob(16) WHERE embedder = 'dlib'"],
    ["the IV", "UPDATE template_vectors SET iv = zeroblob(12) WHERE embedder = 'dlib'"],
  ])("that were altered (%s) are left out and named, the others stay", (_name, sql) => {
    const { db, place } = setUp();
    const store = enrol(db, place);
    db.exec(sql);
    const { templates, damaged } = store.templates();
    expect(damaged).toEqual([{ personId: "dana", templateId: 1, embedder: "dlib" }]);
    expect(templates[0]?.embeddings.map(({ embedder }) => embedder)).toEqual(["faceres"]);
  });

  test("that were moved to another person are refused", () => {
    const { db, place } = setUp();
    const store = enrol(db, place);
    const { templates: _count, ...dana } = store.get("dana") ?? expect.fail("dana is gone");
    store.put({ ...dana, id: "eve", name: "Eve" });
    db.exec("UPDATE templates SET person_id = 'eve'");
    expect(store.templates().templates).toEqual([]);
    expect(store.templates().damaged).toHaveLength(2);
  });
});
