import { z } from "zod";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { badgeNumber } from "../access/definitions.ts";
import type { FactorEvent } from "../access/second-factor.ts";
import { personId } from "../requests/fields.ts";
import type { MqttListener } from "./client.ts";
import type { MqttMessage, MqttSession } from "./session.ts";

/** Takes what badge readers and presence services say. */
export interface FactorListener {
  shown(event: FactorEvent): void;
  /** Throws for a badge that nobody has. */
  badgeShown(badge: string): void;
}

/** What a message names: a person, or a badge by its number. */
export type NamedFactor = { readonly person: string } | { readonly badge: string };

const maxBytes = 1024;
export const factorMessage = z.union([z.strictObject({ person: personId }), z.strictObject({ badge: badgeNumber })]);

/**
 * Reads a message of a presence service (`{"person": "dana"}`, or the id alone) or a badge reader (that, `{"badge": "04A2"}`,
 * or the number alone). Null for anything else.
 */
export function readFactor(payload: Uint8Array, kind: FactorEvent["kind"]): NamedFactor | null {
  if (payload.length > maxBytes) return null;
  const text = Buffer.from(payload).toString("utf8").trim();
  const alone = kind === "badge" ? { badge: text } : { person: text };
  const { data } = factorMessage.safeParse(text.startsWith("{") ? parseJson(text) : alone);
  return data === undefined || (kind === "presence" && "badge" in data) ? null : data;
}

/**
 * Second factors from topics of the building's own systems. A retained message says how things were, not that somebody is
 * there now: it never counts. Nor does a repeated delivery, which may be late.
 */
export class FactorTopics implements MqttListener {
  readonly #topics: ReadonlyMap<string, FactorEvent["kind"]>;
  readonly #factors: FactorListener;
  readonly #logger: Logger;

  constructor(options: {
    readonly topics: { readonly presence?: string | undefined; readonly badge?: string | undefined };
    readonly factors: FactorListener;
    readonly logger: Logger;
  }) {
    const { presence, badge } = options.topics;
    this.#topics = new Map([
      ...(presence === undefined ? [] : [[presence, "presence"] as const]),
      ...(badge === undefined ? [] : [[badge, "badge"] as const]),
    ]);
    this.#factors = options.factors;
    this.#logger = options.logger;
  }

  async connected(session: MqttSession): Promise<void> {
    for (const topic of this.#topics.keys()) {
      try {
        await session.subscribe(topic);
      } catch (error) {
        this.#logger.error({ topic, error: errorText(error) }, "second factors not subscribed");
      }
    }
  }

  message({ topic, payload, isRetained, isDuplicate }: MqttMessage): void {
    const kind = this.#topics.get(topic);
    if (kind === undefined || isRetained || isDuplicate) return;
    const named = readFactor(payload, kind);
    if (named === null) {
      this.#logger.warn({ topic }, "message names neither a person nor a badge");
      return;
    }
    try {
      if ("person" in named) this.#factors.shown({ kind, person: named.person });
      else this.#factors.badgeShown(named.badge);
    } catch (error) {
      this.#logger.warn({ topic, error: errorText(error) }, "second factor not taken");
    }
  }
}

// --- internal ---

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
