import type { Identification } from "../../pipeline/matching/identify.ts";
import type { Embedding } from "../../pipeline/types.ts";
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
  | "door-unavailable";

export interface Recogniser {
  identify(probe: Embedding): Identification;
}

export interface PersonDirectory {
  get(id: string): Person | undefined;
}

/** The rules of the door, from the configuration; lengths in pixels of the camera, times in milliseconds. */
export interface AdmissionPolicy {
  readonly minFaceWidthPx: number;
  readonly maxYawDeg: number;
  readonly intentMs: number;
  /** Polygon in fractions of the picture, or null for the whole picture. */
  readonly area: readonly (readonly [number, number])[] | null;
  readonly restMs: number;
  readonly requiresLiveness: boolean;
}

/** Every frame behind a decision is younger than this (a late recognition opens the door for nobody). */
export const maxFrameAgeMs = 1000;
/** Agreement: two of the last three fresh embeddings name the same person. */
export const agreeing = { m: 2, n: 3 } as const;
/** Decisions a track gets before it stays unknown until it ends. */
export const maxDecisions = 3;
/** Without proof of life after this long of wanting in, the display asks for a turn. */
export const promptAfterMs = 1000;
/** Without proof of life after this long, the person is told to ring; the track may still prove itself. */
export const giveUpAfterMs = 8000;
/** An unknown face that stays this long is a visitor. */
export const visitorAfterMs = 5000;
