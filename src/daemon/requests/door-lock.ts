import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const doorLock = defineRequest({
  name: "door/lock",
  effect: "locks",
  input: z.strictObject({}),
  handle: (_input, context) => {
    context.door.lock(context.origin.name);
    return {};
  },
});
