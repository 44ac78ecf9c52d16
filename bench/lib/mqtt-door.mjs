// A door's event log and MQTT, in a process of its own: fills the log, says where the broker is, and drains on request.
// First line of input: {stateDirectory, events, url}; without url the embedded broker is started. Then {go: true}.
import { createInterface } from "node:readline";
import { systemClock } from "../../dist/core/clock.js";
import { silentLogger } from "../../dist/core/logger.js";
import { SqliteEventLog } from "../../dist/daemon/events/event-log.js";
import { mqttConfig } from "../../dist/daemon/mqtt/config.js";
import { EmbeddedBroker } from "../../dist/daemon/mqtt/embedded-broker.js";
import { MqttService } from "../../dist/daemon/mqtt/service.js";
import { createCursor } from "../../dist/daemon/store/cursor.js";
import { openDatabase } from "../../dist/daemon/store/database.js";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await input.next()).value);

const { stateDirectory, events, url } = await next();
const db = openDatabase({ stateDirectory, logger: silentLogger });
const log = new SqliteEventLog({ db, clock: systemClock, logger: silentLogger });
for (let written = 0; written < events; written += 1000) {
  db.transaction(() => {
    for (let i = 0; i < 1000; i++)
      log.append("granted", { person: `person-${i}`, track: i, distance: 0.31, openMs: 5000 });
  });
}
let broker;
if (url === undefined) {
  broker = new EmbeddedBroker({ port: 0, allowOtherPort: true, logger: silentLogger });
  await broker.start();
}
const service = makeService(url ?? broker.url);
say({ ready: url ?? broker.url });
await next();
const startMs = performance.now();
const before = process.cpuUsage();
await service.start();
while (service.delivery.deliveredSeq < events) await new Promise((resolve) => setTimeout(resolve, 5));
const { user, system } = process.cpuUsage(before);
say({
  drainedMs: performance.now() - startMs,
  cpuMs: (user + system) / 1000,
  residentMb: process.memoryUsage.rss() / 1e6,
});
await next();
process.exit(0);

function makeService(brokerUrl) {
  const nothing = () => () => {};
  return new MqttService({
    config: mqttConfig.parse({ url: brokerUrl }),
    doorId: "front",
    context: {
      people: { list: () => [] },
      door: { state: { lock: "locked" }, subscribe: nothing },
      events: log,
      health: () => ({ ok: true }),
    },
    dispatcher: { dispatch: async () => ({ data: { ok: true }, status: "ok" }) },
    refusals: { add() {} },
    signed: undefined,
    cursor: createCursor(db, "mqtt", silentLogger),
    info: () => ({}),
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
}
