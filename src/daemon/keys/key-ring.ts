import type { KeyObject } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import { type EventLog, keyRoles, type RequestKey, type RequestKeys } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";
import { readPublicKey, verifyingKey } from "./public-key.ts";
import { ReplayWindow } from "./replay-window.ts";

/** More than any house needs; a bound for everything that is kept by key. */
export const maxKeys = 256;

const rolesColumn = z.string().transform((text) => z.array(z.enum(keyRoles)).parse(JSON.parse(text)));
const row = z.object({
  id: z.string(),
  name: z.string(),
  x: z.string(),
  roles: rolesColumn,
  created_at: z.string(),
});

interface HeldKey {
  readonly key: RequestKey;
  readonly verify: KeyObject;
}

/** The public keys whose requests count. They are added and removed on this machine alone. */
export class KeyRing implements RequestKeys {
  readonly replay: ReplayWindow;
  readonly #db: Sqlite;
  readonly #events: Pick<EventLog, "append">;
  readonly #clock: Clock;
  readonly #held = new Map<string, HeldKey>();

  constructor({ db, events, clock }: { db: Sqlite; events: Pick<EventLog, "append">; clock: Clock }) {
    this.#db = db;
    this.#events = events;
    this.#clock = clock;
    this.replay = new ReplayWindow(db);
  }

  /** Reads the keys into memory. */
  start(): void {
    this.#held.clear();
    for (const { created_at, x, ...rest } of this.#db.all(row, "SELECT * FROM request_keys ORDER BY name")) {
      this.#held.set(rest.id, { key: { ...rest, createdAt: created_at }, verify: verifyingKey(x) });
    }
  }

  list(): readonly RequestKey[] {
    return [...this.#held.values()].map(({ key }) => key);
  }

  find(id: string): HeldKey | undefined {
    return this.#held.get(id);
  }

  async add(publicKey: string, fields: Pick<RequestKey, "name" | "roles">, by: string): Promise<RequestKey> {
    const { id, x } = await readPublicKey(publicKey);
    const taken = this.list().find((key) => key.id === id || key.name === fields.name);
    if (taken) {
      throw new LintelError("LINTEL_E_CONFLICT", `the key ${taken.name} (${taken.id}) is there already`, {
        hint: "remove it first, or choose another name",
      });
    }
    if (this.#held.size >= maxKeys) {
      throw new LintelError("LINTEL_E_CONFLICT", `there are ${maxKeys} keys already`, { hint: "remove one first" });
    }
    const roles = keyRoles.filter((role) => fields.roles.includes(role));
    const key: RequestKey = { id, name: fields.name, roles, createdAt: this.#clock.date().toISOString() };
    this.#db.transaction(() => {
      this.#db.run("INSERT INTO request_keys (id, name, x, roles, created_at) VALUES (?, ?, ?, ?, ?)", [
        ...[key.id, key.name, x, JSON.stringify(key.roles), key.createdAt],
      ]);
      this.#events.append("updated", { key: key.name, keyId: key.id, roles: key.roles, change: "key-added", by });
      this.#db.afterCommit(() => void this.#held.set(id, { key, verify: verifyingKey(x) }));
    });
    return key;
  }

  remove(idOrName: string, by: string): RequestKey {
    const key = this.list().find(({ id, name }) => id === idOrName || name === idOrName);
    if (!key) throw new LintelError("LINTEL_E_NOT_FOUND", "there is no such key", { hint: "lintel keys list" });
    this.#db.transaction(() => {
      this.#db.run("DELETE FROM request_keys WHERE id = ?", [key.id]);
      this.replay.forgetKey(key.id);
      this.#events.append("updated", { key: key.name, keyId: key.id, change: "key-removed", by });
      this.#db.afterCommit(() => void this.#held.delete(key.id));
    });
    return key;
  }
}
