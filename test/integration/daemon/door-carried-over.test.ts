import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { carriedOver } from "../../../src/daemon/door/carried-over.ts";
import { SqliteEventLog } from "../../../src/daemon/events/event-log.ts";
import { openDatabase } from "../../../src/daemon/store/database.ts";
import { capturedLog } from "../../support/captured-log.ts";
import { temporaryFolder } from "../../support/processes.ts";

describe("what a door takes over from its event log", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const { logger } = capturedLog();
  const open = () => {
    const db = openDatabase({ stateDirectory: folder.path, logger });
    return { db, events: new SqliteEventLog({ db, clock: systemClock, logger }) };
  };

  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("is nothing in an empty log", () => {
    const { db } = open();
    expect(carriedOver(db)).toEqual({ mode: "normal", isScheduleSuspended: false });
    db.close();
  });

  it("is the newest mode, whatever else has happened since, over a restart", () => {
    const { db, events } = open();
    events.append("mode", { mode: "normal", by: "x" });
    events.append("mode", { mode: "lockdown", by: "x", scheduleSuspended: true });
    for (let index = 0; index < 20; index++) events.append("unknown", { mode: "normal" });
    db.close();
    const again = open();
    expect(carriedOver(again.db)).toEqual({ mode: "lockdown", isScheduleSuspended: true });
    again.events.append("mode", { mode: "normal", by: "y" });
    expect(carriedOver(again.db).mode).toBe("normal");
    again.db.close();
  });
});
