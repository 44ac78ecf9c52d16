import { z } from "zod";
import type { Photo } from "../api.ts";
import { refuseWiderAccess } from "./access-of-people.ts";
import { decodePhoto, isOrdered, personFields, personId, personName, unorderedText } from "./fields.ts";
import { defineRequest, maxPayloadBytes } from "./handler.ts";

/** A picture in base64, or with the name by which a refusal reports it. */
const photo = z
  .union([z.string(), z.strictObject({ file: z.string().min(1).max(200), data: z.string() })], {
    error: "must be a picture in base64, or {file, data}",
  })
  .transform((value, context) =>
    typeof value === "string"
      ? { file: undefined, bytes: decodePhoto(value, context) }
      : { file: value.file, bytes: decodePhoto(value.data, context) },
  );

/** Adds templates; creates the person if unknown. A refused picture is part of the answer, not an error. */
export const peopleAdd = defineRequest({
  name: "people/add",
  effect: "changes",
  maxBytes: maxPayloadBytes,
  input: z
    .strictObject({
      id: personId,
      name: personName,
      consent: personFields.consent.optional(),
      groups: personFields.groups.optional(),
      validFrom: personFields.validFrom.optional(),
      validUntil: personFields.validUntil.optional(),
      photos: z.array(photo).min(1).max(32),
    })
    .refine(isOrdered, unorderedText),
  handle: ({ id, photos, ...fields }, context) => {
    refuseWiderAccess(id, fields, context);
    const pictures = photos.map(({ file, bytes }, index): Photo => ({ file: file ?? `photo-${index + 1}`, bytes }));
    return context.people.add(id, fields, pictures, context.origin.name);
  },
});
