import type { CueResult } from "../types.ts";
import type { Evidence, EyeSample } from "./evidence.ts";

/** A time during which both eyes were shut. */
export interface Closure {
  readonly startMs: number;
  readonly endMs: number;
  /** Short enough for a blink; the others are eyes held shut. */
  readonly isBlink: boolean;
}

/** Landmarks of the lids are to be believed only while the head is about level and frontal. */
const maxYaw = 0.2;
const maxDropChange = 0.12;
/** Reach of the temporal filter: at 10 frames/s it changes nothing, at 25 it takes a third of the noise. */
const filterReachMs = 60;
const baselineMs = 4000;
const minBaselineSamples = 5;
/** Parts of the person's own open eye. A smile narrows it to 0.75, a shut eye is at 0.45. */
const shutBelow = 0.65;
const eachShutBelow = 0.75;
const openAbove = 0.75;
const minBlinkMs = 30;
const maxBlinkMs = 600;

/**
 * Blinks from the eye aspect ratio (Soukupová and Čech 2016), measured against the running median of the person's own open eyes
 * instead of an absolute limit. Supports a grant, never makes one: a replayed video blinks too.
 */
export function blinkCue(evidence: Evidence): CueResult {
  const blinks = findClosures(evidence.eyes).filter((closure) => closure.isBlink).length;
  if (blinks === 0) return { name, score: 0.5, verdict: "no-verdict", says: "no blink was seen" };
  return {
    name,
    score: 0.7,
    verdict: "live",
    says: blinks === 1 ? "one blink was seen" : `${blinks} blinks were seen`,
  };
}

const name = "blink";

/** Every complete closure of both eyes in the samples, in order. A shut eye that is not seen to open again is none. */
export function findClosures(eyes: readonly EyeSample[]): Closure[] {
  const closures: Closure[] = [];
  const open: EyeSample[] = [];
  let startMs: number | null = null;
  let lastShutMs = 0;
  for (let i = 0; i < eyes.length; i++) {
    const sample = eyes[i]!;
    const baseline = baselineOf(open, sample.atMs);
    if (baseline !== null && !isLevel(sample, baseline.drop)) {
      startMs = null;
      continue;
    }
    const state = baseline === null ? "open" : stateOf(filtered(eyes, i), baseline);
    if (state === "shut") {
      startMs ??= sample.atMs;
      lastShutMs = sample.atMs;
    } else if (state === "open") {
      if (startMs !== null) closures.push(closureOf(startMs, lastShutMs, sample.atMs));
      startMs = null;
      if (Math.abs(sample.yaw) <= maxYaw) open.push(sample);
    }
  }
  return closures;
}

// --- internal ---

interface Baseline {
  readonly right: number;
  readonly left: number;
  readonly drop: number;
}

function baselineOf(open: EyeSample[], nowMs: number): Baseline | null {
  // While the eyes stay shut no sample is added: the last open ones keep counting then.
  const recent = open.filter(({ atMs }) => nowMs - atMs <= baselineMs);
  const samples = recent.length >= minBaselineSamples ? recent : open.slice(-minBaselineSamples);
  if (samples.length < minBaselineSamples) return null;
  return {
    right: median(samples.map(({ right }) => right)),
    left: median(samples.map(({ left }) => left)),
    drop: median(samples.map(({ drop }) => drop)),
  };
}

function isLevel(sample: EyeSample, usualDrop: number): boolean {
  return Math.abs(sample.yaw) <= maxYaw && Math.abs(sample.drop - usualDrop) <= maxDropChange;
}

function stateOf({ right, left }: { right: number; left: number }, baseline: Baseline): "open" | "between" | "shut" {
  const rightShare = right / baseline.right;
  const leftShare = left / baseline.left;
  const share = (rightShare + leftShare) / 2;
  if (share <= shutBelow && rightShare <= eachShutBelow && leftShare <= eachShutBelow) return "shut";
  return share >= openAbove ? "open" : "between";
}

/** Triangular kernel in time around one sample, so that the frame rate does not matter. */
function filtered(eyes: readonly EyeSample[], index: number): { right: number; left: number } {
  const centre = eyes[index]!;
  let weight = 0;
  let right = 0;
  let left = 0;
  for (let i = Math.max(0, index - 3); i <= Math.min(eyes.length - 1, index + 3); i++) {
    const sample = eyes[i]!;
    const share = 1 - Math.abs(sample.atMs - centre.atMs) / filterReachMs;
    if (share <= 0) continue;
    weight += share;
    right += share * sample.right;
    left += share * sample.left;
  }
  return { right: right / weight, left: left / weight };
}

/** The eyes were shut from the first shut frame to some moment between the last one and the first open one. */
function closureOf(startMs: number, lastShutMs: number, openMs: number): Closure {
  const endMs = (lastShutMs + openMs) / 2;
  const durationMs = endMs - startMs;
  return { startMs, endMs, isBlink: durationMs >= minBlinkMs && durationMs <= maxBlinkMs };
}

function median(values: readonly number[]): number {
  return [...values].sort((p, q) => p - q)[values.length >> 1] ?? 0;
}
