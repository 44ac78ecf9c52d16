import type { ArtJob } from "./job-store.ts";

/** Which of the waiting jobs comes next; null: none may be painted now. */
export function nextJob(
  waiting: readonly ArtJob[],
  { isWindowOpen, isReady }: { readonly isWindowOpen: boolean; isReady(job: ArtJob): boolean },
): ArtJob | null {
  return waiting.filter((job) => (isWindowOpen || job.atOnce) && isReady(job)).sort(byTurn)[0] ?? null;
}

/** Those that can not be ready in time any more. */
export function overdue(jobs: readonly ArtJob[], now: Date): readonly ArtJob[] {
  return jobs.filter(({ deadline }) => deadline !== null && Date.parse(deadline) <= now.getTime());
}

/** Pictures planned by themselves since the window opened. */
export function plannedSince(jobs: readonly ArtJob[], openedAt: Date): number {
  return jobs.filter((job) => job.askedBy === bySchedule && Date.parse(job.createdAt) >= openedAt.getTime()).length;
}

export const bySchedule = "schedule";

// --- internal ---

/** What was begun is finished first; then what somebody asked for, by its deadline; then the plan, in order. */
function byTurn(p: ArtJob, q: ArtJob): number {
  return (
    Number(q.step > 0) - Number(p.step > 0) ||
    Number(p.askedBy === bySchedule) - Number(q.askedBy === bySchedule) ||
    deadlineMs(p) - deadlineMs(q) ||
    p.id - q.id
  );
}

/** Far away, and still a number that can be subtracted. */
const noDeadlineMs = 8.64e15;

function deadlineMs({ deadline }: ArtJob): number {
  return deadline === null ? noDeadlineMs : Date.parse(deadline);
}
