import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const galleryRotateKey = defineRequest({
  name: "gallery/rotate-key",
  effect: "changes",
  isLocal: true,
  input: z.strictObject({}),
  handle: (_input, { people, origin }) => people.rotateKey(origin.name),
});
