import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { LiveEnrolment, RequestContext } from "../api.ts";
import { personFields, personId, personName } from "./fields.ts";
import { defineRequest } from "./handler.ts";

/**
 * Enrols the person who stands at the door: the display leads them through the views. Answers come as it goes on, each with
 * `progress: true`, and one at the end.
 */
export const peopleEnroll = defineRequest({
  name: "people/enroll",
  effect: "changes",
  // Others must not wait for somebody to walk up; the pictures are kept in one step that nothing can come between.
  takesMinutes: true,
  input: z.strictObject({
    id: personId,
    name: personName,
    consent: personFields.consent.optional(),
    seconds: z.int().min(10).max(600).default(60),
  }),
  handle: ({ id, seconds, ...fields }, context) =>
    enrolmentOf(context).enrol({ id, fields, seconds, by: context.origin.name }, context.progress),
});

export const peopleEnrollCancel = defineRequest({
  name: "people/enroll/cancel",
  effect: "changes",
  takesMinutes: true,
  input: z.strictObject({}),
  handle: (_, context) => ({ cancelled: enrolmentOf(context).cancel() }),
});

// --- internal ---

function enrolmentOf({ enrolment }: RequestContext): LiveEnrolment {
  if (enrolment) return enrolment;
  throw new LintelError("LINTEL_E_UNAVAILABLE", "nobody watches the door: no daemon runs", {
    hint: "start it with lintel run, or enrol from photographs with people/add",
  });
}
