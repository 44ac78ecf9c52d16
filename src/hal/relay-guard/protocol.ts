import { z } from "zod";
import { signalLines } from "../api.ts";

/**
 * Between the control plane and the relay guard: JSON Lines on the guard's standard input and output. All times are
 * monotonic milliseconds. The guard opens the strike only while a lease runs, and locks when the lease ends, when told,
 * and when its input closes; nothing the parent does or fails to do can keep it open longer.
 */

/** The longest lease the guard accepts beyond now; a longer opening is renewed while it may last. */
export const maxLeaseMs = 10_000;

/**
 * What the lights and sounders say. `granted` and `refused` are short and over by themselves; `warning` (the door has
 * been open for long) and `alarm` go on until `quiet`, the sounders at most for `maxSoundMs`.
 */
export const signalOutcome = z.enum(["granted", "refused", "warning", "alarm", "quiet"]);
export type SignalOutcome = z.infer<typeof signalOutcome>;

export const guardCommand = z.discriminatedUnion("type", [
  /** Strike open until `untilMs`. Refused when in the past or more than `maxLeaseMs` ahead. */
  z.object({ type: z.literal("lease"), id: z.string().max(64), untilMs: z.number() }),
  z.object({ type: z.literal("lock") }),
  /** Asks for a `state` message: the heartbeat, with the relay read back from the chip. */
  z.object({ type: z.literal("probe") }),
  /** For the lights and sounders alone: nothing about it can move the strike. */
  z.object({ type: z.literal("signal"), outcome: signalOutcome }),
]);
export type GuardCommand = z.infer<typeof guardCommand>;

/** Why the strike changed. */
export const strikeCause = z.enum(["start", "lease", "deadline", "lock", "parent-gone", "fault"]);
export type StrikeCause = z.infer<typeof strikeCause>;

export const guardMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), driver: z.string(), atMs: z.number() }),
  /**
   * The strike changed; `leaseId` is the lease that opened it, or the one in force when it was locked. With cause
   * `start` it follows `ready` and one `input` for each wired line: from here on leases are accepted.
   */
  z.object({
    type: z.literal("strike"),
    isOpen: z.boolean(),
    cause: strikeCause,
    leaseId: z.string().optional(),
    atMs: z.number(),
  }),
  z.object({ type: z.literal("refused"), id: z.string(), reason: z.string(), atMs: z.number() }),
  z.object({
    type: z.literal("input"),
    line: z.enum(["contact", "requestToExit", "tamper"]),
    isActive: z.boolean(),
    atMs: z.number(),
  }),
  /** Answer to `probe`: the strike as the chip reports it. */
  z.object({ type: z.literal("state"), isOpen: z.boolean(), atMs: z.number() }),
  z.object({ type: z.literal("fault"), reason: z.string(), atMs: z.number() }),
  /** A light or sounder does not work; said once until it works again. The strike is not concerned. */
  z.object({ type: z.literal("signal-fault"), line: z.enum(signalLines), reason: z.string(), atMs: z.number() }),
]);
export type GuardMessage = z.infer<typeof guardMessage>;
