import { z } from "zod";
import { artOf } from "./art-render.ts";
import { defineRequest } from "./handler.ts";

/** The queue, what failed lately and why, and the finished pictures, newest first. */
export const artList = defineRequest({
  name: "art/list",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, context) => artOf(context).list(),
});
