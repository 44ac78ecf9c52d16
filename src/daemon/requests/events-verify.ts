import { z } from "zod";
import { defineRequest } from "./handler.ts";

/** Walks along the hash chain of the event log: `{events, ok, brokenAt, reason, head, removedThrough}`. */
export const eventsVerify = defineRequest({
  name: "events/verify",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, context) => context.audit.verify(),
});
