// A daemon with nothing but a door, for tests that kill processes: the compiled controller, supervisor and guard.
// First line of input: {"gpio", "rules"}; then {"unlock": seconds} | {"mode": mode} | {"lock": true}.
// Output: {"type": "event" | "state" | "answer" | "guard", ...}.
import { createInterface } from "node:readline";
import { systemClock } from "../../dist/core/clock.js";
import { systemTimers } from "../../dist/core/timers.js";
import { createDoor } from "../../dist/daemon/door/create-door.js";
import { doorRules } from "../../dist/daemon/door/machine.js";

const say = (message) => process.stdout.write(`${JSON.stringify({ ...message, atMs: systemClock.nowMs() })}\n`);
const log = (level) => (fields, message) => process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
const logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error"), child: () => logger };
let seq = 0;
const events = {
  append: (type, fields) => {
    const event = { seq: ++seq, time: new Date().toISOString(), type, ...fields };
    say({ type: "event", event });
    return event;
  },
  read: () => [],
  subscribe: () => () => {},
};

let app;
function start({ gpio, rules }) {
  app = createDoor({ gpio, rules: doorRules(rules), events, logger, clock: systemClock, timers: systemTimers });
  app.door.subscribe((state) => say({ type: "state", state, guard: app.guard.pid }));
  app.start();
}
function obey(command) {
  if ("unlock" in command) say({ type: "answer", answer: app.door.unlock(command.unlock, { source: "request" }) });
  if ("mode" in command) app.door.setMode(command.mode, "test");
  if ("lock" in command) app.door.lock("test");
}
const input = createInterface({ input: process.stdin });
input.on("line", (line) => (app ? obey(JSON.parse(line)) : start(JSON.parse(line))));
input.on("close", async () => {
  await app?.stop();
  process.exit(0);
});
