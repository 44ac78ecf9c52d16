import { z } from "zod";
import { unlock } from "./door-unlock.ts";
import { openSeconds } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/** Lock and unlock on one topic, as home automation wants it. */
export const doorCommand = defineRequest({
  name: "door/command",
  effect: "changes",
  input: z.discriminatedUnion("action", [
    z.strictObject({ action: z.literal("lock") }),
    z.strictObject({ action: z.literal("unlock"), seconds: openSeconds.optional() }),
  ]),
  handle: async (input, context) => {
    if (input.action === "unlock") return unlock(input.seconds, context);
    context.door.lock(context.origin.name);
    return {};
  },
});
