import { z } from "zod";
import type { EmbedderName } from "../../pipeline/types.ts";
import type { Sqlite } from "./sqlite.ts";

/** One finding: which threshold reached the target with this many people and templates. */
export interface Calibration {
  readonly embedder: EmbedderName;
  readonly people: number;
  readonly templates: number;
  /** FPIR per walk-up. */
  readonly target: number;
  /** ISO 8601, UTC. */
  readonly calibratedAt: string;
  /** SHA-256 of the data it was found on. */
  readonly dataHash: string;
  readonly threshold: number;
}

const row = z
  .object({
    embedder: z.enum(["dlib", "faceres"]),
    people: z.int(),
    templates: z.int(),
    target: z.number(),
    calibrated_at: z.string(),
    data_hash: z.string(),
    threshold: z.number(),
  })
  .transform(({ calibrated_at, data_hash, ...rest }) => ({
    ...rest,
    calibratedAt: calibrated_at,
    dataHash: data_hash,
  }));

export class CalibrationStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  add(found: Calibration): void {
    this.#db.run(
      `INSERT INTO calibration (embedder, people, templates, target, calibrated_at, data_hash, threshold)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [
        found.embedder,
        found.people,
        found.templates,
        found.target,
        found.calibratedAt,
        found.dataHash,
        found.threshold,
      ],
    );
  }

  /** The newest finding for an embedder, or undefined before the first. */
  latest(embedder: EmbedderName): Calibration | undefined {
    return this.#db.get(row, "SELECT * FROM calibration WHERE embedder = ? ORDER BY id DESC LIMIT 1", [embedder]);
  }
}
