import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const peopleList = defineRequest({
  name: "people/list",
  effect: "reads",
  input: z.strictObject({}),
  handle: (_input, context) => ({ people: context.people.list() }),
});
