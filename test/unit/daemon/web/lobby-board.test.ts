import { describe, expect, it } from "vitest";
import type { EventRecord, Person } from "../../../../src/daemon/api.ts";
import type { WallState } from "../../../../src/daemon/art/wall.ts";
import { CronWindow } from "../../../../src/daemon/cron-window.ts";
import { LobbyBoard, type LobbyBoardParts, type LobbyState } from "../../../../src/daemon/web/lobby-board.ts";
import { FakeTime } from "../../../support/fake-time.ts";

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

const bareWall: WallState = { pictures: [], shown: null, painting: null };

function lobby(greet: LobbyBoardParts["greet"], changes: Partial<LobbyBoardParts> = {}) {
  const listeners = new Set<(event: EventRecord) => void>();
  const due = new Set<() => void>();
  const shown: Pick<LobbyState, "greeting">[] = [];
  const board = new LobbyBoard({
    events: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    people: { get: (id) => (id === dana.id ? dana : undefined) },
    greet,
    showNames: true,
    changeSeconds: 300,
    wall: { current: bareWall, subscribe: () => () => {}, picture: async () => null, preview: async () => null },
    clock: { date: () => new Date("2026-01-01T00:00:02.000Z") },
    timers: {
      after: (_delayMs, run) => {
        due.add(run);
        return () => due.delete(run);
      },
    },
    ...changes,
  });
  board.subscribe(({ greeting }) => shown.push({ greeting }));
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

  it("holds no name unless names were switched on", () => {
    const { raise, shown } = lobby("name", { showNames: false });
    raise("granted", { person: "dana" });
    expect(shown).toEqual([{ greeting: "Welcome" }]);
  });

  it.each([
    ["none", true, "Welcome"],
    ["name", true, "Welcome, Dana Scully"],
    // Whoever asked for it is named also where others are not.
    ["first-name", false, "Welcome, Dana"],
    [null, false, "Welcome"],
  ] as const)("is as the person chose (%s), whatever the house does", (greet, showNames, greeting) => {
    const people = { get: () => ({ ...dana, greet }) };
    const { raise, shown } = lobby("first-name", { showNames, people });
    raise("granted", { person: "dana" });
    expect(shown).toEqual([{ greeting }]);
  });

  it("goes after its time", () => {
    const { raise, timePasses, shown, board } = lobby("first-name");
    raise("granted", { person: "dana" });
    timePasses();
    expect(shown.at(-1)).toEqual({ greeting: null });
    expect(board.current.greeting).toBeNull();
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

describe("the dark hours of the lobby", () => {
  const night = new CronWindow({ from: "0 23 * * *", until: "0 6 * * *" }, "UTC");

  function atNight(start: string) {
    const time = new FakeTime();
    const offsetMs = Date.parse(start) - time.date().getTime();
    const clock = { date: () => new Date(time.date().getTime() + offsetMs) };
    const { board } = lobby("none", { blank: night, timers: time, clock });
    const told: boolean[] = [];
    board.subscribe(({ blank }) => told.push(blank.isBlank));
    return { board, time, told };
  }

  it("begin and end by the schedule", async () => {
    const { board, time, told } = atNight("2030-01-01T22:59:50.000Z");
    expect(board.current.blank).toEqual({ isBlank: false, changesAt: "2030-01-01T23:00:00.000Z" });
    await time.advance(9_000);
    expect(told).toEqual([]);
    await time.advance(2_000);
    expect(told).toEqual([true]);
    await time.advance(7 * 3_600_000);
    expect(told).toEqual([true, false]);
  });

  it("are noticed soon after a clock that was set", async () => {
    const { time, told } = atNight("2030-01-01T12:00:00.000Z");
    time.jump(12 * 3_600_000);
    await time.advance(31_000);
    expect(told).toEqual([true]);
  });

  it("are none where none are configured", () => {
    expect(lobby("none").board.current.blank).toEqual({ isBlank: false, changesAt: null });
  });
});
