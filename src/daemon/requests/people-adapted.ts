import { z } from "zod";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const peopleAdapted = defineRequest({
  name: "people/adapted",
  effect: "reads",
  input: z.strictObject({ id: personId.optional() }),
  handle: ({ id }, { adaptation }) => ({ people: adaptation.list(id) }),
});

export const peopleAdaptedDrop = defineRequest({
  name: "people/adapted/drop",
  effect: "changes",
  input: z.strictObject({ id: personId }),
  handle: ({ id }, { adaptation, origin }) => ({ id, dropped: adaptation.drop(id, origin.name) }),
});
