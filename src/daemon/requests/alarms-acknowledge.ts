import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { alarmNames } from "../door/machine.ts";
import { defineRequest } from "./handler.ts";

/** Somebody has seen an alarm: its sounder falls silent, its cause stays. */
export const alarmsAcknowledge = defineRequest({
  name: "alarms/acknowledge",
  effect: "changes",
  input: z.strictObject({ alarm: z.enum(alarmNames) }),
  handle: ({ alarm }, context) => {
    if (context.door.acknowledge(alarm, context.origin.name)) return { alarm };
    throw new LintelError("LINTEL_E_NOT_FOUND", `no alarm ${alarm} waits to be acknowledged`);
  },
});
