import { z } from "zod";
import { refuseWiderAccess } from "./access-of-people.ts";
import { greetingStyle, isOrdered, openSeconds, personFields, personId, personName, unorderedText } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/** Changes what is named and keeps the rest; null clears. */
export const peopleUpdate = defineRequest({
  name: "people/update",
  effect: "changes",
  input: z
    .strictObject({
      id: personId,
      name: personName.optional(),
      enabled: z.boolean().optional(),
      groups: personFields.groups.optional(),
      consent: personFields.consent.nullable().optional(),
      validFrom: personFields.validFrom.nullable().optional(),
      validUntil: personFields.validUntil.nullable().optional(),
      openSeconds: openSeconds.nullable().optional(),
      greet: greetingStyle.nullable().optional(),
    })
    .refine((input) => Object.keys(input).length > 1, "names nothing to change")
    .refine(isOrdered, unorderedText),
  handle: ({ id, ...fields }, context) => {
    refuseWiderAccess(id, fields, context);
    return context.people.update(id, fields, context.origin.name);
  },
});
