import {
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { carriedOver } from "../../../../src/daemon/door/carried-over.ts";
import { openAuditKey } from "../../../../src/daemon/events/audit-key.ts";
import { EventStore } from "../../../../src/daemon/events/event-store.ts";
import { verifyChain } from "../../../../src/daemon/events/verify.ts";
import { KeyRing } from "../../../../src/daemon/keys/key-ring.ts";
import { makeBackup } from "../../../../src/daemon/store/backup.ts";
import { openDatabase } from "../../../../src/daemon/store/database.ts";
import { lockState } from "../../../../src/daemon/store/lock.ts";
import { type RestoreOptions, restoreBackup } from "../../../../src/daemon/store/restore.ts";
import { faceOf, personVector, photoOf } from "../../../support/face-vectors.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { peopleHouse, photo } from "../../../support/people-house.ts";
import { temporaryStateDirectory } from "../../../support/state-directory.ts";

const publicKey = JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });

const seeds: Readonly<Record<string, number>> = { dana: 1, bob: 2, late: 3 };

async function enrol({ people, analyser }: ReturnType<typeof peopleHouse>, id: string): Promise<void> {
  analyser.answers.set(id, photoOf(faceOf(personVector(seeds[id] ?? 0))));
  await people.add(id, { name: `Name of ${id}` }, [photo(id)], "test");
}

/** A door that knows dana and bob and a key for signed requests, a copy of it, and the time after. */
async function backedUp() {
  const directory = temporaryStateDirectory();
  const house = peopleHouse(directory);
  openAuditKey({ stateDirectory: directory, credentialsDirectory: undefined }, silentLogger);
  for (const id of ["dana", "bob"]) await enrol(house, id);
  const keys = new KeyRing({ db: house.db, events: house.events, clock: house.clock });
  keys.start();
  const key = await keys.add(publicKey, { name: "reception", roles: ["open"] }, "test");
  const file = join(temporaryStateDirectory(), "copy.lintel");
  const report = makeBackup(directory, file);
  return { directory, house, keys, key, file, report };
}

function restore(directory: string, file: string, options: Partial<RestoreOptions> = {}) {
  const place = { stateDirectory: directory, keyFile: undefined, credentialsDirectory: undefined };
  const clock = new ManualClock();
  return restoreBackup({ place, file, replace: true, unverified: false, clock, logger: silentLogger, ...options });
}

function reopened(directory: string) {
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
  return db;
}

