// Appends events and brings them to a "broker" until it is killed: the compiled log, outbox and cursor on a real file.
// usage: power-cut-process.mjs STATE_DIRECTORY '{"checkpointPages", "expected": {seq, hash} | null, "seed", "mode"}'
// mode: run | drain (append nothing, end when everything is delivered).
// First line of output: what was found at the start. Then one line for each thing that is durable; with it the place in
// the write-ahead file up to which everything was synced. Input: {"acknowledge": seq} from the broker, {"cut": n}:
// append n more in one transaction without a word, then die.

import { openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { seededRandom } from "../../dist/core/random.js";
import { SqliteEventLog } from "../../dist/daemon/events/event-log.js";
import { EventStore } from "../../dist/daemon/events/event-store.js";
import { verifyChain } from "../../dist/daemon/events/verify.js";
import { Outbox } from "../../dist/daemon/mqtt/outbox.js";
import { createCursor } from "../../dist/daemon/store/cursor.js";
import { openDatabase } from "../../dist/daemon/store/database.js";
import { lockState } from "../../dist/daemon/store/lock.js";

const [stateDirectory, settings] = process.argv.slice(2);
const { checkpointPages, expected, seed, mode } = JSON.parse(settings);
lockState(stateDirectory);
const db = openDatabase({ stateDirectory, logger: silentLogger });
db.all(z.unknown(), `PRAGMA wal_autocheckpoint = ${checkpointPages}`);
const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
const cursor = createCursor(db, "mqtt");
// Kept open for good: closing any descriptor of this file would drop SQLite's locks on it.
const index = openSync(join(stateDirectory, "lintel.db-shm"), "r");

/** The write-ahead index (SQLite file format, 4.5): frames that are valid, and the salts of this generation. */
function synced() {
  const header = Buffer.alloc(48);
  readSync(index, header, 0, 48, 0);
  return { frames: header.readUInt32LE(16), salt: header.toString("hex", 32, 40) };
}
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const sayDurable = (message) => say({ ...message, ...synced() });

const integrity = db.get(z.object({ integrity_check: z.string() }), "PRAGMA integrity_check")?.integrity_check;
const report = verifyChain({ store: new EventStore(db), trustedKeys: [], expected: expected ?? undefined });
say({ opened: { ...report, cursor: cursor.get(), integrity } });

const unanswered = new Map();
const session = {
  protocolVersion: 5,
  receiveMaximum: 100,
  publish: (_topic, payload) =>
    new Promise((resolve) => {
      const { seq } = JSON.parse(payload);
      unanswered.set(seq, resolve);
      say({ published: seq });
    }),
  subscribe: async () => {},
};
const outbox = new Outbox({
  topic: "event",
  events: log,
  window: 16,
  logger: silentLogger,
  cursor: {
    get: () => cursor.get(),
    restart: () => cursor.restart(),
    advance: (seq) => {
      cursor.advance(seq);
      sayDurable({ cursor: seq });
      if (mode === "drain" && seq === report.head.seq) process.exit(0);
    },
  },
});

const random = seededRandom(seed);
const some = () => ({ person: "dana", padding: "x".repeat(Math.floor(random() * 400)) });
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { acknowledge, cut } = JSON.parse(line);
    if (acknowledge !== undefined) unanswered.get(acknowledge)?.();
    if (cut === undefined) return;
    db.transaction(() => {
      for (let i = 0; i < cut; i++) log.append("granted", some());
    });
    process.kill(process.pid, "SIGKILL");
  })
  .on("close", () => process.exit(0));
outbox.start();
outbox.connected(session);
if (mode === "drain" && cursor.get() >= report.head.seq) process.exit(0);
function append() {
  const { seq, hash } = log.append("granted", some());
  sayDurable({ appended: seq, hash });
  setImmediate(append);
}
if (mode === "run") append();
