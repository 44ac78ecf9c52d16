import type { InterlockRefusal } from "../api.ts";
import type { RefusalReason } from "./types.ts";

/** What a face that may pass is told of the other doors; it asks again with each fresh sighting. */
export type Clearance =
  | { readonly kind: "clear" }
  /** `isBusy`: one of them is open or goes first; else the answers are on their way. */
  | { readonly kind: "waiting"; readonly isBusy: boolean }
  /** One did not answer, or nobody can be asked. */
  | { readonly kind: "refused" };

/** The doors that must be shut while this one opens. */
export interface OtherDoors {
  /** Whether they have agreed; asks them where that has not been done. */
  ask(): Clearance;
  /** Why the door was last kept shut, for the record. */
  readonly last: InterlockRefusal | null;
}

/** The fields of a `denied` event that say which door it was, and why. */
export function blockedBy(reason: RefusalReason, otherDoors: OtherDoors | undefined): Partial<InterlockRefusal> {
  const last = reason === "interlock" ? otherDoors?.last : null;
  if (!last) return {};
  return { why: last.why, ...(last.partner === null ? {} : { partner: last.partner }) };
}
