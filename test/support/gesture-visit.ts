import { silentLogger } from "../../src/core/logger.ts";
import { gaussian, seededRandom } from "../../src/core/random.ts";
import { Challenges } from "../../src/daemon/challenge/challenges.ts";
import { DisplayBoard } from "../../src/daemon/display-board.ts";
import type { GestureSample, Gestures } from "../../src/pipeline/liveness/challenge/gestures.ts";
import { judgeStep, type Performance, perform } from "../../src/pipeline/liveness/challenge/judge.ts";
import type { HeadState, Prompting } from "../../src/simulation/motion.ts";
import { ManualClock } from "./manual-clock.ts";
import { sightingOf } from "./sightings.ts";

export interface GestureVisit {
  readonly seed: number;
  /** The head before the camera, given what the display has asked for so far. */
  head(tMs: number, history: readonly Prompting[]): HeadState | null;
  /** When the door recognises it. */
  readonly fromMs: number;
  /** When passive finds depth: at once, or once the head was seen turned to both sides. */
  readonly depth: "at-once" | "both-sides";
}

export interface VisitOutcome {
  readonly isPassed: boolean;
  /** From being recognised to the last step done; null for who did not pass. */
  readonly afterMs: number | null;
  readonly attempts: number;
}

const frameMs = 100;
const paintMs = 60;
const track = 1;

/**
 * Somebody before a door at `active` whose passive cues find everything live, so that the challenge alone stands between them and the
 * door. Nothing is drawn: heads become measurements as the rendered ones do (see `held-actions.ts` for what was measured of them).
 */
export function visit({ seed, head, fromMs, depth }: GestureVisit): VisitOutcome {
  const clock = new ManualClock();
  const board = new DisplayBoard({ clock, timers: clock });
  const history: Prompting[] = [];
  let performance: Performance | null = null;
  const challenges = new Challenges({
    ...{ level: "active", withoutDisplay: "refuse", screens: { count: 1 }, logger: silentLogger },
    ...{ clock, timers: clock, random: seededRandom(seed), board },
    command: (command) => {
      if (command.type === "challenge") performance = perform(performance, command);
    },
  });
  const startMs = clock.nowMs();
  let attempts = "";
  let count = 0;
  board.subscribe(({ prompt, challenge }) => {
    history.push({ atMs: clock.nowMs() - startMs + fromMs, prompt });
    if (!challenge || challenge.isRunning) return;
    const { id, step, nonce } = challenge;
    if (id !== attempts) count++;
    attempts = id;
    clock.after(paintMs, () => challenges.acknowledge({ challenge: id, step, nonce }));
  });
  const noise = seededRandom(seed + 7919);
  let gestures: Gestures = { samples: [], unbrokenSinceMs: null };
  for (let tMs = fromMs - 1000; tMs < fromMs + 60_000; tMs += frameMs) {
    const state = head(tMs, history);
    if (tMs > fromMs) clock.advance(frameMs);
    const atMs = startMs + tMs - fromMs;
    if (!state) continue;
    const samples = [...gestures.samples.slice(-200), measured(state, atMs, noise)];
    gestures = { samples, unbrokenSinceMs: gestures.unbrokenSinceMs ?? atMs };
    if (tMs < fromMs) continue;
    const current: Performance | null = performance;
    const challenge = current && { ...namesOf(current), ...judgeStep(current, gestures) };
    const recent = samples.slice(-25).map(({ yaw }) => yaw);
    const isDeep = depth === "at-once" || (Math.max(...recent) > 0.2 && Math.min(...recent) < -0.2);
    const verdict = isDeep ? ("live" as const) : ("no-verdict" as const);
    const { lacksChallenge } = challenges.sighted(
      sightingOf(track, atMs, { liveness: { verdict, cues: [] }, ...(challenge ? { challenge } : {}) }),
      "alice",
    );
    if (!lacksChallenge) return { isPassed: true, afterMs: tMs - fromMs, attempts: count };
    if (challenges.ask(track, "alice") === "challenge-failed") break;
  }
  return { isPassed: false, afterMs: null, attempts: count };
}

// --- internal ---

function namesOf({ current: { id, step } }: Performance) {
  return { id, step };
}

function measured({ yawDeg, pitchDeg, lids, jaw = 0 }: HeadState, atMs: number, noise: () => number): GestureSample {
  const off = (sigma: number) => sigma * gaussian(noise);
  const eye = 0.32 * (1 - 0.38 * lids);
  return {
    ...{ atMs, isVerified: true, yaw: 0.02 + 0.0095 * yawDeg + off(0.008) },
    ...{ drop: 0.46 - 0.0062 * pitchDeg + 0.0015 * Math.abs(yawDeg) + off(0.006) },
    ...{ right: eye + off(0.008), left: eye + off(0.008), mouth: 0.08 + 0.2 * jaw + off(0.012) },
  };
}
