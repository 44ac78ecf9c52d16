import { z } from "zod";
import { photoBytes } from "./fields.ts";
import { defineRequest, maxPayloadBytes } from "./handler.ts";

/** One to K: who is on this picture. It opens nothing. */
export const peopleIdentify = defineRequest({
  name: "people/identify",
  effect: "reads",
  maxBytes: maxPayloadBytes,
  input: z.strictObject({ photo: photoBytes }),
  handle: async ({ photo }, context) => ({
    faces: await context.people.identifyPhoto({ file: "photo", bytes: photo }),
  }),
});
