// The audit log: time of one append with full sync, and of verifying many events; each beside what it costs at least.
// usage: node bench/audit.mjs [--events 1000000] [--appends 2000] [--json]
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Libsql from "libsql";
import { systemClock } from "../dist/core/clock.js";
import { silentLogger } from "../dist/core/logger.js";
import { SqliteEventLog } from "../dist/daemon/events/event-log.js";
import { openEventReader } from "../dist/daemon/events/reader.js";
import { verifyChain } from "../dist/daemon/events/verify.js";
import { openDatabase } from "../dist/daemon/store/database.js";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    appends: { type: "string", default: "2000" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(values.events);
const appends = Number(values.appends);
/** As a grant writes it. */
const fields = { person: "dana", distance: 0.312, runnerUp: { person: "alex", distance: 0.71 }, track: 17, frames: 3 };

const directory = mkdtempSync(join(tmpdir(), "lintel-bench-audit-"));
try {
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
  for (let written = 0; written < count; written += 10_000) {
    db.transaction(() => {
      for (let i = 0; i < Math.min(10_000, count - written); i++) log.append("granted", fields);
    });
  }
  const result = { events: count, verify: measureVerify(), append: measureAppend(log) };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
  process.exitCode = result.verify.ok && result.verify.seconds < 10 && result.append.lintel.p50 < 2 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Through a connection of its own, as `lintel events verify` does; beside it, reading the rows and nothing else. */
function measureVerify() {
  const reader = openEventReader(directory);
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const { ok, events } = verifyChain({ store: reader.store, trustedKeys: [] });
  const seconds = (performance.now() - begin) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  reader.close();
  const bare = new Libsql(join(directory, "lintel.db"));
  const read = bare.prepare("SELECT seq, time, type, json, hash FROM events WHERE seq > ? ORDER BY seq LIMIT 2000");
  const readBegin = performance.now();
  for (let last = 0, rows = read.all([0]); rows.length > 0; rows = read.all([last])) last = rows.at(-1).seq;
  const readSeconds = (performance.now() - readBegin) / 1000;
  bare.close();
  return { ok, events, seconds, cpuSeconds, readOnlySeconds: readSeconds, ratio: seconds / readSeconds };
}

/** In turn with a bare insert on the same disk and with a line appended to a synced file. */
function measureAppend(log) {
  const bare = new Libsql(join(directory, "bare.db"));
  bare.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  bare.exec("CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT NOT NULL) STRICT");
  const insert = bare.prepare("INSERT INTO events (json) VALUES (?)");
  const file = openSync(join(directory, "lines"), "a");
  const line = `${JSON.stringify(fields)}\n`;
  const times = { lintel: [], insert: [], file: [] };
  const timed = (into, run) => {
    const begin = performance.now();
    run();
    into.push(performance.now() - begin);
  };
  for (let i = 0; i < appends; i++) {
    timed(times.lintel, () => log.append("granted", fields));
    timed(times.insert, () => insert.run([line]));
    timed(times.file, () => {
      writeSync(file, line);
      fsyncSync(file);
    });
  }
  closeSync(file);
  bare.close();
  const of = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, summary(all)]));
  return { n: appends, ...of, ratioToInsert: of.lintel.p50 / of.insert.p50, ratioToFile: of.lintel.p50 / of.file.p50 };
}

function summary(all) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

function asText({ events, verify, append }) {
  const ms = ({ p50, p95, max }) => `p50 ${p50.toFixed(3)} ms, p95 ${p95.toFixed(3)} ms, max ${max.toFixed(1)} ms`;
  return [
    `verify ${events} events: ${verify.seconds.toFixed(2)} s, ${verify.cpuSeconds.toFixed(2)} s of processor time (${verify.ok ? "holds" : "BROKEN"}), budget 10 s`,
    `  reading the same rows and nothing else: ${verify.readOnlySeconds.toFixed(2)} s (${verify.ratio.toFixed(1)} times)`,
    `append with full sync, n = ${append.n}: ${ms(append.lintel)}, budget 2 ms`,
    `  bare insert, full sync: ${ms(append.insert)} (ours is ${append.ratioToInsert.toFixed(2)} times it)`,
    `  line in a synced file:  ${ms(append.file)} (ours is ${append.ratioToFile.toFixed(2)} times it)`,
    "",
  ].join("\n");
}
