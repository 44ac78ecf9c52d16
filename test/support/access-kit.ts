import { silentLogger } from "../../src/core/logger.ts";
import { type AccessParts, AccessService } from "../../src/daemon/access/service.ts";
import type { BadgeHolder, Definition, DefinitionKind, LoadedDefinitions } from "../../src/daemon/access/store.ts";
import type { EventLog, Person } from "../../src/daemon/api.ts";
import { ManualClock } from "./manual-clock.ts";

/** Definitions and badges in memory, with the behaviour of the tables. */
export class MemoryAccessStore {
  readonly #definitions = { rule: new Map(), schedule: new Map(), holidays: new Map() } as const satisfies Record<
    DefinitionKind,
    Map<string, Definition>
  >;
  readonly #badges = new Map<string, BadgeHolder>();
  damaged: LoadedDefinitions["damaged"] = [];

  load(): LoadedDefinitions {
    const { rule, schedule, holidays } = this.#definitions;
    const byId = (a: Definition, b: Definition) => (a.id < b.id ? -1 : 1);
    return {
      rules: [...rule.values()].sort(byId),
      schedules: [...schedule.values()].sort(byId),
      holidays: [...holidays.values()].sort(byId),
      damaged: this.damaged,
    };
  }

  put(kind: DefinitionKind, definition: Definition): void {
    this.#definitions[kind].set(definition.id, definition);
  }

  remove(kind: DefinitionKind, id: string): boolean {
    this.damaged = this.damaged.filter((one) => one.id !== id || one.kind !== kind);
    return this.#definitions[kind].delete(id);
  }

  putBadge(badge: string, holder: BadgeHolder): void {
    this.#badges.set(badge, holder);
  }

  removeBadge(badge: string): boolean {
    return this.#badges.delete(badge);
  }

  holderOf(badge: string): BadgeHolder | undefined {
    return this.#badges.get(badge);
  }

  readonly #entries = new Map<string, string>();

  entries(): readonly { person: string; at: string }[] {
    return [...this.#entries].map(([person, at]) => ({ person, at }));
  }

  putEntry(person: string, at: string): void {
    this.#entries.set(person, at);
  }

  removeEntry(person: string): void {
    this.#entries.delete(person);
  }

  badgesOf(person: string): readonly string[] {
    return [...this.#badges].filter(([, holder]) => holder.person === person).map(([badge]) => badge);
  }
}

/** Work is done at once, and what waits for the commit after it. */
export function memoryTransactions(): AccessParts["db"] {
  let waiting: (() => void)[] | undefined;
  return {
    transaction: (work) => {
      const outer = waiting;
      waiting = outer ?? [];
      const result = work();
      if (outer) return result;
      const calls = waiting;
      waiting = undefined;
      for (const call of calls) call();
      return result;
    },
    afterCommit: (call) => {
      if (waiting) waiting.push(call);
      else call();
    },
  };
}

export interface MemoryAccessOptions {
  readonly people: { get(id: string): Person | undefined };
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly clock?: ManualClock;
  readonly store?: MemoryAccessStore;
  readonly isClockTrusted?: () => boolean;
  readonly timeZone?: string;
}

/** The access rules of a door called `demo`, kept in memory. */
export function memoryAccess(options: MemoryAccessOptions): AccessService {
  const access = new AccessService({
    store: options.store ?? new MemoryAccessStore(),
    db: memoryTransactions(),
    events: options.events,
    people: options.people,
    clock: options.clock ?? new ManualClock(),
    clockTrust: { isClockTrusted: options.isClockTrusted ?? (() => true) },
    logger: silentLogger,
    doorId: "demo",
    window: { beforeMs: 30_000, afterMs: 10_000 },
    timeZone: options.timeZone ?? "Europe/Berlin",
  });
  access.start();
  return access;
}

/** A person as the rules see one. */
export function personOf(id: string, changes: Partial<Person> = {}): Person {
  return {
    ...{ id, name: id, enabled: true, groups: [], consent: null, validFrom: null, validUntil: null },
    ...{ openSeconds: null, createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z", templates: 1 },
    ...changes,
  };
}
