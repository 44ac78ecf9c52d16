import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { PhotoAnalyser } from "./api.ts";
import type { LintelConfig } from "./config/schema.ts";
import { SqliteEventLog } from "./events/event-log.ts";
import { PeopleService } from "./people/people-service.ts";
import { CalibrationStore } from "./store/calibration-store.ts";
import { createCursor } from "./store/cursor.ts";
import { checkpoint, deleteBackups, openDatabase } from "./store/database.ts";
import { openVault } from "./store/gallery-key.ts";
import { lockState } from "./store/lock.ts";
import { PeopleStore } from "./store/people-store.ts";

/** Everything that is kept: who is known, and what happened. Opened by the daemon, or by a command while none runs. */
export interface House {
  readonly people: PeopleService;
  readonly events: SqliteEventLog;
  /** How far the broker has been told. */
  readonly mqttCursor: { get(): number; set(seq: number): void };
  close(): void;
}

export interface HouseOptions {
  readonly config: LintelConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly analyser: PhotoAnalyser;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes the state directory for this process, opens the database and the key, and reads everybody into memory. Throws
 * `LINTEL_E_STATE_IN_USE`, `LINTEL_E_DATABASE_NEWER`, `LINTEL_E_KEY_MISSING` or `LINTEL_E_STORAGE`.
 */
export function openHouse({ config, environment, analyser, clock, logger }: HouseOptions): House {
  const { stateDirectory, gallery, recognition, privacy } = config;
  const lock = lockState(stateDirectory);
  try {
    const db = openDatabase({ stateDirectory, logger });
    try {
      const place = {
        stateDirectory,
        keyFile: gallery.keyFile,
        credentialsDirectory: environment.CREDENTIALS_DIRECTORY,
      };
      const vault = openVault(db, place, logger);
      const events = new SqliteEventLog({ db, clock, logger });
      const people = new PeopleService({
        store: new PeopleStore(db, vault),
        db,
        events,
        analyser,
        clock,
        logger,
        gallery: { ...recognition, reference: new CalibrationStore(db).latest("dlib") },
        requireConsent: privacy.requireConsent,
        scrub: () => {
          checkpoint(db);
          deleteBackups(stateDirectory);
        },
      });
      people.start();
      const cursor = createCursor(db, "mqtt");
      return {
        people,
        events,
        mqttCursor: { get: cursor.get, set: (seq) => cursor.advance(seq) },
        close: () => {
          db.close();
          lock.release();
        },
      };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}
