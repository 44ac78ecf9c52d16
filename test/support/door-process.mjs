// A daemon with nothing but a door, for tests that kill processes: the compiled controller, supervisor and guard.
// First line of input: {"gpio", "rules"}; then {"unlock": seconds} | {"mode": mode} | {"lock": true}
// | {"acknowledge": alarm} | {"refuse": true} | {"schedule": true | false | null}.
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
const listeners = new Set();
const events = {
  append: (type, fields) => {
    const event = { seq: ++seq, time: new Date().toISOString(), type, ...fields };
    say({ type: "event", event });
    for (const listener of listeners) listener(event);
    return event;
  },
  read: () => [],
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

let app;
function start({ gpio, rules }) {
  app = createDoor({ gpio, rules: doorRules(rules), events, logger, clock: systemClock, timers: systemTimers });
  app.door.subscribe((state) => say({ type: "state", state, guard: app.guard.pid }));
  app.start();
}
/** Each look at the schedule is told, so that a test can wait for one that changed nothing. */
function look(word) {
  say({ type: "look" });
  return word;
}
function obey(command) {
  if ("unlock" in command) say({ type: "answer", answer: app.door.unlock(command.unlock, { source: "request" }) });
  if ("mode" in command) app.door.setMode(command.mode, "test");
  if ("lock" in command) app.door.lock("test");
  if ("acknowledge" in command) say({ type: "answer", isKnown: app.door.acknowledge(command.acknowledge, "test") });
  if ("refuse" in command) events.append("unknown", {});
  if ("schedule" in command) app.door.follow({ isPassageTime: () => look(command.schedule) });
}
const input = createInterface({ input: process.stdin });
input.on("line", (line) => (app ? obey(JSON.parse(line)) : start(JSON.parse(line))));
input.on("close", async () => {
  await app?.stop();
  process.exit(0);
});
