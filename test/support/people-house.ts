import { onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { SqliteEventLog } from "../../src/daemon/events/event-log.ts";
import { PeopleService } from "../../src/daemon/people/people-service.ts";
import { openDatabase } from "../../src/daemon/store/database.ts";
import { openKeptGallery } from "../../src/daemon/store/kept-gallery.ts";
import type { KeyPlace } from "../../src/daemon/store/key-files.ts";
import { ScriptedAnalyser } from "./face-vectors.ts";
import { ManualClock } from "./manual-clock.ts";

/** The people of a door on a real database, with pictures whose contents the test says. */
export function peopleHouse(
  stateDirectory: string,
  options: { requireConsent?: boolean; place?: Partial<KeyPlace> } = {},
) {
  const db = openDatabase({ stateDirectory, logger: silentLogger });
  onTestFinished(() => db.close());
  const clock = new ManualClock();
  const place = { stateDirectory, keyFile: undefined, credentialsDirectory: undefined, ...options.place };
  const kept = openKeptGallery(db, place, silentLogger);
  const events = new SqliteEventLog({ db, clock, logger: silentLogger });
  const analyser = new ScriptedAnalyser();
  const people = new PeopleService({
    ...kept,
    db,
    events,
    analyser,
    clock,
    logger: silentLogger,
    gallery: { targetFpir: 1e-3, maxDistance: 0.43 },
    requireConsent: options.requireConsent ?? false,
  });
  people.start();
  return { db, clock, store: kept.store, events, analyser, people };
}

/** A picture is the text by which the scripted analyser knows its answer. */
export function photo(name: string): { file: string; bytes: Uint8Array } {
  return { file: `${name}.jpg`, bytes: Buffer.from(name) };
}
