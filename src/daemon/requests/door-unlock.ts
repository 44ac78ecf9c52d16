import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { RequestContext } from "../api.ts";
import { openSeconds } from "./fields.ts";
import { defineRequest } from "./handler.ts";

export const doorUnlock = defineRequest({
  name: "door/unlock",
  effect: "changes",
  input: z.strictObject({ seconds: openSeconds.optional() }),
  handle: ({ seconds }, context) => unlock(seconds, context),
});

/** Opens, or says in one line why the door refuses. */
export function unlock(seconds: number | undefined, context: RequestContext): { openSeconds: number } {
  const answer = context.door.unlock(seconds, { source: "request", requester: context.origin.name });
  if (!answer.ok) throw new LintelError("LINTEL_E_CONFLICT", `the door refuses: ${answer.reason}`);
  return { openSeconds: answer.openMs / 1000 };
}
