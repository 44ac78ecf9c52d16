import { z } from "zod";

/**
 * The wire of the simulated GPIO chip: JSON Lines on a unix socket. It has the semantics of the kernel's character
 * device (uAPI v2): a line has one owner, the polarity is a flag of the request, and closing the connection gives the
 * owner's lines back. `level` is the physical level, `isActive` the logical one. Each request has an `id` of the asker's
 * choice and gets exactly one `ok`, `value`, `edges` or `error` with the same id, in the order of asking.
 */

export const maxChipLineBytes = 1024 * 1024;
/** Most edges in one answer to `record`; ask again from the next sequence number for more. */
export const maxRecordPage = 1000;

const id = z.int().min(0);
const line = z.int().min(0).max(511);
const level = z.union([z.literal(0), z.literal(1)]);
export type Level = z.infer<typeof level>;

export const chipRequest = z.discriminatedUnion("type", [
  /** Takes a line; an output starts inactive. Error `busy` when somebody owns it. */
  z.strictObject({
    type: z.literal("request"),
    id,
    line,
    direction: z.enum(["output", "input"]),
    activeLow: z.boolean(),
    consumer: z.string().max(64),
  }),
  z.strictObject({ type: z.literal("release"), id, line }),
  z.strictObject({ type: z.literal("set"), id, line, isActive: z.boolean() }),
  z.strictObject({ type: z.literal("get"), id, line }),
  /** From outside the board: puts a level on a line that is not an output (a finger, a door). */
  z.strictObject({ type: z.literal("drive"), id, line, level }),
  /** From outside the board: a welded relay. The line keeps this level whatever its owner sets; null mends it. */
  z.strictObject({ type: z.literal("stick"), id, line, level: level.nullable() }),
  /** Every edge of every line from a sequence number on, a page at a time. */
  z.strictObject({ type: z.literal("record"), id, fromSequence: z.int().min(0) }),
  /** From now on this connection is told of every edge of every line (`recorded`). */
  z.strictObject({ type: z.literal("watch"), id }),
]);
export type ChipRequest = z.infer<typeof chipRequest>;

export const recordedEdge = z.object({
  /** Counts from 0 over all lines; a gap means that edges were lost. */
  sequence: z.int().min(0),
  line,
  level,
  /** By the polarity of the last owner. */
  isActive: z.boolean(),
  /** `released`: the chip took the line back because its owner went away or gave it back. */
  cause: z.enum(["requested", "set", "released", "driven", "stuck"]),
  /** Name the owner gave itself; empty where there was none. */
  consumer: z.string(),
  /** Monotonic milliseconds. */
  atMs: z.number(),
});
export type RecordedEdge = z.infer<typeof recordedEdge>;

export const chipErrorReason = z.enum(["busy", "no-such-line", "not-owner", "wrong-direction", "malformed"]);
export type ChipErrorReason = z.infer<typeof chipErrorReason>;

export const chipMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ok"), id }),
  z.object({ type: z.literal("value"), id, isActive: z.boolean() }),
  /** Answer to `record`; `next` is the sequence number to ask from for more, null at the end. */
  z.object({ type: z.literal("edges"), id, edges: z.array(recordedEdge).max(maxRecordPage), next: z.int().nullable() }),
  z.object({ type: z.literal("error"), id, reason: chipErrorReason }),
  /** To the owner of an input. */
  z.object({ type: z.literal("edge"), line, isActive: z.boolean(), atMs: z.number() }),
  /** To a watcher. */
  z.object({ type: z.literal("recorded"), edge: recordedEdge }),
]);
export type ChipMessage = z.infer<typeof chipMessage>;
/** The part of the messages that answers a request. */
export type ChipAnswer = Extract<ChipMessage, { id: number }>;
