// A process of its own on a state directory, run from dist/ and killed by tests.
// usage: store-process.mjs hold|append|fill STATE_DIRECTORY
// fill appends until the disk refuses, says how many wait, and reads back what it was told is written.

import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { SqliteEventLog } from "../../dist/daemon/events/event-log.js";
import { openDatabase } from "../../dist/daemon/store/database.js";
import { lockState } from "../../dist/daemon/store/lock.js";

const [mode, stateDirectory] = process.argv.slice(2);
try {
  lockState(stateDirectory);
} catch (error) {
  process.stdout.write(`${error.code}\n`);
  process.exit(error.exit);
}
process.stdout.write("locked\n");
process.stdin.resume().on("end", () => process.exit(0));
const openLog = () =>
  new SqliteEventLog({
    db: openDatabase({ stateDirectory, logger: silentLogger }),
    clock: systemClock,
    logger: silentLogger,
  });
if (mode === "append") {
  const log = openLog();
  const append = () => {
    for (let i = 0; i < 20; i++) {
      const { seq } = log.append("granted", { person: "dana", padding: "x".repeat(100) });
      process.stdout.write(`${seq}\n`);
    }
    setImmediate(append);
  };
  append();
}
if (mode === "fill") {
  const log = openLog();
  let last = 0;
  for (let seq = -1; seq !== 0; last = seq === 0 ? last : seq)
    seq = log.append("granted", { padding: "x".repeat(400) }).seq;
  process.stdout.write(`${log.status.waiting} waits\n`);
  process.stdout.write(`${last} ${log.read(last, 10).length}\n`);
}
