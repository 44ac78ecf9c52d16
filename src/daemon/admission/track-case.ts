import { freshness } from "../../core/clock.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Sighting } from "../../vision/protocol.ts";
import type { DisplayState } from "../api.ts";
import { advice } from "./advice.ts";
import { type Intent, nextIntent, noIntent } from "./intent.ts";
import { trackDelayMs } from "./lockout.ts";
import {
  type AdmissionPolicy,
  agreeing,
  giveUpAfterMs,
  maxDecisions,
  maxFrameAgeMs,
  promptAgainAfterMs,
  visitorAfterMs,
} from "./types.ts";

/** One identification of one fresh frame. */
export interface Vote {
  readonly capturedAtMs: number;
  readonly identification: Identification;
}

/** Everything the door holds against or for one track. Pure data: `judge` makes the next one. */
export interface TrackCase {
  readonly trackId: number;
  /** When the track was first judged; null before that. */
  readonly sinceMs: number | null;
  readonly intent: Intent;
  readonly votes: readonly Vote[];
  /** The first person a vote named; another name later in the same track spoils the track. */
  readonly claimed: string | null;
  readonly decisions: number;
  /** After a decision against it the track is not judged before this time. */
  readonly waitUntilMs: number;
  readonly status: "open" | "granted" | "refused";
  /** When the track last proved itself; proof is good for seconds only, and somebody may have to wait for a badge. */
  readonly lastLiveMs: number;
  /** Until when a challenge was being answered: nobody lacks proof meanwhile. */
  readonly challengedMs: number;
  readonly saidNoEvidence: boolean;
  readonly saidVisitor: boolean;
}

export type Outcome =
  | { readonly kind: "nothing" }
  | { readonly kind: "stale" }
  | { readonly kind: "prompt"; readonly prompt: NonNullable<DisplayState["prompt"]> }
  /** Live and recognised on fresh frames: the rules of the person and the door come next. `completedAtMs`: the newest frame behind it. */
  | {
      readonly kind: "recognised";
      readonly person: string;
      readonly best: Vote;
      readonly votes: readonly Vote[];
      readonly completedAtMs: number;
    }
  /** Recognised on fresh frames, and the door wants a challenge answered besides. */
  | { readonly kind: "challenge"; readonly person: string; readonly best: Vote }
  | { readonly kind: "refused"; readonly reason: "unknown" | "ambiguous" | "not-live"; readonly vote: Vote | null }
  /** Recognised, but nothing shows a living head: said once, the track stays open. */
  | { readonly kind: "no-evidence"; readonly person: string }
  | { readonly kind: "visitor" };

export interface Judgement {
  readonly next: TrackCase;
  readonly outcome: Outcome;
}

export function openCase(trackId: number): TrackCase {
  return {
    trackId,
    sinceMs: null,
    intent: noIntent,
    votes: [],
    claimed: null,
    decisions: 0,
    waitUntilMs: 0,
    status: "open",
    lastLiveMs: Number.NEGATIVE_INFINITY,
    challengedMs: Number.NEGATIVE_INFINITY,
    saidNoEvidence: false,
    saidVisitor: false,
  };
}

export interface Circumstances {
  readonly identification: Identification | null;
  readonly policy: AdmissionPolicy;
  readonly nowMs: number;
  /** The door asks a challenge, which this track has not passed. */
  readonly lacksChallenge?: boolean;
}

/** Judges one sighting of the case's track. `identification` belongs to the sighting's embedding, if it has one. */
export function judge(
  before: TrackCase,
  sighting: Sighting,
  { identification, policy, nowMs, lacksChallenge = false }: Circumstances,
): Judgement {
  if (freshness(sighting.capturedAtMs, nowMs, maxFrameAgeMs) !== "fresh") {
    return { next: before, outcome: { kind: "stale" } };
  }
  const intent = nextIntent(before.intent, sighting, policy);
  const sinceMs = before.sinceMs ?? sighting.capturedAtMs;
  const current = withVote({ ...before, intent, sinceMs }, sighting, { identification, nowMs });
  if (current.status === "granted") return { next: current, outcome: { kind: "nothing" } };
  if (current.status === "refused") return afterRefusal(current, nowMs);
  if (sighting.liveness.verdict === "spoof" && intent.isWanting) {
    return refuse(current, "not-live", current.votes.at(-1) ?? null);
  }
  if (isSpoilt(current)) return refuse(current, "ambiguous", current.votes.at(-1) ?? null);
  if (!intent.isWanting) return { next: current, outcome: qualityPrompt(current, sighting, policy) };
  if (nowMs < current.waitUntilMs) return { next: { ...current, votes: [] }, outcome: { kind: "nothing" } };
  return decide(current, sighting, { policy, nowMs, lacksChallenge });
}

