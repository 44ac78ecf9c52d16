import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { seededRandom } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import { calibrate } from "../../pipeline/calibration/calibrate.ts";
import { expectedRefusals } from "../../pipeline/calibration/expected-refusals.ts";
import { type OwnThreshold, ownThresholds } from "../../pipeline/calibration/own-thresholds.ts";
import { type SiteDistances, siteDistances } from "../../pipeline/calibration/site-distances.ts";
import type { CalibrationReport, EventLog } from "../api.ts";
import { firstEmbedder, type Gallery } from "../people/gallery.ts";
import type { CalibrationStore } from "../store/calibration-store.ts";
import { readDoorHistory, strangersPerDay } from "./door-history.ts";
import { inSlices } from "./in-slices.ts";

export interface CalibratorParts {
  readonly people: {
    readonly gallery: Pick<Gallery, "people" | "templates" | "threshold" | "calibrate" | "site">;
    get(id: string): unknown;
  };
  readonly store: Pick<CalibrationStore, "add" | "latest" | "ownThresholds" | "setOwnThresholds">;
  readonly db: { transaction<T>(work: () => T): T };
  readonly events: Pick<EventLog, "append" | "read" | "subscribe">;
  readonly settings: { readonly targetFpir: number; readonly maxDistance: number };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** After the last of several enrolments: an import of fifty people is calibrated once. */
const quietMs = 30_000;
/** Thresholds nearer than this are the same: the search goes in thousandths. */
const noticeable = 0.0005;

/** Keeps the threshold what it should be for the people there are: on demand, and by itself after the gallery changed. */
export class Calibrator {
  readonly #parts: CalibratorParts;
  readonly #log: Logger;
  #last: Promise<unknown> = Promise.resolve();
  #callOff: (() => void) | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(parts: CalibratorParts) {
    this.#parts = parts;
    this.#log = parts.logger.child({ component: "calibration" });
  }

  /** From now on changes of the gallery lead to a new calibration; one that was missed is made up for. */
  start(): void {
    if (this.#unsubscribe) return;
    const { people, store, events, settings } = this.#parts;
    this.#unsubscribe = events.subscribe(({ type }) => {
      if (type === "enrolled" || type === "removed") this.#soon();
    });
    const latest = store.latest(firstEmbedder);
    const isCurrent =
      latest?.people === people.gallery.people &&
      latest.templates === people.gallery.templates &&
      latest.target === settings.targetFpir;
    if (!isCurrent && people.gallery.people > 0) this.#soon();
  }

  /** Safe to call twice. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#callOff?.();
    this.#callOff = null;
  }

  /** One after another; the newest finding counts. */
  calibrate(options: { readonly strangersPerDay?: number | undefined }, by: string): Promise<CalibrationReport> {
    const result = this.#last.then(() => this.#run(options, by));
    this.#last = result.catch(() => undefined);
    return result;
  }

  // --- internal ---

  #soon(): void {
    this.#callOff?.();
    this.#callOff = this.#parts.timers.after(quietMs, () => {
      this.#callOff = null;
      this.calibrate({}, "calibration").catch((error: unknown) => {
        this.#log.error({ error: errorText(error) }, "calibration failed; the threshold before it stays");
      });
    });
  }

  async #run(options: { readonly strangersPerDay?: number | undefined }, by: string): Promise<CalibrationReport> {
    const { people, events, settings, clock } = this.#parts;
    const before = people.gallery.threshold;
    const site = await inSlices(siteDistances(people.gallery.site(), seededRandom(1)), clock);
    const found = calibrate(site, { ...settings, random: seededRandom(1) });
    const own = ownThresholds(site, found.threshold);
    const ownByPerson = new Map(own.map(({ person, threshold }) => [person, threshold]));
    const perDay = options.strangersPerDay ?? strangersPerDay(await readDoorHistory(events));
    this.#apply({ site, threshold: found.threshold, basis: found.basis, own, before, by });
    return {
      threshold: found.threshold,
      before,
      targetFpir: settings.targetFpir,
      people: site.people.length,
      templates: site.templates,
      strangersPerDay: perDay,
      expectedFalseAcceptsPerYear: found.expectedFpir * perDay * 365,
      expectedRefusals: expectedRefusals(site, (person) => ownByPerson.get(person) ?? found.threshold),
      n: found.pairs,
      basis: found.basis,
      fromShipped: found.fromShipped,
      fromSite: found.fromSite,
      siteInterval: found.siteInterval,
      lookAlikes: own.map(({ person, threshold, nearestOther }) => ({ person, threshold, nearest: nearestOther })),
      sameFace: site.sameFace,
    };
  }

  /** Kept first, used then: what the door goes by is always what a restart would find. */
  #apply(finding: {
    readonly site: SiteDistances;
    readonly threshold: number;
    readonly basis: string;
    readonly own: readonly OwnThreshold[];
    readonly before: number;
    readonly by: string;
  }): void {
    const { people, store, db, events, settings, clock } = this.#parts;
    const { site, threshold, basis, before, by } = finding;
    // Who was removed meanwhile has no threshold any more.
    const present = finding.own.filter(({ person }) => people.get(person) !== undefined);
    const own = new Map(present.map((one) => [one.person, one.threshold]));
    const calibratedAt = clock.date().toISOString();
    const size = { people: site.people.length, templates: site.templates, target: settings.targetFpir };
    const isChanged = Math.abs(threshold - before) > noticeable || !isSame(own, store.ownThresholds());
    db.transaction(() => {
      store.add({ ...size, embedder: firstEmbedder, calibratedAt, dataHash: hashOf(site), threshold });
      store.setOwnThresholds(own, calibratedAt);
      if (isChanged) {
        const facts = { threshold, before, people: size.people, templates: size.templates, target: size.target };
        events.append("updated", { changed: ["threshold"], ...facts, basis, stricterFor: own.size, by });
      }
    });
    people.gallery.calibrate({ reference: { ...size, threshold }, own });
    if (site.sameFace.length > 0) {
      this.#log.warn({ pairs: site.sameFace.map((pair) => pair.people) }, "people who look like one person twice");
    }
    const facts = { threshold, before, ...size, basis, stricterFor: own.size };
    this.#log.info(facts, isChanged ? "the threshold changed" : "the threshold stays");
  }
}

// --- internal ---

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => Math.abs((b.get(key) ?? 0) - value) <= noticeable);
}

/** Of the distances, which say nothing about a face. */
function hashOf({ people, templates, impostor }: SiteDistances): string {
  const hash = createHash("sha256").update(`${people.length} ${templates} `);
  const { distances } = impostor;
  return hash.update(new Uint8Array(distances.buffer, distances.byteOffset, distances.byteLength)).digest("hex");
}
