import type { LabelledClip } from "../clips.ts";
import type { Kind } from "../presentations.ts";
import { type ObserveParts, observeClip, observeVisit, type Presented } from "./presented.ts";
import type { TracksFile } from "./tracks-file.ts";

export interface AblationPlan {
  /** Seeds from the first on, of each kind. */
  readonly seeds: number;
  readonly firstSeed: number;
  readonly kinds: readonly Kind[];
  readonly clips: readonly LabelledClip[];
  /** Presentations that were observed before, and where new ones go. */
  readonly tracks?: TracksFile | undefined;
  /** Simulated faces are judged without the anti-spoofing networks, recordings with them where they are installed. */
  readonly simulated: ObserveParts;
  readonly recorded: ObserveParts;
  onProgress(done: number, total: number): void;
}

/** Shows the door everything, without any denial, and notes what every cue would have said. */
export async function runAblation(plan: AblationPlan): Promise<Presented[]> {
  const { kinds, clips, tracks, simulated, recorded, firstSeed } = plan;
  const seeds = Array.from({ length: plan.seeds }, (_, n) => firstSeed + n);
  const orders = [
    ...clips.map((clip) => ({
      ...{ kind: clip.kind, source: clip.name },
      observe: () => observeClip(recorded, clip),
    })),
    ...seeds.flatMap((seed) =>
      kinds.map((kind) => ({
        ...{ kind, source: String(seed) },
        observe: () => observeVisit(simulated, kind, seed),
      })),
    ),
  ];
  const presented: Presented[] = [];
  for (const { kind, source, observe } of orders) {
    const known = tracks?.find(kind, source);
    const one = known ?? (await observe());
    if (!known) await tracks?.add(one);
    presented.push(one);
    plan.onProgress(presented.length, orders.length);
  }
  return presented;
}
