import { z } from "zod";

/**
 * What interlocked doors say to each other. A door writes to the inbox of the other under its own name, so that a
 * broker's rights can hold it to that name: `lintel/<to>/interlock/<from>`. Messages carry no time: each is judged when
 * it arrives, by the clock of whoever got it.
 */

const nonce = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

/** Why a door does not agree: it is open or was a moment ago, or it wants to open itself. */
const objection = z.enum(["open", "claims"]);
export type Objection = z.infer<typeof objection>;

export const interlockMessage = z.discriminatedUnion("type", [
  /** I want to open: hold still. The nonce is new with each claim. */
  z.strictObject({ type: z.literal("claim"), nonce }),
  /** I hold still for that claim until it is released, or until its lease ends. */
  z.strictObject({ type: z.literal("grant"), nonce }),
  /** I do not, or no longer. */
  z.strictObject({ type: z.literal("refuse"), nonce, why: objection }),
  /** I am still open. `n` counts up from 1. */
  z.strictObject({ type: z.literal("renew"), nonce, n: z.int().min(1) }),
  /** I am shut again, or have given up. */
  z.strictObject({ type: z.literal("release"), nonce }),
]);
export type InterlockMessage = z.infer<typeof interlockMessage>;

const maxBytes = 256;

/** Null for anything that is no message of an interlock. */
export function readInterlockMessage(payload: Uint8Array): InterlockMessage | null {
  if (payload.length > maxBytes) return null;
  try {
    return interlockMessage.safeParse(JSON.parse(Buffer.from(payload).toString("utf8"))).data ?? null;
  } catch {
    return null;
  }
}

export function interlockTopic(to: string, from: string): string {
  return `lintel/${to}/interlock/${from}`;
}
