import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { CalibrationReport, EventLog } from "../api.ts";
import { firstEmbedder, type Gallery } from "../people/gallery.ts";
import type { CalibrationStore } from "../store/calibration-store.ts";
import { readDoorHistory, strangersPerDay } from "./door-history.ts";
import type { FindingSettings, SiteFinding, ThresholdFinder } from "./site-finding.ts";

export interface CalibratorParts {
  readonly people: {
    readonly gallery: Pick<Gallery, "people" | "templates" | "threshold" | "calibrate" | "site">;
    get(id: string): unknown;
  };
  readonly store: Pick<CalibrationStore, "add" | "latest" | "ownThresholds" | "setOwnThresholds">;
  readonly db: { transaction<T>(work: () => T): T };
  readonly events: Pick<EventLog, "append" | "read" | "subscribe">;
  readonly settings: FindingSettings;
  readonly finder: ThresholdFinder;
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
    this.#unsubscribe = events.subscribe(({ type, adaptation }) => {
      const isOther = type === "enrolled" || type === "removed";
      if (isOther || adaptation === "adopted" || adaptation === "dropped") this.#soon();
    });
    const latest = store.latest(firstEmbedder);
    const isCurrent =
      latest?.people === people.gallery.people &&
      latest.templates === people.gallery.templates &&
      latest.target === settings.targetFpir;
    if (!isCurrent && people.gallery.people > 0) this.#soon();
  }

  /** A calibration that runs comes to nothing. Safe to call twice. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#callOff?.();
    this.#callOff = null;
    this.#parts.finder.stop();
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
    const { people, events, settings, finder } = this.#parts;
    const before = people.gallery.threshold;
    const found = await finder.find(people.gallery.site(), settings);
    const perDay = options.strangersPerDay ?? strangersPerDay(await readDoorHistory(events));
    this.#apply(found, before, by);
    return {
      threshold: found.threshold,
      before,
      targetFpir: settings.targetFpir,
      people: found.people,
      templates: found.templates,
      strangersPerDay: perDay,
      expectedFalseAcceptsPerYear: found.expectedFpir * perDay * 365,
      expectedRefusals: found.expectedRefusals,
      n: found.pairs,
      basis: found.basis,
      fromShipped: found.fromShipped,
      fromSite: found.fromSite,
      siteInterval: found.siteInterval,
      lookAlikes: found.own.map(({ person, threshold, nearestOther }) => ({
        person,
        threshold,
        nearest: nearestOther,
      })),
      sameFace: found.sameFace,
    };
  }

  /** Kept first, used then: what the door goes by is always what a restart would find. */
  #apply(finding: SiteFinding, before: number, by: string): void {
    const { people, store, db, events, settings, clock } = this.#parts;
    const { threshold, basis, dataHash } = finding;
    // Who was removed meanwhile has no threshold any more.
    const present = finding.own.filter(({ person }) => people.get(person) !== undefined);
    const own = new Map(present.map((one) => [one.person, one.threshold]));
    const calibratedAt = clock.date().toISOString();
    const size = { people: finding.people, templates: finding.templates, target: settings.targetFpir };
    const isChanged = Math.abs(threshold - before) > noticeable || !isSame(own, store.ownThresholds());
    db.transaction(() => {
      store.add({ ...size, embedder: firstEmbedder, calibratedAt, dataHash, threshold });
      store.setOwnThresholds(own, calibratedAt);
      if (isChanged) {
        const facts = { threshold, before, people: size.people, templates: size.templates, target: size.target };
        events.append("updated", { changed: ["threshold"], ...facts, basis, stricterFor: own.size, by });
      }
    });
    people.gallery.calibrate({ reference: { ...size, threshold }, own });
    if (finding.sameFace.length > 0) {
      this.#log.warn({ pairs: finding.sameFace.map((pair) => pair.people) }, "people who look like one person twice");
    }
    const facts = { threshold, before, ...size, basis, stricterFor: own.size };
    this.#log.info(facts, isChanged ? "the threshold changed" : "the threshold stays");
  }
}

// --- internal ---

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => Math.abs((b.get(key) ?? 0) - value) <= noticeable);
}
