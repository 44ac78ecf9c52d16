import { z } from "zod";
import type { DoorRules } from "./types.ts";

/** The keys of the section `door` that belong to supervision. */
export const doorSupervisionKeys = {
  heldSeconds: z
    .int()
    .min(5)
    .max(3600)
    .default(30)
    .describe("A door that stands open this long raises the alarm `held`, in seconds; longer for who may take longer."),
  heldWarningSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(10)
    .describe("The buzzer warns this long before `held`, in seconds; 0: no warning."),
  relockOnOpen: z
    .boolean()
    .default(true)
    .describe("Lock as soon as the door opens, so that nobody follows on the same grant. Needs the door contact."),
  requestToExitOpens: z
    .boolean()
    .default(true)
    .describe(
      "The request-to-exit button opens the strike; false where the way out is mechanical and it only excuses.",
    ),
  passageSchedule: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("Schedule of the access rules during which the door stands unlocked; absent: never by itself."),
  firstInUnlock: z
    .boolean()
    .default(false)
    .describe("A scheduled passage waits for the first person who is recognised: snow days keep the door locked."),
};

interface DoorKeys {
  readonly openSeconds: number;
  readonly heldSeconds: number;
  readonly heldWarningSeconds: number;
  readonly relockOnOpen: boolean;
  readonly requestToExitOpens: boolean;
  readonly firstInUnlock: boolean;
}

/** The rules of the door machine, as configured. */
export function configuredRules(door: DoorKeys): Partial<DoorRules> {
  return {
    openMs: door.openSeconds * 1000,
    heldMs: door.heldSeconds * 1000,
    heldWarningMs: door.heldWarningSeconds * 1000,
    relockOnOpen: door.relockOnOpen,
    rexOpens: door.requestToExitOpens,
    firstInUnlock: door.firstInUnlock,
  };
}
