import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const restart = defineRequest({
  name: "restart",
  effect: "changes",
  input: z.strictObject({}),
  handle: (_input, context) => {
    // After this turn of the event loop, so that the answer is on its way first.
    setImmediate(() => context.restart());
    return {};
  },
});
