import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Embedding } from "../../pipeline/types.ts";
import type { AccessVerdict } from "../access/rules.ts";
import type { Person } from "../api.ts";

/** Why a person is not let in: values, never exceptions. The door tells people what to do, not why it was them. */
export type RefusalReason =
  | "unknown"
  | "ambiguous"
  | "not-live"
  | "no-liveness-evidence"
  | "disabled"
  | "expired"
  | "lockdown"
  | "not-permitted"
  | "outside-hours"
  | "clock-unset"
  | "second-factor-missing"
  | "two-person-waiting"
  | "passed-back"
  | "locked-out"
  | "interlock"
  | "stale"
  | "challenge-failed"
  | "display-missing"
  | "door-unavailable";

export interface Recogniser {
  identify(face: readonly Embedding[]): Identification;
}

export interface PersonDirectory {
  get(id: string): Person | undefined;
}

export interface JudgeQuestion {
  readonly at: Date;
  /** Since when the face is recognised, on the monotonic clock; a second factor counts around it. */
  readonly faceSinceMs: number;
  /** Somebody else stands at the door, recognised on fresh frames, who lacks nothing but company either. */
  readonly hasCompanion: boolean;
}

/** Who may pass this door and when: the access rules. */
export interface AccessJudge {
  isClockTrusted(): boolean;
  judge(person: Person, question: JudgeQuestion): AccessVerdict;
  /** The door opened for the person; what counted once counts no more. */
  entered(person: Person): void;
}

/** Whether a recognised person may pass now; granted, by which rule and on what second factor. */
export type Entry =
  | (Extract<AccessVerdict, { ok: true }> & { readonly person: Person })
  | {
      readonly ok: false;
      readonly reason: RefusalReason;
      readonly needs: Extract<AccessVerdict, { ok: false }>["needs"];
    };

/** The rules of the door, from the configuration; lengths in pixels of the camera, times in milliseconds. */
export interface AdmissionPolicy {
  readonly minFaceWidthPx: number;
  readonly maxYawDeg: number;
  readonly intentMs: number;
  /** Polygon in fractions of the picture, or null for the whole picture. */
  readonly area: readonly (readonly [number, number])[] | null;
  readonly restMs: number;
  readonly requiresLiveness: boolean;
  /** How long a recognised face may wait for its second factor. */
  readonly factorWaitMs: number;
}

/** Every frame behind a decision is younger than this (a late recognition opens the door for nobody). */
export const maxFrameAgeMs = 1000;
/** Agreement: two of the last three fresh embeddings name the same person. */
export const agreeing = { m: 2, n: 3 } as const;
/** Decisions a track gets before it stays unknown until it ends. */
export const maxDecisions = 3;
/**
 * Nobody passes without a turn of the head, so the display asks for it at once. Of somebody who has proved to be alive and waits,
 * for a badge perhaps, it asks for another one only when proof has been lacking for this long.
 */
export const promptAgainAfterMs = 1000;
/** Without proof of life after this long, the person is told to ring; the track may still prove itself. */
export const giveUpAfterMs = 8000;
/** An unknown face that stays this long is a visitor. */
export const visitorAfterMs = 5000;
