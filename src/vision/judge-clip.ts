import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import type { Camera } from "../hal/api.ts";
import type { FittedModel } from "../pipeline/liveness/fitted.ts";
import { atLevel, type ChallengeLevel, challengeCue } from "../pipeline/liveness/level.ts";
import type { QualityLimits } from "../pipeline/quality.ts";
import type { CueResult, Frame, Liveness, LivenessVerdict } from "../pipeline/types.ts";
import type { VisionScheduling } from "./config.ts";
import type { DoorNetworks } from "./networks.ts";
import type { Sighting } from "./protocol.ts";
import { Watcher } from "./watcher.ts";

export interface ClipVerdict {
  readonly verdict: LivenessVerdict;
  /** 0: surely an artefact, 1: surely live, 0.5: nothing is known. */
  readonly score: number;
  /** Of the frame that decided. */
  readonly cues: readonly CueResult[];
  readonly frames: number;
  /** Faces that were seen for long enough to be judged. */
  readonly tracks: number;
}

export interface ClipParts {
  readonly networks: DoorNetworks;
  /** A recording that gives every picture and is lost at its end. */
  readonly camera: Camera;
  readonly limits: QualityLimits;
  readonly scheduling: VisionScheduling;
  /** Fitted for this door: may deny what the cues grant. */
  readonly fitted?: FittedModel | undefined;
  /** Default `passive`. A recording cannot answer a challenge: at the others it is a spoof or gets no verdict. */
  readonly level?: "passive" | ChallengeLevel | undefined;
  /** Told of every sighting with a measured face. */
  readonly onSighting?: ((sighting: Sighting) => void) | undefined;
}

/** A track with fewer frames whose face was measured is a glimpse, not judged. */
const minJudgedFrames = 10;

/**
 * Judges a recording as the door would have: `spoof` if any track is, `live` only if every judged track is. A track is what it was
 * found to be at any time; spoof counts before live. Throws `LINTEL_E_UNREADABLE` when there is no picture.
 */
export async function judgeClip(parts: ClipParts, signal: AbortSignal): Promise<ClipVerdict> {
  const sightings = new Map<number, Sighting[]>();
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, date: () => new Date(0) };
  const watcher = new Watcher({
    ...parts,
    clock,
    send: (message) => {
      if (message.type !== "sighting" || !message.face) return;
      parts.onSighting?.(message);
      sightings.set(message.trackId, [...(sightings.get(message.trackId) ?? []), message]);
    },
  });
  let frames = 0;
  for await (const frame of framesOf(parts.camera, signal)) {
    nowMs = frame.capturedAtMs;
    await watcher.look(frame);
    frames++;
  }
  const judged = [...sightings.values()].filter((seen) => seen.length >= minJudgedFrames).map(strongest);
  const tracks = judged.map((liveness) => judgedAt(parts.level ?? "passive", liveness));
  return { ...overall(tracks), frames, tracks: tracks.length };
}

// --- internal ---

async function* framesOf(camera: Camera, signal: AbortSignal): AsyncGenerator<Frame> {
  let count = 0;
  try {
    await camera.start(signal);
    for (;;) {
      yield await camera.next(signal);
      count++;
    }
  } catch (error) {
    signal.throwIfAborted();
    const isEnd = error instanceof LintelError && error.code === "LINTEL_E_CAMERA_LOST";
    if (!isEnd) throw error;
    if (count > 0) return;
    const options = { ...(error.hint ? { hint: error.hint } : {}), cause: error };
    throw new LintelError("LINTEL_E_UNREADABLE", `no picture could be read: ${error.message}`, options);
  } finally {
    await camera.stop();
  }
}

function judgedAt(level: "passive" | ChallengeLevel, passive: Liveness): Liveness {
  return level === "passive"
    ? passive
    : atLevel(passive, level, { challenge: challengeCue.unanswerable, wasLive: false });
}

const rank: Readonly<Record<LivenessVerdict, number>> = { spoof: 2, live: 1, "no-verdict": 0 };

/** The sighting that says most about a track; of equals the last. */
function strongest(seen: readonly Sighting[]): Sighting["liveness"] {
  let best: Sighting["liveness"] = { verdict: "no-verdict", cues: [] };
  for (const { liveness } of seen) if (rank[liveness.verdict] >= rank[best.verdict]) best = liveness;
  return best;
}

function overall(tracks: readonly Liveness[]): Pick<ClipVerdict, "verdict" | "score" | "cues"> {
  const decisive =
    tracks.find(({ verdict }) => verdict === "spoof") ??
    tracks.find(({ verdict }) => verdict === "no-verdict") ??
    tracks.find(({ verdict }) => verdict === "live");
  if (!decisive) return { verdict: "no-verdict", score: 0.5, cues: [] };
  const scores = decisive.cues.filter(({ verdict }) => verdict === decisive.verdict).map(({ score }) => score);
  const score = { spoof: Math.min(...scores), live: Math.max(...scores), "no-verdict": 0.5 }[decisive.verdict];
  return { verdict: decisive.verdict, score, cues: decisive.cues };
}
