import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const configShow = defineRequest({
  name: "config/show",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, context) => context.publicConfig(),
});
