import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import type { Embedding } from "../pipeline/types.ts";
import { AccessService, type ClockTrust } from "./access/service.ts";
import { AccessStore } from "./access/store.ts";
import { AdaptationService } from "./adaptation/adaptation-service.ts";
import { AdaptationStore } from "./adaptation/adaptation-store.ts";
import type { PhotoAnalyser } from "./api.ts";
import { FindingThread } from "./calibration/finding-thread.ts";
import { type OpenCalibration, openCalibration } from "./calibration/open-calibration.ts";
import { newestEventTime } from "./clock-trust.ts";
import type { LintelConfig } from "./config/schema.ts";
import { forbidCoreDumps } from "./core-dumps.ts";
import { carriedOver } from "./door/carried-over.ts";
import type { CarriedOver } from "./door/machine.ts";
import { AuditService } from "./events/audit.ts";
import { openAuditKey } from "./events/audit-key.ts";
import { SqliteEventLog } from "./events/event-log.ts";
import type { FleetService } from "./fleet/fleet-service.ts";
import { type FleetOptions, openFleet } from "./fleet/open-fleet.ts";
import { KeyRing } from "./keys/key-ring.ts";
import { ScanThread } from "./people/matching/scan-thread.ts";
import { PeopleService } from "./people/people-service.ts";
import { doorComparer } from "./people/trained-comparer.ts";
import { CalibrationStore } from "./store/calibration-store.ts";
import { type Cursor, createCursor } from "./store/cursor.ts";
import { checkpoint, deleteBackups, openDatabase } from "./store/database.ts";
import { openKeptGallery } from "./store/kept-gallery.ts";
import { lockState } from "./store/lock.ts";
import { createNote, type Note } from "./store/note.ts";
import type { Sqlite } from "./store/sqlite.ts";
import { VisitBook } from "./visits/visit-book.ts";
import { VisitStore } from "./visits/visit-store.ts";

/** Everything that is kept: who is known, and what happened. Opened by the daemon, or by a command while none runs. */
export interface House {
  readonly people: PeopleService;
  /** Prepares the comparison of a face on another thread; null when the gallery is too small for that to be worth it. */
  lookAhead(face: readonly Embedding[]): Promise<void> | null;
  readonly events: SqliteEventLog;
  /** The chain of the events, their retention. */
  readonly audit: AuditService;
  /** The threshold for the people there are, and how surely each is recognised. */
  readonly calibration: OpenCalibration;
  /** Templates that visits brought, where that is on. */
  readonly adaptation: AdaptationService;
  /** How near entries were to the pictures, by month. */
  readonly visits: VisitBook;
  /** Who may enter and when, as far as the time of day may be believed. Called once. */
  openAccess(clockTrust: ClockTrust): AccessService;
  /** The people of the whole site; undefined for a door that stands alone. Called once. */
  openFleet(parts: Pick<FleetOptions, "isClockTrusted" | "random" | "timers">): FleetService | undefined;
  /** Whose signed requests count. */
  readonly keys: KeyRing;
  /** How the door was left. */
  readonly doorBefore: CarriedOver;
  /** Time of the newest event when the house was opened, ISO 8601; undefined for an empty log. */
  readonly newestEventTime: string | undefined;
  /** How far the broker has been told. */
  readonly mqttCursor: Cursor;
  /** Under which topic Home Assistant knows the door. */
  readonly homeAssistantTopic: Note;
  /** For rooms with tables of their own. */
  readonly db: Sqlite;
  close(): void;
}

export interface HouseOptions {
  readonly config: LintelConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly analyser: PhotoAnalyser;
  readonly clock: Clock;
  /** Absent: the system's. */
  readonly timers?: Timers;
  readonly logger: Logger;
}

/**
 * Takes the state directory for this process, opens the database and the key, and reads everybody into memory. Throws
 * `LINTEL_E_STATE_IN_USE`, `LINTEL_E_DATABASE_NEWER`, `LINTEL_E_KEY_MISSING` or `LINTEL_E_STORAGE`.
 */
export function openHouse(options: HouseOptions): House {
  const { config, environment, analyser, clock, logger, timers = systemTimers } = options;
  const { stateDirectory, gallery, recognition, privacy } = config;
  const lock = lockState(stateDirectory);
  try {
    forbidCoreDumps(logger);
    const db = openDatabase({ stateDirectory, logger });
    try {
      const place = {
        stateDirectory,
        keyFile: gallery.keyFile,
        credentialsDirectory: environment.CREDENTIALS_DIRECTORY,
      };
      const kept = openKeptGallery(db, place, logger);
      const events = new SqliteEventLog({ db, clock, logger, timers });
      const audit = new AuditService({
        ...{ db, events, key: openAuditKey(place, logger), retentionDays: privacy.eventRetentionDays },
        ...{ clock, timers, logger },
        scrub: () => {
          checkpoint(db);
          deleteBackups(stateDirectory);
        },
      });
      const calibrations = new CalibrationStore(db);
      const people = new PeopleService({
        ...kept,
        db,
        events,
        analyser,
        clock,
        logger,
        gallery: {
          ...recognition,
          calibrated: calibrations.current(),
          comparer: doorComparer(stateDirectory, logger),
        },
        requireConsent: privacy.requireConsent,
      });
      people.start();
      const scanThread = new ScanThread({ clock, timers, logger: logger.child({ component: "matching" }) });
      const visits = new VisitBook({
        ...{ store: new VisitStore(db), people, events, db, cursor: createCursor(db, "visits", logger) },
        ...{ keepMonths: privacy.visitMonths, clock, timers, logger: logger.child({ component: "visits" }) },
      });
      const keys = new KeyRing({ db, events, clock });
      keys.start();
      return {
        people,
        events,
        audit,
        keys,
        visits,
        adaptation: new AdaptationService({
          ...{ mode: recognition.adaptTemplates, people, templates: kept.store, store: new AdaptationStore(db) },
          ...{ db, events, clock, timers, logger: logger.child({ component: "adaptation" }) },
        }),
        calibration: openCalibration({
          ...{ people, templates: kept.store, store: calibrations, db, events, visits },
          ...{ settings: recognition, finder: new FindingThread(clock), clock, timers, logger },
        }),
        openFleet: (parts) =>
          openFleet({
            ...{ config: config.fleet, doorId: config.door.id, place, db, people, templates: kept.store, events },
            ...{ requireConsent: privacy.requireConsent, clock, logger, ...parts },
          }),
        openAccess: (clockTrust) => {
          const access = new AccessService({
            ...{ store: new AccessStore(db), db, events, people, clock, clockTrust, doorId: config.door.id },
            window: {
              beforeMs: config.access.badgeBeforeSeconds * 1000,
              afterMs: config.access.badgeAfterSeconds * 1000,
            },
            timeZone: config.access.timeZone,
            logger: logger.child({ component: "access" }),
          });
          access.start();
          return access;
        },
        doorBefore: carriedOver(db),
        newestEventTime: newestEventTime(db),
        mqttCursor: createCursor(db, "mqtt", logger),
        db,
        homeAssistantTopic: createNote(db, "home-assistant-topic", logger),
        lookAhead: (face) => people.gallery.lookAhead(face, scanThread),
        close: () => {
          void scanThread.stop();
          audit.stop();
          events.stop();
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
