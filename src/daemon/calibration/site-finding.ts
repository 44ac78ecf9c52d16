import { createHash } from "node:crypto";
import { seededRandom } from "../../core/random.ts";
import { type CalibratedThreshold, calibrate } from "../../pipeline/calibration/calibrate.ts";
import { expectedRefusals } from "../../pipeline/calibration/expected-refusals.ts";
import { type OwnThreshold, ownThresholds } from "../../pipeline/calibration/own-thresholds.ts";
import { type SiteDistances, type SiteTemplates, siteDistances } from "../../pipeline/calibration/site-distances.ts";
import type { GallerySite } from "../people/gallery.ts";

export interface FindingSettings {
  readonly targetFpir: number;
  readonly maxDistance: number;
}

/** What a gallery says about its own threshold. No vector is in it. */
export interface SiteFinding extends Pick<CalibratedThreshold, "threshold" | "basis" | "expectedFpir" | "pairs"> {
  readonly people: number;
  readonly templates: number;
  readonly fromShipped: number;
  readonly fromSite: number | null;
  readonly siteInterval: readonly [low: number, high: number] | null;
  readonly own: readonly OwnThreshold[];
  readonly expectedRefusals: number;
  readonly sameFace: SiteDistances["sameFace"];
  /** SHA-256 of the distances. */
  readonly dataHash: string;
}

/** Whoever works it out: a thread of its own beside a door. */
export interface ThresholdFinder {
  /** Rejects with `LINTEL_E_CHILD` when it came to an end without an answer. */
  find(site: GallerySite, settings: FindingSettings): Promise<SiteFinding>;
  /** Ends what runs: its promise is rejected. Safe to call twice. */
  stop(): void;
}

/** The same gallery always gives the same finding. Takes seconds for thousands of people. */
export function siteFinding<Template>(templates: SiteTemplates<Template>, settings: FindingSettings): SiteFinding {
  const site = siteDistances(templates, seededRandom(1));
  const { threshold, basis, expectedFpir, pairs, fromShipped, fromSite, siteInterval } = calibrate(site, {
    ...settings,
    random: seededRandom(1),
  });
  const own = ownThresholds(site, threshold);
  const byPerson = new Map(own.map((one) => [one.person, one.threshold]));
  return {
    ...{ threshold, basis, expectedFpir, pairs, fromShipped, fromSite, siteInterval, own },
    people: site.people.length,
    templates: site.templates,
    expectedRefusals: expectedRefusals(site, (person) => byPerson.get(person) ?? threshold),
    sameFace: site.sameFace,
    dataHash: hashOf(site),
  };
}

// --- internal ---

/** Of the distances, which say nothing about a face. */
function hashOf({ people, templates, impostor }: SiteDistances): string {
  const hash = createHash("sha256").update(`${people.length} ${templates} `);
  const { distances } = impostor;
  return hash.update(new Uint8Array(distances.buffer, distances.byteOffset, distances.byteLength)).digest("hex");
}
