import { systemClock } from "../../../core/clock.ts";
import { silentLogger } from "../../../core/logger.ts";
import { createCamera } from "../../../hal/registry.ts";
import { judgeClip } from "../../../vision/judge-clip.ts";
import type { LabelledClip } from "../clips.ts";
import { isGenuine, type Kind, presentation } from "../presentations.ts";
import { type RehearseParts, rehearse } from "../rehearse.ts";
import { type ObservedTrack, Observer } from "./observer.ts";
import type { WatchedLandmarks } from "./watched-landmarks.ts";

/** One visit or recording with all its tracks. */
export interface Presented {
  readonly material: "simulated" | "real";
  readonly kind: string;
  readonly isGenuine: boolean;
  /** What repeats it: a seed, or the name of a recording. */
  readonly source: string;
  /** Who is seen, for folds that share nobody. */
  readonly person: string;
  readonly tracks: readonly ObservedTrack[];
}

export interface ObserveParts extends RehearseParts {
  readonly watched: WatchedLandmarks;
}

/** Plays a visit while every cue looks on. */
export async function observeVisit(parts: ObserveParts, kind: Kind, seed: number): Promise<Presented> {
  const shown = presentation(kind, seed);
  const observer = new Observer(() => parts.watched.last);
  await rehearse({ ...parts, amend: (sighting) => observer.sighted(sighting) }, shown);
  const tracks = observer.tracks();
  return {
    ...{ material: "simulated", kind, isGenuine: isGenuine(kind) },
    ...{ source: String(seed), person: shown.actor, tracks },
  };
}

/** Judges a recording while every cue looks on. */
export async function observeClip(parts: ObserveParts, clip: LabelledClip): Promise<Presented> {
  const { kind, name, isGenuine: isLiving } = clip;
  const observer = new Observer(() => parts.watched.last);
  const { networks, limits, scheduling } = parts;
  const camera = createCamera(
    { driver: "replay", path: clip.path, pace: "fast", loop: false },
    { logger: silentLogger, clock: systemClock },
  );
  await judgeClip(
    { networks, limits, scheduling, camera, onSighting: (sighting) => void observer.sighted(sighting) },
    new AbortController().signal,
  );
  return { material: "real", kind, isGenuine: isLiving, source: name, person: name, tracks: observer.tracks() };
}
