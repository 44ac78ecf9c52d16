import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { personId, photoBytes } from "./fields.ts";
import { defineRequest, maxPayloadBytes } from "./handler.ts";

/** One to one: is this a picture of that person. It opens nothing. */
export const peopleVerify = defineRequest({
  name: "people/verify",
  effect: "reads",
  maxBytes: maxPayloadBytes,
  input: z.strictObject({ id: personId, photo: photoBytes.optional() }),
  handle: ({ id, photo }, context) => {
    if (!photo) {
      throw new LintelError(
        "LINTEL_E_REQUEST",
        "photo: is needed, in base64; somebody at the door cannot be verified yet",
      );
    }
    return context.people.verify(id, { file: "photo", bytes: photo });
  },
});
