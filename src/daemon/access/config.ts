import { z } from "zod";
import { isTimeZone } from "./local-time.ts";

const topic = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(?!\$)(?!lintel\/)[^+#\p{Cc}]*$/u, "a topic of your own, without + and #");

/** The section `access` of the configuration. The rules themselves are in the database. */
export const accessConfig = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin")
    .optional()
    .describe("Zone of schedules that name none when they are made; default: the machine's."),
  badgeBeforeSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(30)
    .describe("A badge or presence message counts for a face that comes up to this long after it, in seconds."),
  badgeAfterSeconds: z
    .int()
    .min(0)
    .max(120)
    .default(10)
    .describe("How long a recognised face may wait for its badge or presence message, in seconds."),
  presenceTopic: topic
    .optional()
    .describe('MQTT topic that names who is present: {"person": "dana"}, or the id alone.'),
  badgeTopic: topic
    .optional()
    .describe('MQTT topic of a badge reader: {"badge": "04A2…"} or {"person": "dana"}, or the number alone.'),
});
export type AccessConfig = z.infer<typeof accessConfig>;
