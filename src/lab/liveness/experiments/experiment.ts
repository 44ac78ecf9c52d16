import type { Evidence } from "../../../pipeline/liveness/evidence.ts";
import type { CueResult, FaceMesh, RgbImage } from "../../../pipeline/types.ts";

/** What a door saw of a track in one frame. The pixels are valid only while an experiment looks. */
export interface Look {
  readonly image: RgbImage;
  readonly mesh: FaceMesh;
  readonly atMs: number;
  /** What the track has shown so far, this frame included. */
  readonly evidence: Evidence;
}

/** A cue that is tried out: what one frame gives it, and what it makes of the latest of these. Both are pure functions. */
export interface Experiment<Sample = unknown> {
  readonly name: string;
  /** Null where the frame is of no use to it. */
  measure(look: Look): Sample | null;
  judge(samples: readonly Sample[]): CueResult;
}

/** One track, followed by one experiment. */
export interface Trying {
  readonly name: string;
  look(look: Look): void;
  verdict(): CueResult;
}

/** Frames that count, about four seconds. */
const maxSamples = 60;

export function tryOn<Sample>(experiment: Experiment<Sample>): Trying {
  let samples: Sample[] = [];
  return {
    name: experiment.name,
    look: (look) => {
      const sample = experiment.measure(look);
      if (sample !== null) samples = [...samples, sample].slice(-maxSamples);
    },
    verdict: () => experiment.judge(samples),
  };
}

/** The middle of values, NaN without any. */
export function median(values: readonly number[]): number {
  return [...values].sort((p, q) => p - q)[values.length >> 1] ?? Number.NaN;
}

/** A cue that only denies: `spoof` at or beyond its limit, else no verdict. `score` falls from 0.5 to 0 as the value nears twice the limit. */
export function denyOnly(
  name: string,
  { value, limit, isEnough, says }: { value: number; limit: number; isEnough: boolean; says: string },
): CueResult {
  if (!isEnough) return { name, score: 0.5, verdict: "no-verdict", says: "too few frames to tell" };
  const score = Math.max(0, Math.min(1, 1 - value / (2 * limit)));
  return { name, score, verdict: value >= limit ? "spoof" : "no-verdict", says };
}
