import { z } from "zod";
import { artOf } from "./art-render.ts";
import { defineRequest } from "./handler.ts";

/** Shows the picture of this id until told otherwise; without an id pictures change by themselves again. */
export const artShow = defineRequest({
  name: "art/show",
  effect: "changes",
  input: z.strictObject({ id: z.int().min(1).nullable().default(null) }),
  handle: ({ id }, context) => ({ shown: artOf(context).show(id) }),
});
