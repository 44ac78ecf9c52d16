import type { ClipParts } from "../../vision/judge-clip.ts";
import { judgeLabelled, type LabelledClip } from "./clips.ts";
import type { KeptTrials } from "./kept-trials.ts";
import type { Kind } from "./presentations.ts";
import type { RehearsedLevel } from "./rehearse.ts";
import { type LivenessReport, reportOf, type Trial } from "./report.ts";
import { playVisits, type VisitPlayer } from "./visits.ts";

export interface ReportPlan {
  /** Seeds 0 up to this of each kind; 0 leaves simulation out. */
  readonly seeds: number;
  readonly kinds: readonly Kind[];
  readonly clips: readonly LabelledClip[];
  /** That of the simulated visits; default `passive`. */
  readonly level?: RehearsedLevel | undefined;
  /** Simulated visits that are played at the same time. */
  readonly jobs: number;
  openPlayer(): VisitPlayer;
  /** Simulated trials that were kept from an earlier run, and where new ones go. */
  readonly kept?: KeptTrials | undefined;
  /** Opened only where there are recordings. Simulated visits are judged without the anti-spoofing networks, which say nothing about drawn faces. */
  openRecordings(): Promise<Omit<ClipParts, "camera">>;
  /** `kept`: so many of those that are done come from an earlier run. */
  onProgress(done: number, total: number, kept: number): void;
}

/** Plays every visit, then every recording. Throws what a recording that cannot be read throws. */
export async function runReport(plan: ReportPlan): Promise<LivenessReport> {
  const { seeds, kinds, clips, onProgress } = plan;
  const total = seeds * kinds.length + clips.length;
  let [done, kept] = [0, 0];
  const onTrial = (isKept = false) => {
    if (isKept) kept++;
    onProgress(++done, total, kept);
  };
  const simulated = inOrder(kinds, await playVisits({ ...plan, visits: visitsOf(plan), onTrial }));
  const recordings = clips.length === 0 ? null : await plan.openRecordings();
  const real: Trial[] = [];
  for (const clip of recordings ? clips : []) {
    if (recordings) real.push(await judgeLabelled(clip, recordings));
    onTrial();
  }
  const networkCue = recordings?.networks.antiSpoof !== undefined;
  return {
    level: plan.level ?? "passive",
    simulated: simulated.length === 0 ? null : { ...reportOf(simulated), seeds, networkCue: false },
    real: real.length === 0 ? null : { ...reportOf(real), networkCue },
  };
}

// --- internal ---

/** Every kind in turn, so that a run that is broken off has about as many of each. */
function visitsOf({ seeds, kinds }: ReportPlan) {
  return Array.from({ length: seeds }, (_, seed) => kinds.map((kind) => ({ kind, seed }))).flat();
}

function inOrder(kinds: readonly Kind[], trials: readonly Trial[]): Trial[] {
  return kinds.flatMap((kind) => trials.filter((trial) => trial.kind === kind));
}