describe("a backup", () => {
  test("is made while the database is in use, for its owner's eyes only, and says how far it goes", async () => {
    const { house, file, report } = await backedUp();
    const { seq, hash } = house.events.status;
    expect(report).toMatchObject({ people: 2, head: { seq, hash }, bytes: statSync(file).size });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("holds no key, and none of who was removed before", async () => {
    const { directory, house } = await backedUp();
    await house.people.remove("dana", "test");
    const file = join(temporaryStateDirectory(), "later.lintel");
    makeBackup(directory, file);
    const bytes = readFileSync(file);
    expect(bytes.includes(readFileSync(join(directory, "gallery.key")))).toBe(false);
    expect(bytes.includes("Name of dana")).toBe(false);
    expect(bytes.includes("Name of bob")).toBe(true);
  });

  test("never writes over a file that is there, and leaves no half of one behind", async () => {
    const { directory, file } = await backedUp();
    const before = readFileSync(file);
    expect(() => makeBackup(directory, file)).toThrow(/is there already/);
    expect(readFileSync(file).equals(before)).toBe(true);
    const folder = temporaryStateDirectory();
    const empty = temporaryStateDirectory();
    writeFileSync(join(empty, "lintel.db"), "no database at all, but a file of some length");
    expect(() => makeBackup(empty, join(folder, "new"))).toThrow(/no database|is no backup/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("what is restored", () => {
  test("are the people as they were, with faces that the key opens, on a new disk with the keys put back", async () => {
    const { directory, file, report } = await backedUp();
    const fresh = temporaryStateDirectory();
    for (const name of ["gallery.key", "audit.key"]) copyFileSync(join(directory, name), join(fresh, name));
    const restored = restore(fresh, file, { replace: false });
    expect(restored).toMatchObject({ head: report.head, putAside: null });
    expect(restored.people.map(({ id }) => id)).toEqual(["bob", "dana"]);
    const { people } = peopleHouse(fresh);
    expect(people.identify([{ embedder: "dlib", vector: personVector(1) }]).person).toBe("dana");
    expect(readdirSync(fresh).filter((name) => name.startsWith("restoring") || name.endsWith(".part"))).toEqual([]);
  });

  test("starts in lockdown: somebody who was removed since opens nothing before a person has looked", async () => {
    const { directory, house, file } = await backedUp();
    await house.people.remove("dana", "test");
    house.db.close();
    expect(restore(directory, file).people.map(({ id }) => id)).toContain("dana");
    expect(carriedOver(reopened(directory))).toMatchObject({ mode: "lockdown" });
  });

  test("takes no request that was signed before, and brings back no key that was taken away since", async () => {
    const { directory, house, keys, key, file } = await backedUp();
    const clock = new ManualClock();
    const mark = { keyId: key.id, jti: "one", issuedAtMs: clock.date().getTime() };
    expect(keys.replay.take(mark, 0)).toBe("taken");
    house.db.close();
    const { keysLeftOut } = restore(directory, file, { clock });
    expect(keysLeftOut).toEqual([{ name: "reception", id: key.id, roles: ["open"] }]);
    const db = reopened(directory);
    const after = new KeyRing({ db, events: { append: () => ({ seq: 0, time: "", type: "updated" }) }, clock });
    after.start();
    expect(after.list()).toEqual([]);
    // The very request, once more: the key is added again, but what the backup forgot is not taken twice.
    await after.add(publicKey, { name: "reception", roles: ["open"] }, "test");
    expect(after.replay.take(mark, 0)).toBe("old");
    expect(after.replay.take({ ...mark, issuedAtMs: mark.issuedAtMs + 60_000 }, 0)).toBe("taken");
  });

  test("goes on with a chain that holds, and says in it that it was restored", async () => {
    const { directory, house, file, report } = await backedUp();
    house.db.close();
    restore(directory, file);
    const store = new EventStore(reopened(directory));
    expect(verifyChain({ store, trustedKeys: [], expected: report.head })).toMatchObject({ ok: true });
    const types = store.after(report.head.seq, 10).map(({ type, json }) => [type, JSON.parse(json)]);
    expect(types[0]).toEqual(["updated", { changed: ["restored"], from: report.head, by: "restore" }]);
    expect(types[1]).toEqual(["mode", { mode: "lockdown", by: "restore" }]);
  });

  test("can be restored once more from the same file: the backup itself is not touched", async () => {
    const { directory, house, file } = await backedUp();
    house.db.close();
    const before = readFileSync(file);
    restore(directory, file);
    restore(directory, file);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)("belongs to the daemon's user when root restores it", async () => {
    const { directory, house, file } = await backedUp();
    house.db.close();
    chownSync(directory, 12_345, 12_345);
    restore(directory, file);
    expect(statSync(join(directory, "lintel.db"))).toMatchObject({ uid: 12_345, gid: 12_345 });
    expect(statSync(join(directory, "lintel.db")).mode & 0o777).toBe(0o600);
  });

  test("puts aside what was there, write-ahead file included, until the next removal", async () => {
    const { directory, house, file } = await backedUp();
    await enrol(house, "late");
    const { putAside } = restore(directory, file);
    expect(putAside).toBe(join(directory, "lintel.db.before-restore"));
    house.db.close();
    expect(existsSync(join(directory, "lintel.db-wal"))).toBe(false);
    const later = peopleHouse(directory);
    expect(later.people.list().map(({ id }) => id)).toEqual(["bob", "dana"]);
    await later.people.remove("bob", "test");
    expect(readdirSync(directory).filter((name) => name.includes("before-restore"))).toEqual([]);
  });
});

describe("a restore is refused, and nothing changes,", () => {
  const cases: Record<string, (at: { directory: string; file: string }) => RegExp> = {
    "while a daemon runs": ({ directory }) => {
      const lock = lockState(directory);
      onTestFinished(() => lock.release());
      return /another lintel process/;
    },
    "by a file that is no backup": ({ file }) => {
      writeFileSync(file, "something else");
      return /is no backup of lintel/;
    },
    "by a damaged backup": ({ file }) => {
      const bytes = readFileSync(file);
      bytes.fill(0xff, 8192, 20_000);
      writeFileSync(file, bytes);
      return /damaged|is no backup/;
    },
    "by a backup that is cut short": ({ file }) => {
      writeFileSync(file, readFileSync(file).subarray(0, 9000));
      return /damaged|is no backup/;
    },
    "without the gallery key": ({ directory }) => {
      rmSync(join(directory, "gallery.key"));
      return /their key .* is missing/;
    },
    "with another gallery key": ({ directory }) => {
      writeFileSync(join(directory, "gallery.key"), Buffer.alloc(32, 7));
      return /is not the key/;
    },
  };
  test.each(Object.entries(cases))("%s", async (_, prepare) => {
    const { directory, house, file } = await backedUp();
    house.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    house.db.close();
    const before = readFileSync(join(directory, "lintel.db"));
    const why = prepare({ directory, file });
    expect(() => restore(directory, file)).toThrow(why);
    expect(readFileSync(join(directory, "lintel.db")).equals(before)).toBe(true);
    expect(readdirSync(directory)).not.toContain("restoring");
  });

  test("in the place of a database, unless that is said", async () => {
    const { directory, house, file } = await backedUp();
    house.db.close();
    expect(() => restore(directory, file, { replace: false })).toThrow(/is there already/);
  });

  test("when somebody has changed the log in it, unless that is said", async () => {
    const { directory, house, file } = await backedUp();
    house.db.close();
    const place = temporaryStateDirectory();
    copyFileSync(file, join(place, "lintel.db"));
    const copy = openDatabase({ stateDirectory: place, logger: silentLogger });
    copy.exec("DROP TRIGGER events_never_change; UPDATE events SET json = '{}' WHERE seq = 1");
    copy.close();
    const forged = join(temporaryStateDirectory(), "forged.lintel");
    makeBackup(place, forged);
    expect(() => restore(directory, forged)).toThrow(/broken at event 1/);
    expect(restore(directory, forged, { unverified: true }).people).toHaveLength(2);
  });
});
