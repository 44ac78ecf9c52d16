// A process of its own on a state directory, run from dist/ and killed by tests.
// usage: store-process.mjs hold|append STATE_DIRECTORY

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
if (mode === "append") {
  const db = openDatabase({ stateDirectory, logger: silentLogger });
  const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
  const append = () => {
    for (let i = 0; i < 20; i++) {
      const { seq } = log.append("granted", { person: "dana", padding: "x".repeat(100) });
      process.stdout.write(`${seq}\n`);
    }
    setImmediate(append);
  };
  append();
}
