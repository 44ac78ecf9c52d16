import { z } from "zod";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const peopleRemove = defineRequest({
  name: "people/remove",
  effect: "changes",
  input: z.strictObject({ id: personId }),
  handle: ({ id }, context) => {
    context.people.remove(id, context.origin.name);
    return { id };
  },
});