// --- internal ---

function withVote(
  current: TrackCase,
  sighting: Sighting,
  { identification, nowMs }: { identification: Identification | null; nowMs: number },
): TrackCase {
  const fresh = current.votes.filter((vote) => nowMs - vote.capturedAtMs <= maxFrameAgeMs);
  if (identification === null) return { ...current, votes: fresh };
  const votes = [...fresh, { capturedAtMs: sighting.capturedAtMs, identification }].slice(-agreeing.n);
  return { ...current, votes, claimed: current.claimed ?? identification.person };
}

/** A track that was taken for two different people is evidence of a swap (or of twins): it opens for neither. */
function isSpoilt(current: TrackCase): boolean {
  return current.votes.some(
    ({ identification }) => identification.person !== null && identification.person !== current.claimed,
  );
}

type Standing = Required<Omit<Circumstances, "identification">>;

function decide(current: TrackCase, sighting: Sighting, { policy, nowMs, lacksChallenge }: Standing): Judgement {
  const agreed = current.votes.filter(({ identification }) => identification.person !== null);
  if (agreed.length >= agreeing.m) {
    return recognised(current, agreed, { ...sighting, policy, nowMs, lacksChallenge });
  }
  if (current.votes.length >= agreeing.n && agreed.length === 0) return countDecision(current, nowMs);
  return { next: current, outcome: qualityPrompt(current, sighting, policy) };
}

function recognised(
  current: TrackCase,
  votes: readonly Vote[],
  { liveness, capturedAtMs, policy, nowMs, lacksChallenge }: Standing & Pick<Sighting, "liveness" | "capturedAtMs">,
): Judgement {
  const { verdict } = liveness;
  const best = votes.reduce((a, b) => (distanceOf(b) < distanceOf(a) ? b : a));
  const person = best.identification.person;
  if (person === null) throw new Error("an agreed vote without a person");
  if (lacksChallenge) {
    return { next: { ...current, challengedMs: nowMs }, outcome: { kind: "challenge", person, best } };
  }
  if (verdict === "live" || !policy.requiresLiveness) {
    const outcome = { kind: "recognised", person, best, votes, completedAtMs: capturedAtMs } as const;
    return { next: { ...current, lastLiveMs: nowMs }, outcome };
  }
  const lackingMs = nowMs - Math.max(current.intent.wantingSinceMs ?? nowMs, current.lastLiveMs, current.challengedMs);
  if (lackingMs >= giveUpAfterMs && !current.saidNoEvidence) {
    return { next: { ...current, saidNoEvidence: true }, outcome: { kind: "no-evidence", person } };
  }
  const isProofRecent = nowMs - current.lastLiveMs < promptAgainAfterMs;
  return { next: current, outcome: isProofRecent ? { kind: "nothing" } : { kind: "prompt", prompt: "turn" } };
}

/** Three fresh frames named nobody: one decision is spent; the last one stands until the track ends. */
function countDecision(current: TrackCase, nowMs: number): Judgement {
  const decisions = current.decisions + 1;
  const last = current.votes.at(-1) ?? null;
  const spent = { ...current, decisions, votes: [], waitUntilMs: nowMs + trackDelayMs(decisions) };
  if (decisions < maxDecisions) return { next: spent, outcome: { kind: "nothing" } };
  return refuse(spent, last?.identification.reason === "ambiguous" ? "ambiguous" : "unknown", last);
}

function refuse(current: TrackCase, reason: "unknown" | "ambiguous" | "not-live", vote: Vote | null): Judgement {
  return { next: { ...current, status: "refused", votes: [] }, outcome: { kind: "refused", reason, vote } };
}

function afterRefusal(current: TrackCase, nowMs: number): Judgement {
  const sinceMs = current.intent.wantingSinceMs;
  if (sinceMs === null || current.saidVisitor || nowMs - sinceMs < visitorAfterMs) {
    return { next: current, outcome: { kind: "nothing" } };
  }
  return { next: { ...current, saidVisitor: true }, outcome: { kind: "visitor" } };
}

/** Walking up takes this long at least. */
const arrivingMs = 1500;

function distanceOf(vote: Vote): number {
  return vote.identification.distance ?? Number.POSITIVE_INFINITY;
}

/** Somebody who has only just come into view and is still walking up is told nothing. */
function qualityPrompt(current: TrackCase, { face, capturedAtMs }: Sighting, policy: AdmissionPolicy): Outcome {
  const isArriving = capturedAtMs - (current.sinceMs ?? capturedAtMs) < arrivingMs;
  const prompt = isArriving ? null : advice(face, policy.minFaceWidthPx);
  return prompt === null ? { kind: "nothing" } : { kind: "prompt", prompt };
}
