import { z } from "zod";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/** Why this person may pass or not: now as the door would judge, or at a time by the rules and the dates alone. */
export const accessExplain = defineRequest({
  name: "access/explain",
  effect: "reads",
  input: z.strictObject({
    person: personId,
    time: z.iso
      .datetime({ offset: true, error: "must be a time such as 2027-01-31T18:00:00Z" })
      .transform((text) => new Date(text))
      .optional(),
  }),
  handle: ({ person, time }, { access, door }) => access.explain(person, time ?? null, door.state.mode),
});
