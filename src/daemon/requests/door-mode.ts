import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const doorMode = defineRequest({
  name: "door/mode",
  effect: "changes",
  input: z.strictObject({ mode: z.enum(["normal", "passage", "lockdown"]) }),
  handle: ({ mode }, context) => {
    context.door.setMode(mode, context.origin.name);
    return { mode };
  },
});
