import { z } from "zod";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const peopleCheck = defineRequest({
  name: "people/check",
  effect: "reads",
  input: z.strictObject({ id: personId.optional() }),
  handle: async ({ id }, { calibration }) => ({ people: await calibration.check(id) }),
});
