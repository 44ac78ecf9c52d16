import { describe, expect, it } from "vitest";
import type { EventRecord, Person } from "../../../../src/daemon/api.ts";
import { LobbyBoard, type LobbyBoardParts, type LobbyState } from "../../../../src/daemon/web/lobby-board.ts";

const dana: Person = {
  id: "dana",
  name: "Dana Scully",
  enabled: true,
  groups: [],
  consent: null,
  validFrom: null,
  validUntil: null,
  openSeconds: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  templates: 1,
};

function lobby(greet: LobbyBoardParts["greet"]) {
  const listeners = new Set<(event: EventRecord) => void>();
  const due = new Set<() => void>();
  const shown: LobbyState[] = [];
  const board = new LobbyBoard({
    events: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    people: { get: (id) => (id === dana.id ? dana : undefined) },
    greet,
    clock: { date: () => new Date("2026-01-01T00:00:02.000Z") },
    timers: {
      after: (_delayMs, run) => {
        due.add(run);
        return () => due.delete(run);
      },
    },
  });
  board.subscribe((state) => shown.push(state));
  board.start();
  const raise = (type: EventRecord["type"], fields: object = {}): void => {
    const event = { seq: 1, time: "2026-01-01T00:00:00.000Z", type, ...fields };
    for (const listener of listeners) listener(event);
  };
  const timePasses = (): void => {
    for (const run of [...due]) {
      due.delete(run);
      run();
    }
  };
  return { board, shown, raise, timePasses, listeners, due };
}

describe("the lobby's greeting", () => {
  it("does not come for a grant that was written down late", () => {
    const { raise, shown } = lobby("first-name");
    raise("granted", { person: dana.id, time: "2025-12-31T23:59:00.000Z" });
    expect(shown).toEqual([]);
  });

  it.each([
    ["first-name", "Welcome, Dana"],
    ["name", "Welcome, Dana Scully"],
    ["none", "Welcome"],
  ] as const)("shows as much of the name as configured (%s)", (greet, greeting) => {
    const { raise, shown } = lobby(greet);
    raise("granted", { person: "dana" });
    expect(shown).toEqual([{ greeting }]);
  });

  it("goes after its time", () => {
    const { raise, timePasses, shown, board } = lobby("first-name");
    raise("granted", { person: "dana" });
    timePasses();
    expect(shown.at(-1)).toEqual({ greeting: null });
    expect(board.current).toEqual({ greeting: null });
  });

  it("of the next person gets its full time", () => {
    const { raise, due } = lobby("first-name");
    raise("granted", { person: "dana" });
    raise("granted", { person: "dana" });
    expect(due.size).toBe(1);
  });

  it("names nobody who was removed in the meantime", () => {
    const { raise, shown } = lobby("name");
    raise("granted", { person: "erased" });
    expect(shown).toEqual([{ greeting: "Welcome" }]);
  });

  it.each(["denied", "spoof", "unknown", "visitor", "duress", "enrolled"] as const)("does not come for %s", (type) => {
    const { raise, shown } = lobby("name");
    raise(type, { person: "dana" });
    raise("granted");
    raise("granted", { person: 7 });
    expect(shown).toEqual([]);
  });

  it("ends with the board", () => {
    const { board, listeners, due, raise } = lobby("name");
    raise("granted", { person: "dana" });
    board.stop();
    board.stop();
    expect([listeners.size, due.size]).toEqual([0, 0]);
  });
});
