import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { withoutDuress } from "../people/export-person.ts";
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
  handle: async ({ id, ...options }, context) => {
    const { origin } = context;
    const isLocal = origin.transport === "control-socket";
    if (options.vectors && !isLocal) {
      throw new LintelError("LINTEL_E_REQUEST", "face vectors are not sent over the network", {
        hint: "run lintel people export --vectors on the machine itself",
      });
    }
    const found = await context.people.export(id, options);
    return isLocal || origin.roles?.includes("configure") ? found : withoutDuress(found);
  },
});
