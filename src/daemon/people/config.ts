import { z } from "zod";

/** The section `privacy` of the configuration. */
export const privacyConfig = z
  .strictObject({
    requireConsent: z.boolean().default(false).describe("Refuse to enrol a person without a consent reference."),
    eventRetentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe("Events older than this are removed, in days; a signed checkpoint stays, so that the rest verifies."),
    visitMonths: z
      .int()
      .min(0)
      .max(120)
      .default(24)
      .describe("For so many months counts are kept of how near a person's entries were to their pictures; 0: none."),
    removeExpiredAfterDays: z
      .int()
      .min(0)
      .max(3650)
      .optional()
      .describe("Remove people this many days after their validUntil; absent: never by itself."),
  })
  .prefault({})
  .describe("Data protection.");
