import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { Art } from "../api/art.ts";
import type { PhotoAnalyser } from "../api.ts";
import type { LintelConfig } from "../config/schema.ts";
import { CronWindow } from "../cron-window.ts";
import { createNote, type Note } from "../store/note.ts";
import type { Sqlite } from "../store/sqlite.ts";
import { ArtService, foldersOf } from "./art-service.ts";
import { type ChosenPicture, Exhibition } from "./exhibition.ts";
import { ArtJobStore } from "./job-store.ts";
import { PaintingProcess } from "./painting-process.ts";
import { Studio } from "./studio.ts";
import { Wall } from "./wall.ts";

/** Painting at night and the pictures on the wall, as the composition root holds them. */
export interface OpenArt {
  readonly art: Art;
  readonly wall: Wall;
  /** A face is in view at the door. */
  sighted(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface OpenArtOptions {
  readonly config: LintelConfig;
  readonly db: Sqlite;
  readonly analyser: PhotoAnalyser;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

export function openArt({ config, db, analyser, clock, timers, random, ...options }: OpenArtOptions): OpenArt {
  const logger = options.logger.child({ component: "art" });
  const directory = config.art.directory ?? join(config.stateDirectory, "art");
  const store = new ArtJobStore(db);
  const window = new CronWindow(config.art.window, config.access.timeZone);
  const changeMs = config.lobby.changeSeconds * 1000;
  const exhibition = new Exhibition({
    directory,
    chosen: chosenIn(createNote(db, "art-shown", logger)),
    changeMs,
    timers,
  });
  const studio: Studio = new Studio({
    ...{ store, exhibition, window, directory, clock, timers, logger },
    plan: foldersOf(config.art) ? () => art.plan() : null,
    orderOf: (job) => art.orderOf(job),
    openProcess: (order, listener) =>
      new PaintingProcess({ order, listener, analyser, memoryMb: config.art.memoryMb, clock, timers, logger }),
    retention: config.art,
  });
  const art: ArtService = new ArtService({
    ...{ config: config.art, store, exhibition, window, studio, clock, random },
    modelCacheDirectory: config.models.cacheDirectory ?? join(config.stateDirectory, "models"),
    logLevel: config.log.level,
  });
  const wall = new Wall({ exhibition, studio, timers });
  return {
    art,
    wall,
    sighted: () => studio.sighted(),
    start: () => {
      wall.start();
      studio.start();
    },
    stop: async () => {
      await studio.stop();
      wall.stop();
      exhibition.stop();
    },
  };
}

// --- internal ---

/** The choice outlives a restart. */
function chosenIn(note: Note): ChosenPicture {
  return {
    get: () => (note.get() === "" ? null : Number(note.get())),
    set: (id) => note.set(id === null ? "" : String(id)),
  };
}
