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

/** Opens, once the other doors have agreed where there are any; or says in one line why the door refuses. */
export async function unlock(seconds: number | undefined, context: RequestContext): Promise<{ openSeconds: number }> {
  const refusal = (await context.otherDoors?.claim()) ?? null;
  if (refusal) {
    const { partner, why } = refusal;
    throw new LintelError("LINTEL_E_CONFLICT", `the door refuses: interlock (${partner ? `${partner}: ` : ""}${why})`);
  }
  const answer = context.door.unlock(seconds, { source: "request", requester: context.origin.name });
  if (!answer.ok) throw new LintelError("LINTEL_E_CONFLICT", `the door refuses: ${answer.reason}`);
  return { openSeconds: answer.openMs / 1000 };
}
