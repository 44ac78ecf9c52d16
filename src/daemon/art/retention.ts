import type { ArtJob } from "./job-store.ts";

export interface RetentionRules {
  readonly keepPictures: number;
  /** Absent: no picture is too old. */
  readonly keepDays?: number | undefined;
}

/** What failed is remembered this long, so that it is not tried again every night. */
const failureDays = 30;
const dayMs = 86_400_000;

/**
 * Which of the ended jobs go, with their pictures. The newest picture stays whatever its age: a lobby that was painted for
 * is not left bare. The one that somebody asked to be shown stays too.
 */
export function outlived(
  jobs: readonly Pick<ArtJob, "id" | "state" | "endedAt">[],
  rules: RetentionRules,
  { now, keptId }: { readonly now: Date; readonly keptId: number | null },
): readonly number[] {
  const ageMs = ({ endedAt }: Pick<ArtJob, "endedAt">) => now.getTime() - Date.parse(endedAt ?? "");
  const pictures = jobs.filter(({ state }) => state === "done").sort((p, q) => q.id - p.id);
  const oldestMs = rules.keepDays === undefined ? Number.POSITIVE_INFINITY : rules.keepDays * dayMs;
  const gone = pictures.filter((job, index) => index >= rules.keepPictures || (index > 0 && ageMs(job) > oldestMs));
  const forgotten = jobs.filter((job) => job.state === "failed" && ageMs(job) > failureDays * dayMs);
  return [...gone, ...forgotten].map(({ id }) => id).filter((id) => id !== keptId);
}
