import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { ReplayWindow } from "../../../src/daemon/keys/replay-window.ts";
import { openDatabase } from "../../../src/daemon/store/database.ts";
import type { Sqlite } from "../../../src/daemon/store/sqlite.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

let directory: string;
let db: Sqlite;
const t0 = Date.parse("2030-05-01T12:00:00Z");
const mark = (jti: string, issuedAtMs = t0, keyId = "k") => ({ keyId, jti, issuedAtMs });

beforeEach(() => {
  directory = temporaryStateDirectory();
  db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
});

test("a mark is taken once, by each key", () => {
  const window = new ReplayWindow(db);
  expect(window.take(mark("a"), 0)).toBe("taken");
  expect(window.take(mark("a"), 0)).toBe("replayed");
  expect(window.take(mark("a", t0, "other"), 0)).toBe("taken");
});

test("a restart makes no room for a second one", () => {
  new ReplayWindow(db).take(mark("a"), 0);
  db.close();
  const again = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => again.close());
  expect(new ReplayWindow(again).take(mark("a"), 0)).toBe("replayed");
});

describe("what was forgotten", () => {
  test("is not taken again, not even when the clock is set back", () => {
    const window = new ReplayWindow(db);
    window.take(mark("a"), t0 - 30_000);
    window.take(mark("b", t0 + 60_000), t0 + 30_000);
    expect(window.size).toBe(1);
    expect(window.take(mark("a"), t0 - 30_000)).toBe("old");
    expect(window.take(mark("c", t0 - 1), t0 - 30_000)).toBe("old");
    expect(window.take(mark("c", t0 + 1), t0 - 30_000)).toBe("taken");
  });

  test("is the oldest when one key sends more than the window holds, and others are not touched", () => {
    const window = new ReplayWindow(db, 10);
    window.take(mark("other", t0, "other"), 0);
    for (let i = 0; i < 50; i++) expect(window.take(mark(`m${i}`, t0 + i), 0)).toBe("taken");
    expect(window.size).toBe(11);
    for (let i = 0; i < 50; i++) expect(window.take(mark(`m${i}`, t0 + i), 0)).not.toBe("taken");
    expect(window.take(mark("fresh", t0, "other"), 0)).toBe("taken");
  });

  test("goes with all of its second, when whole seconds leave no order", () => {
    const window = new ReplayWindow(db, 3);
    for (let i = 0; i < 4; i++) window.take(mark(`m${i}`, t0), 0);
    for (let i = 0; i < 4; i++) expect(window.take(mark(`m${i}`, t0), 0)).toBe("old");
    expect(window.size).toBe(0);
  });
});
