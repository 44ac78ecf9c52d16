import type { EnvelopeRefusal } from "./envelope.ts";

/** Why a message of the site was not taken. */
export type FleetRefusal =
  | EnvelopeRefusal
  | "too-large"
  | "busy"
  | "wrong-site"
  | "wrong-topic"
  | "wrong-door"
  | "not-a-writer"
  | "older"
  | "future"
  | "too-many"
  | "secrets-unreadable";

/** What writes refusals down, bounded. */
export interface RefusalSink {
  add(refusal: { request: string; reason: string; kind: string; origin: { transport: "mqtt"; name: string } }): void;
}

/** Counts refusals by reason and hands them on to the log, which keeps to its own bounds. */
export class FleetRefusals {
  readonly #counts = new Map<FleetRefusal, number>();
  readonly #sink: RefusalSink;

  constructor(sink: RefusalSink) {
    this.#sink = sink;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  add(kind: "roster" | "person" | "door", reason: FleetRefusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    // Whose message it was is not known before its signature fits, and afterwards it is in the counts of that door.
    const origin = { transport: "mqtt", name: "fleet" } as const;
    this.#sink.add({ request: `fleet/${kind}`, reason, kind: `fleet-${reason}`, origin });
  }
}
