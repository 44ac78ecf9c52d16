import type { InterlockRefusal } from "../api.ts";
import type { InterlockMessage } from "./messages.ts";

/** The vocabulary of the interlock machine. All times are monotonic milliseconds of this machine. */

export interface InterlockRules {
  /** `door.id` of this door. */
  readonly self: string;
  /** The doors that must be shut while this one opens. */
  readonly partners: readonly string[];
  /** All of them must have agreed this soon after they were asked. */
  readonly timeoutMs: number;
  /** An agreement must be used this soon after the timeout; then it is given back. */
  readonly useMs: number;
  /** A door holds still for another for this long after its claim, and after each renewal. */
  readonly leaseMs: number;
  /** How often the claim of an open door is renewed. */
  readonly renewMs: number;
  /** A door counts as shut once it has been locked and closed for this long: contacts report late. */
  readonly settleMs: number;
  /** The strike has opened this soon after it was told to, or it will not. */
  readonly confirmMs: number;
}

/** A claim of this door. */
export type Claim =
  /** Asked, and not agreed to by the doors in `missing`. */
  | { readonly phase: "asking"; readonly nonce: string; readonly untilMs: number; readonly missing: readonly string[] }
  /** Agreed to by all; the door may be opened. */
  | { readonly phase: "held"; readonly nonce: string; readonly untilMs: number }
  /** The door was told to open, and is not shut again. */
  | {
      readonly phase: "used";
      readonly nonce: string;
      readonly usedMs: number;
      readonly renewals: number;
      readonly renewDueMs: number;
      /** When the machine was last fed: a process that stood still has not heard what its door did. */
      readonly fedMs: number;
    };

/** This door holds still for another. */
export interface Lease {
  readonly from: string;
  readonly nonce: string;
  readonly untilMs: number;
  /** The last renewal that was counted. */
  readonly renewals: number;
}

export interface InterlockState {
  readonly claim: Claim | null;
  /** At most one of a partner. */
  readonly leases: readonly Lease[];
  /** Nonces of claims that have arrived, the oldest first: none counts twice. */
  readonly seen: readonly string[];
  /** Since when the door is known to be locked and closed; null: it is not, or nobody knows. */
  readonly shutSinceMs: number | null;
  readonly isConnected: boolean;
}

export type InterlockEvent =
  /** Somebody may pass: ask the partners, unless they have agreed already. The nonce was never used before. */
  | { readonly type: "want"; readonly nonce: string }
  /** Nobody wants to pass any more, or the door was ordered to lock. An open door keeps its claim. */
  | { readonly type: "withdraw" }
  /** The door is about to be told to open; without effect unless it may be. */
  | { readonly type: "used" }
  /** The door is known to be locked and closed, or not. */
  | { readonly type: "door"; readonly isShut: boolean }
  | { readonly type: "connection"; readonly isConnected: boolean }
  | { readonly type: "message"; readonly from: string; readonly message: InterlockMessage }
  | { readonly type: "tick" };

export type InterlockEffect =
  | { readonly type: "send"; readonly to: string; readonly message: InterlockMessage }
  /** The claim was agreed to by all (null), or came to nothing. */
  | { readonly type: "settled"; readonly refusal: InterlockRefusal | null };
