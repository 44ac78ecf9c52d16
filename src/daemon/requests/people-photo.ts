import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { maxPhotoBytes } from "../../vision/protocol.ts";
import { personId } from "./fields.ts";
import { defineRequest, maxPayloadBytes } from "./handler.ts";

/** The payload is the picture itself, so that any client that can send a file can enrol. Unknown: name = id. */
export const peoplePhoto = defineRequest({
  name: "people/photo/<id>",
  effect: "changes",
  payload: "bytes",
  maxBytes: maxPayloadBytes,
  input: z.strictObject({
    id: personId,
    photo: z
      .instanceof(Uint8Array)
      .refine((bytes) => bytes.length > 0, "must not be empty")
      .refine((bytes) => bytes.length <= maxPhotoBytes, `must be at most ${maxPhotoBytes / 1024 / 1024} MiB`),
  }),
  handle: async ({ id, photo }, { people, origin }) => {
    const fields = people.get(id) === undefined ? { name: id } : {};
    const result = await people.add(id, fields, [{ file: "photo", bytes: photo }], origin.name);
    const refusal = result.refused[0];
    if (refusal) throw new LintelError("LINTEL_E_REQUEST", `${refusal.reason}: ${refusal.detail}`);
    return result;
  },
});
