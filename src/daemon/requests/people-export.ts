import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { personId } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const peopleExport = defineRequest({
  name: "people/export",
  effect: "reads",
  input: z.strictObject({
    id: personId,
    vectors: z.boolean().default(false),
    eventsFrom: z.int().min(0).default(0),
  }),
  handle: ({ id, ...options }, context) => {
    if (options.vectors && context.origin.transport !== "control-socket") {
      throw new LintelError("LINTEL_E_REQUEST", "face vectors are not sent over the network", {
        hint: "run lintel people export --vectors on the machine itself",
      });
    }
    return context.people.export(id, options);
  },
});
