import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { RequestAnswer } from "../requests/dispatch.ts";
import type { MqttMessage } from "./session.ts";

const keptMs = 120_000;
const maxKept = 256;

/**
 * The answers to recent changes, so that the same message delivered twice is carried out once: QoS 1 is "at least
 * once", and a second delivery of `door/unlock` must not hold the door open for longer.
 */
export class RecentRequests {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly atMs: number; readonly answer: Promise<RequestAnswer> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(message: MqttMessage): Promise<RequestAnswer> | undefined {
    const known = this.#answers.get(keyOf(message));
    return known && this.#clock.nowMs() - known.atMs < keptMs ? known.answer : undefined;
  }

  add(message: MqttMessage, answer: Promise<RequestAnswer>): void {
    const key = keyOf(message);
    this.#answers.delete(key);
    this.#answers.set(key, { atMs: this.#clock.nowMs(), answer });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= maxKept) break;
      this.#answers.delete(oldest);
    }
  }
}

function keyOf(message: MqttMessage): string {
  const hash = createHash("sha256").update(message.topic).update("\0").update(message.payload).update("\0");
  return hash.update(message.correlationData ?? "").digest("base64");
}
