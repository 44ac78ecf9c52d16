import { onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { SqliteEventLog } from "../../src/daemon/events/event-log.ts";
import { PeopleService } from "../../src/daemon/people/people-service.ts";
import { checkpoint, deleteBackups, openDatabase } from "../../src/daemon/store/database.ts";
import { openVault } from "../../src/daemon/store/gallery-key.ts";
import { PeopleStore } from "../../src/daemon/store/people-store.ts";
import { ScriptedAnalyser } from "./face-vectors.ts";
import { ManualClock } from "./manual-clock.ts";

/** The people of a door on a real database, with pictures whose contents the test says. */
export function peopleHouse(stateDirectory: string, options: { requireConsent?: boolean } = {}) {
  const db = openDatabase({ stateDirectory, logger: silentLogger });
  onTestFinished(() => db.close());
  const clock = new ManualClock();
  const vault = openVault(db, { stateDirectory, keyFile: undefined, credentialsDirectory: undefined }, silentLogger);
  const store = new PeopleStore(db, vault);
  const events = new SqliteEventLog({ db, clock, logger: silentLogger });
  const analyser = new ScriptedAnalyser();
  const people = new PeopleService({
    store,
    db,
    events,
    analyser,
    clock,
    logger: silentLogger,
    gallery: { targetFpir: 1e-3, maxDistance: 0.43 },
    requireConsent: options.requireConsent ?? false,
    scrub: () => {
      checkpoint(db);
      deleteBackups(stateDirectory);
    },
  });
  people.start();
  return { db, clock, vault, store, events, analyser, people };
}

/** A picture is the text by which the scripted analyser knows its answer. */
export function photo(name: string): { file: string; bytes: Uint8Array } {
  return { file: `${name}.jpg`, bytes: Buffer.from(name) };
}
