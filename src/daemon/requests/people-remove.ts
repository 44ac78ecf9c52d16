import { z } from "zod";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/** Answers with the proof of the removal; docs/privacy.md says what it contains and why. */
export const peopleRemove = defineRequest({
  name: "people/remove",
  effect: "changes",
  input: z.strictObject({ id: personId }),
  handle: async ({ id }, context) => ({ id, ...(await context.people.remove(id, context.origin.name)) }),
});
