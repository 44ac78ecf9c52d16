import { z } from "zod";
import { interlockRules } from "./machine.ts";
import type { InterlockRules } from "./types.ts";

/** The section `interlock` of the configuration: off until doors are named. */
export const interlockConfig = z.strictObject({
  doors: z
    .array(z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "letters, digits, _ and - only, at most 64"))
    .max(8)
    .default([])
    .describe(
      "Ids of the doors that must be shut while this one opens; each of them names this one in turn. Empty: off.",
    ),
  timeoutMs: z
    .int()
    .min(100)
    .max(5000)
    .default(800)
    .describe("Every one of these doors must have agreed within this time, in ms; otherwise this one stays shut."),
  requestToExit: z
    .enum(["free", "obeys"])
    .default("free")
    .describe(
      "Whether the request-to-exit button waits for the other doors; free: it opens at once, whatever is open.",
    ),
});
export type InterlockConfig = z.infer<typeof interlockConfig>;

/** The rules for the machine; null while the interlock is off. */
export function configuredInterlock(doorId: string, { doors, timeoutMs }: InterlockConfig): InterlockRules | null {
  return doors.length === 0 ? null : interlockRules({ self: doorId, partners: doors, timeoutMs });
}
