import type { Logger } from "../../core/logger.ts";
import { maxBytes } from "./documents.ts";
import type { DoorKeys } from "./door-keys.ts";
import type { FleetRefusal } from "./refusals.ts";
import { openRoster, type Roster } from "./roster.ts";
import type { FleetStore } from "./store.ts";

export interface MembershipParts {
  readonly site: string;
  /** The owner's public key, from the configuration. */
  readonly owner: string;
  readonly door: string;
  readonly keys: DoorKeys;
  readonly store: Pick<FleetStore, "state" | "setState">;
  readonly logger: Logger;
}

export type RosterOutcome =
  | { readonly is: "newer" | "same" }
  | { readonly is: "refused"; readonly reason: FleetRefusal };

const stateName = "roster";

/** The newest roster this door has seen, over restarts: an older one never counts again, whoever brings it. */
export class Membership {
  readonly #parts: MembershipParts;
  #jws: string | null = null;
  #version = 0;
  #roster: Roster | null = null;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /** As the owner signed it; null before the first. */
  get jws(): string | null {
    return this.#jws;
  }

  /** 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** Null before the first, and when this door is none of the site's. */
  get roster(): Roster | null {
    return this.#roster;
  }

  async start(): Promise<void> {
    const kept = this.#parts.store.state(stateName);
    if (kept === undefined) return;
    const outcome = await this.offer(kept);
    if (outcome.is === "refused") {
      this.#parts.logger.error({ reason: outcome.reason }, "the roster that was kept does not count any more");
    }
  }

  /** Takes a roster up if it is newer than ours and the owner's. */
  async offer(jws: string): Promise<RosterOutcome> {
    if (jws === this.#jws) return { is: "same" };
    if (jws.length > maxBytes.roster) return { is: "refused", reason: "too-large" };
    const verdict = await openRoster(jws, this.#parts);
    if (!verdict.ok) return { is: "refused", reason: verdict.reason };
    if (verdict.version <= this.#version) return { is: "refused", reason: "older" };
    this.#parts.store.setState(stateName, jws);
    this.#jws = jws;
    this.#version = verdict.version;
    this.#roster = verdict.member;
    return { is: "newer" };
  }
}
