import { z } from "zod";
import { badgeNumber } from "../access/definitions.ts";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/** A badge was held to a reader, or a reader that knows its people says who it was: a second factor for the face. */
export const accessBadge = defineRequest({
  name: "access/badge",
  effect: "changes",
  input: z
    .strictObject({ badge: badgeNumber.optional(), person: personId.optional() })
    .refine(({ badge, person }) => (badge === undefined) !== (person === undefined), "give either badge or person"),
  handle: ({ badge, person }, { access }) => {
    if (badge !== undefined) access.badgeShown(badge);
    if (person !== undefined) access.shown({ kind: "badge", person });
    return {};
  },
});

/** An exit reader saw the person go out, or the operator pardons them: no rule against passing back holds any more. */
export const accessLeft = defineRequest({
  name: "access/left",
  effect: "changes",
  input: z.strictObject({ person: personId }),
  handle: ({ person }, { access }) => {
    access.left(person);
    return { person };
  },
});

/** Gives a badge to a person, taking it from whoever had it. A duress badge opens as any other and raises a silent alarm. */
export const accessBadgePut = defineRequest({
  name: "access/badge/put",
  effect: "changes",
  input: z.strictObject({ badge: badgeNumber, person: personId, duress: z.boolean().default(false) }),
  handle: ({ badge, person, duress }, { access, origin }) => {
    access.putBadge(badge, { person, isDuress: duress }, origin.name);
    return { person };
  },
});

export const accessBadgeRemove = defineRequest({
  name: "access/badge/remove",
  effect: "changes",
  input: z.strictObject({ badge: badgeNumber }),
  handle: ({ badge }, { access, origin }) => {
    access.removeBadge(badge, origin.name);
    return {};
  },
});
