import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { defineRequest } from "./handler.ts";

export const doorMode = defineRequest({
  name: "door/mode",
  effect: "changes",
  input: z.strictObject({ mode: z.enum(["normal", "passage", "lockdown"]) }),
  handle: ({ mode }, context) => {
    context.door.setMode(mode, context.origin.name);
    // Only passage can be refused: by a guard that does not answer, a relay that does not obey, or an interlock.
    if (context.door.state.mode === mode) return { mode };
    throw new LintelError("LINTEL_E_CONFLICT", `the door refuses the mode ${mode}`, {
      hint:
        context.otherDoors === undefined
          ? "the lock is not known or faulty: see health and the alarms"
          : "an interlocked door never stands unlocked",
    });
  },
});
