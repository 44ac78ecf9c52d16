import type { PackedSite } from "./packed-site.ts";
import type { FindingSettings } from "./site-finding.ts";

/** What the thread that works out a threshold is told; it answers with a `SiteFinding`. */
export interface FindingJob {
  readonly site: PackedSite;
  readonly settings: FindingSettings;
}
