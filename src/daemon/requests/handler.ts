import type { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { RequestContext } from "../api.ts";

/** What a request does to the house: `locks` is safe at any time, `changes` may open the door or alter who may pass. */
export type RequestEffect = "reads" | "locks" | "changes";

/** One request, whatever it arrives by. */
export interface RequestHandler {
  /** As in the topic; a name that ends in `/<id>` takes the last part of the topic as `id`. */
  readonly name: string;
  readonly effect: RequestEffect;
  /** The largest payload in bytes; judged before anything is parsed. */
  readonly maxBytes: number;
  /** `bytes`: the payload is a picture itself, given to the handler as `{id, photo}`. */
  readonly payload: "json" | "bytes";
  /** Served only over the control socket. */
  readonly isLocal: boolean;
  /** Waits for people at the door: changes to people that come meanwhile do not wait behind it. */
  readonly takesMinutes: boolean;
  readonly input: z.ZodType;
  /** Validates and runs. Throws a LintelError for anything the requester can mend. */
  run(data: unknown, context: RequestContext): Promise<unknown>;
}

export const smallPayloadBytes = 16 * 1024;
/** The limit of the contract for any message. */
export const maxPayloadBytes = 12 * 1024 * 1024;

interface Definition<Schema extends z.ZodType> {
  readonly name: string;
  readonly effect: RequestEffect;
  readonly input: Schema;
  readonly maxBytes?: number;
  readonly payload?: "json" | "bytes";
  readonly isLocal?: boolean;
  readonly takesMinutes?: boolean;
  handle(input: z.output<Schema>, context: RequestContext): unknown;
}

export function defineRequest<Schema extends z.ZodType>(definition: Definition<Schema>): RequestHandler {
  return {
    name: definition.name,
    effect: definition.effect,
    maxBytes: definition.maxBytes ?? smallPayloadBytes,
    payload: definition.payload ?? "json",
    isLocal: definition.isLocal ?? false,
    takesMinutes: definition.takesMinutes ?? false,
    input: definition.input,
    run: async (data, context) => {
      const parsed = definition.input.safeParse(data);
      if (!parsed.success) throw new LintelError("LINTEL_E_REQUEST", issuesText(parsed.error));
      return definition.handle(parsed.data, context);
    },
  };
}

/** What is served to anybody at the broker; every other request only where the requester can be trusted. */
const servedToAnybody: readonly string[] = [
  "health",
  "config/show",
  "events/replay",
  "art/list",
  "art/show",
  "art/render",
];

/** Whether a request opens the door, touches people or rules, or stops us: served only where the requester can be trusted. */
export function isRestricted(name: string): boolean {
  return !servedToAnybody.includes(name);
}

/** Whether a refusal of this request belongs in the event log. */
export function isAudited(name: string): boolean {
  return /^(door|alarms|people|access|gallery|keys)\//.test(name) || name === "restart";
}

/** One line out of anything: control characters and line ends become spaces, the rest is cut. */
export function oneLine(text: string, maxLength = 300): string {
  const clean = text.slice(0, maxLength + 1).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean;
}

// --- internal ---

/** The first problems of a request in one line; values are never repeated, a payload may be a photograph. */
function issuesText(error: z.ZodError): string {
  const texts = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  const more = error.issues.length - texts.length;
  return oneLine(texts.join("; ") + (more > 0 ? `; and ${more} more` : ""));
}
