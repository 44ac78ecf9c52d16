import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { OperationsToken } from "./token.ts";

const sessionMs = 12 * 3600 * 1000;
const maxSessions = 32;
/** Wrong tokens in a row within the window; then nobody may try, which harms nobody who is logged in. */
const maxFailures = 10;
const failureWindowMs = 60_000;

export type Login =
  | { readonly ok: true; readonly session: string }
  | { readonly ok: false; readonly reason: "wrong-token" | "too-many-tries" };

/** Who has shown the token. In memory only: a restart ends every session. */
export class Sessions {
  readonly #token: Pick<OperationsToken, "matches">;
  readonly #clock: Pick<Clock, "nowMs">;
  /** By the digest of the session's secret: the secret itself is only in the browser. */
  readonly #untilMs = new Map<string, number>();
  #failedAtMs: number[] = [];

  constructor(token: Pick<OperationsToken, "matches">, clock: Pick<Clock, "nowMs">) {
    this.#token = token;
    this.#clock = clock;
  }

  login(token: string): Login {
    const nowMs = this.#clock.nowMs();
    this.#failedAtMs = this.#failedAtMs.filter((atMs) => nowMs - atMs < failureWindowMs);
    if (this.#failedAtMs.length >= maxFailures) return { ok: false, reason: "too-many-tries" };
    if (!this.#token.matches(token)) {
      this.#failedAtMs.push(nowMs);
      return { ok: false, reason: "wrong-token" };
    }
    this.#forgetOld(nowMs);
    const session = randomBytes(24).toString("base64url");
    this.#untilMs.set(keyOf(session), nowMs + sessionMs);
    return { ok: true, session };
  }

  isOpen(session: string | undefined): boolean {
    if (session === undefined) return false;
    const untilMs = this.#untilMs.get(keyOf(session));
    return untilMs !== undefined && this.#clock.nowMs() < untilMs;
  }

  logout(session: string): void {
    this.#untilMs.delete(keyOf(session));
  }

  // --- internal ---

  /** The oldest make room: a browser that was closed never logs out. */
  #forgetOld(nowMs: number): void {
    for (const [key, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(key);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size >= maxSessions && oldest !== undefined) this.#untilMs.delete(oldest);
  }
}

function keyOf(session: string): string {
  return createHash("sha256").update(session).digest("base64url");
}
