import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const peopleShow = defineRequest({
  name: "people/show",
  effect: "reads",
  input: z.strictObject({ id: personId }),
  handle: ({ id }, context) => {
    const person = context.people.get(id);
    if (!person) throw new LintelError("LINTEL_E_NOT_FOUND", `nobody has the id ${id}`);
    return person;
  },
});
