import type { RequestOrigin } from "../api.ts";
import { RateLimit } from "../rate-limit.ts";

/** Requests of one origin (the broker's clients together, or one key): `burst` at once, `perSecond` in the long run. */
export const requestRates = {
  door: { burst: 30, perSecond: 1 },
  people: { burst: 600, perSecond: 10 },
  other: { burst: 120, perSecond: 10 },
} as const;

type Group = keyof typeof requestRates;

const maxOrigins = 1024;

/** How often an origin may ask. This machine's own socket is not limited, and locking never is. */
export class RequestRates {
  readonly #limits = new Map<string, RateLimit>();

  passes(origin: RequestOrigin, { name, data }: { name: string; data: unknown }, nowMs: number): boolean {
    if (origin.transport === "control-socket" || isLocking(name, data)) return true;
    const group = groupOf(name);
    const key = `${group} ${origin.name}`;
    const limit = this.#limits.get(key) ?? new RateLimit(requestRates[group]);
    this.#limits.delete(key);
    this.#limits.set(key, limit);
    for (const oldest of this.#limits.keys()) {
      if (this.#limits.size <= maxOrigins) break;
      this.#limits.delete(oldest);
    }
    return limit.take(nowMs).pass;
  }
}

// --- internal ---

function groupOf(name: string): Group {
  if (name.startsWith("door/")) return "door";
  return name.startsWith("people/") ? "people" : "other";
}

/** What makes the door safer goes through at any rate. */
function isLocking(name: string, data: unknown): boolean {
  if (name === "door/lock") return true;
  if (typeof data !== "object" || data === null) return false;
  if (name === "door/command") return "action" in data && data.action === "lock";
  return name === "door/mode" && "mode" in data && data.mode === "lockdown";
}
