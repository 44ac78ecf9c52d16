import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Sqlite, SqlValue } from "../store/sqlite.ts";
import { type ArtBrief, artBrief } from "./brief.ts";

/** A finished picture: what is kept of it in the folder of pictures. */
const artPicture = z.object({
  /** Name of its files without their ends, unique for all time: pages may keep it for ever. */
  key: z.string(),
  width: z.int(),
  height: z.int(),
  /** SHA-256 of the JPEG, hexadecimal. */
  sha256: z.string(),
  /** How long the painting took, in seconds. */
  seconds: z.number(),
});
export type ArtPicture = z.infer<typeof artPicture>;

export type ArtJobState = "waiting" | "painting" | "done" | "failed";

export interface ArtJob {
  readonly id: number;
  readonly state: ArtJobState;
  readonly brief: ArtBrief;
  /** `schedule`, or who sent the request. */
  readonly askedBy: string;
  /** Does not wait for the window. */
  readonly atOnce: boolean;
  /** ISO 8601, UTC. */
  readonly deadline: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** Steps behind the last checkpoint. */
  readonly step: number;
  /** Why it failed, or why the last attempt did. */
  readonly reason: string | null;
  readonly picture: ArtPicture | null;
}

export type NewArtJob = Pick<ArtJob, "brief" | "askedBy" | "atOnce" | "deadline" | "createdAt">;

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

const row = z
  .object({
    id: z.int(),
    state: z.enum(["waiting", "painting", "done", "failed"]),
    brief: json(artBrief),
    asked_by: z.string(),
    at_once: z.int(),
    deadline: z.string().nullable(),
    created_at: z.string(),
    ended_at: z.string().nullable(),
    step: z.int(),
    reason: z.string().nullable(),
    picture: json(artPicture).nullable(),
  })
  .transform(
    ({ asked_by, at_once, created_at, ended_at, ...rest }): ArtJob => ({
      ...rest,
      askedBy: asked_by,
      atOnce: at_once === 1,
      createdAt: created_at,
      endedAt: ended_at,
    }),
  );

/** The queue and its history, in the order in which they were asked for. */
export class ArtJobStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  add(job: NewArtJob): ArtJob {
    const { lastInsertRowid } = this.#db.run(
      "INSERT INTO art_jobs (state, brief, asked_by, at_once, deadline, created_at) VALUES ('waiting', ?, ?, ?, ?, ?)",
      [JSON.stringify(job.brief), job.askedBy, job.atOnce ? 1 : 0, job.deadline, job.createdAt],
    );
    const added = this.get(lastInsertRowid);
    if (!added) throw new LintelError("LINTEL_E_STORAGE", "the job was written and cannot be read back");
    return added;
  }

  get(id: number): ArtJob | undefined {
    return this.#db.get(row, "SELECT * FROM art_jobs WHERE id = ?", [id]);
  }

  /** Oldest first. */
  list(...states: readonly ArtJobState[]): readonly ArtJob[] {
    const marks = states.map(() => "?").join(", ");
    return this.#db.all(row, `SELECT * FROM art_jobs WHERE state IN (${marks}) ORDER BY id`, [...states]);
  }

  /** What had been begun when the daemon ended waits again; its checkpoint is in its folder. */
  requeueBegun(): void {
    this.#db.run("UPDATE art_jobs SET state = 'waiting' WHERE state = 'painting'");
  }

  begun(id: number): void {
    this.#set(id, "state = 'painting', reason = NULL", []);
  }

  /** Back into the queue, to go on later. */
  interrupted(id: number, reason: string | null): void {
    this.#set(id, "state = 'waiting', reason = ?", [reason]);
  }

  checkpointed(id: number, step: number): void {
    this.#set(id, "step = ?", [step]);
  }

  done(id: number, picture: ArtPicture, at: string): void {
    this.#set(id, "state = 'done', reason = NULL, picture = ?, ended_at = ?", [JSON.stringify(picture), at]);
  }

  failed(id: number, reason: string, at: string): void {
    this.#set(id, "state = 'failed', reason = ?, ended_at = ?", [reason, at]);
  }

  remove(id: number): void {
    this.#db.run("DELETE FROM art_jobs WHERE id = ?", [id]);
  }

  // --- internal ---

  #set(id: number, columns: string, values: readonly SqlValue[]): void {
    this.#db.run(`UPDATE art_jobs SET ${columns} WHERE id = ?`, [...values, id]);
  }
}
