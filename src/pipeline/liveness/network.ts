import type { CueResult, QualityReason } from "../types.ts";
import { type Evidence, evidenceMs } from "./evidence.ts";

/** What the two networks made of one frame, or why it was not put to them. */
export type NetworkLook =
  | { readonly kind: "judged" /** Probability of a living face, 0 to 1. */; readonly live: number }
  | { readonly kind: "unfit"; readonly why: UnfitReason };

export type UnfitReason = "grey" | "dark" | "tight" | "small";

export interface NetworkSample {
  readonly atMs: number;
  readonly look: NetworkLook;
}

/** Frames of one track are alike: fewer of them than this say nothing. */
const minFrames = 5;
/** Until there are enough, every frame that is at least this much later; then seldom, to keep up with what goes stale. */
const eagerMs = 95;
const calmMs = 400;
/** Whatever a clock does, the ring stays small. */
const maxSamples = 30;

/**
 * Measured on every frame of the public clips, medians of a track: two men live 0.99 and 1.00, a third one with a phone beside his face
 * 0.84; three replays on phones 0.007, 0.017 and 0.20. Single frames of replays reach 0.48, of the third man 0.13.
 */
const maxSpoofMedian = 0.3;
/** Three quarters of the frames must not contradict. */
const maxSpoofUpperQuartile = 0.45;
const minLiveMedian = 0.7;

/** Blurred by 3 % of its width, a live face fell from 0.99 to 0.46; a sharp frame comes a moment later. A turned one stayed above 0.9. */
const unjudged: ReadonlySet<QualityReason> = new Set(["blurred", "too-dark", "too-bright", "cut-off", "not-a-face"]);

const name = "network";

/**
 * Texture and surroundings as two networks see them (MiniFASNet V2 and V1SE of minivision-ai/Silent-Face-Anti-Spoofing, 2020): the
 * mean of both, as there, over several frames. It denies; what it finds live supports and never grants. Of greyscale, infrared and tightly cut pictures, which look like attacks to these networks, it says nothing.
 */
export function networkCue(evidence: Evidence): CueResult {
  const looks = (evidence.network ?? []).map(({ look }) => look);
  const judged = looks.flatMap((look) => (look.kind === "judged" ? [look.live] : [])).sort((p, q) => p - q);
  if (judged.length < minFrames) return { name, score: 0.5, verdict: "no-verdict", says: whyNot(looks, judged.length) };
  const median = quantile(judged, 0.5);
  const figures = `the anti-spoofing networks give ${median.toFixed(2)} for a living face (median of ${judged.length} frames)`;
  if (median <= maxSpoofMedian && quantile(judged, 0.75) <= maxSpoofUpperQuartile) {
    return { name, score: median, verdict: "spoof", says: figures };
  }
  if (median >= minLiveMedian) return { name, score: median, verdict: "live", says: figures };
  return { name, score: 0.5, verdict: "no-verdict", says: `${figures}: too little to tell` };
}

/** A face of this quality may be put to the networks. */
export function isFitForNetwork(reasons: readonly QualityReason[]): boolean {
  return !reasons.some((reason) => unjudged.has(reason));
}

/** The networks are slow: they look only as often as a verdict needs it. */
export function isNetworkDue(evidence: Evidence, atMs: number): boolean {
  const samples = evidence.network ?? [];
  const lastMs = samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  const judged = samples.filter(({ look }) => look.kind === "judged").length;
  return atMs - lastMs >= (judged < minFrames ? eagerMs : calmMs);
}

/** Adds what the networks made of a frame. A frame that is not newer than the last is left out. */
export function withNetworkLook(before: Evidence, sample: NetworkSample): Evidence {
  const samples = before.network ?? [];
  const lastMs = samples.at(-1)?.atMs;
  if (lastMs !== undefined && sample.atMs <= lastMs) return before;
  const recent = samples.filter(({ atMs }) => sample.atMs - atMs <= evidenceMs);
  return { ...before, network: [...recent, sample].slice(-maxSamples) };
}

/** Probability of a living face from the logits (attack, live, attack) of one network. */
export function liveProbability(logits: Float32Array): number {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  return powers[1]! / powers.reduce((sum, power) => sum + power, 0);
}

// --- internal ---

const words: Readonly<Record<UnfitReason, string>> = {
  grey: "the picture has no colour, of which the anti-spoofing networks cannot judge",
  dark: "the picture is too dark for the anti-spoofing networks",
  tight: "the face fills too much of the picture for the anti-spoofing networks",
  small: "the face is too small for the anti-spoofing networks",
};

function whyNot(looks: readonly NetworkLook[], judged: number): string {
  const last = looks.at(-1);
  if (last?.kind === "unfit") return words[last.why];
  return `the anti-spoofing networks saw too few frames (${judged} of ${minFrames})`;
}

/** Of values in ascending order. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
