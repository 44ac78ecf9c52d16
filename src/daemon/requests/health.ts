import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const health = defineRequest({
  name: "health",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, context) => context.health(),
});
