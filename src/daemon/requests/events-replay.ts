import { z } from "zod";
import { defineRequest } from "./handler.ts";

/** Enough for a morning, small enough for any broker. */
const maxEvents = 500;

/** The events from `from` on, oldest first; `next` is where to go on, null at the end of the log. */
export const eventsReplay = defineRequest({
  name: "events/replay",
  effect: "reads",
  input: z.strictObject({ from: z.int().min(0) }),
  handle: ({ from }, context) => {
    const events = context.events.read(from, maxEvents + 1);
    return { events: events.slice(0, maxEvents), next: events[maxEvents]?.seq ?? null };
  },
});
