import type { ClipParts } from "../../vision/judge-clip.ts";
import { judgeLabelled, type LabelledClip } from "./clips.ts";
import { isGenuine, type Kind, presentation } from "./presentations.ts";
import { type RehearseParts, rehearse } from "./rehearse.ts";
import { type LivenessReport, reportOf, type Trial } from "./report.ts";

export interface ReportPlan {
  /** Seeds 0 up to this of each kind; 0 leaves simulation out. */
  readonly seeds: number;
  readonly kinds: readonly Kind[];
  readonly clips: readonly LabelledClip[];
  /** Of simulated visits. The network cue is left out: it was trained on real pictures and says nothing about drawn ones. */
  readonly rehearsal: RehearseParts;
  readonly recordings: Omit<ClipParts, "camera">;
  onProgress(done: number, total: number): void;
}

/** Plays every visit, then every recording. Throws what a recording that cannot be read throws. */
export async function runReport(plan: ReportPlan): Promise<LivenessReport> {
  const { seeds, clips, onProgress } = plan;
  const total = seeds * plan.kinds.length + clips.length;
  const simulated: Trial[] = [];
  for (const kind of plan.kinds) {
    for (let seed = 0; seed < seeds; seed++) {
      simulated.push(await simulatedTrial(plan.rehearsal, kind, seed));
      onProgress(simulated.length, total);
    }
  }
  const real: Trial[] = [];
  for (const clip of clips) {
    real.push(await judgeLabelled(clip, plan.recordings));
    onProgress(simulated.length + real.length, total);
  }
  const networkCue = plan.recordings.networks.antiSpoof !== undefined;
  return {
    level: "passive",
    simulated: simulated.length === 0 ? null : { ...reportOf(simulated), seeds, networkCue: false },
    real: real.length === 0 ? null : { ...reportOf(real), networkCue },
  };
}

// --- internal ---

async function simulatedTrial(parts: RehearseParts, kind: Kind, seed: number): Promise<Trial> {
  const { response, afterMs, says } = await rehearse(parts, presentation(kind, seed));
  return { kind, isGenuine: isGenuine(kind), source: String(seed), response, afterMs, says };
}
