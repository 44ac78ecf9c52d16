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

const ownRow = z.object({ person_id: z.string(), threshold: z.number() });

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

  /** What the gallery goes by: the newest finding with the thresholds of single people. */
  current(): { readonly reference: Calibration; readonly own: ReadonlyMap<string, number> } | undefined {
    const reference = this.latest("dlib");
    return reference && { reference, own: this.ownThresholds() };
  }

  /** Stricter thresholds of single people, by their id. */
  ownThresholds(): ReadonlyMap<string, number> {
    const rows = this.#db.all(ownRow, "SELECT person_id, threshold FROM own_thresholds");
    return new Map(rows.map(({ person_id: person, threshold }) => [person, threshold]));
  }

  /** Puts these in place of all before. Part of a transaction; everybody named must be enrolled. */
  setOwnThresholds(thresholds: ReadonlyMap<string, number>, calibratedAt: string): void {
    this.#db.run("DELETE FROM own_thresholds", []);
    for (const [person, threshold] of thresholds) {
      this.#db.run("INSERT INTO own_thresholds (person_id, threshold, calibrated_at) VALUES (?, ?, ?)", [
        person,
        threshold,
        calibratedAt,
      ]);
    }
  }
}
