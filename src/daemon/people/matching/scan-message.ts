import type { ScanJob } from "../../../pipeline/matching/coded/coded-rows.ts";

/** What a scan thread is told: where to search from now on, then searches. It answers each search with `true`. */
export type ScanMessage =
  | ({ readonly type: "open" } & Pick<ScanJob, "module" | "memory">)
  | ({ readonly type: "scan" } & Omit<ScanJob, "module" | "memory">);
