// How fast a day of events reaches a broker that was away, beside mosquitto's own client with the same messages.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectAsync } from "mqtt";
import { freePort } from "../../dist/cli/demo/ports.js";
import { pause, withFolder } from "../lib/process.mjs";
import { median, spread } from "../lib/stats.mjs";
import { budget, ms } from "../lib/table.mjs";

const events = 20_000;
const rounds = 3;
const title = "A day of events after an outage";
const limitSeconds = 60;
const topic = "lintel/front/event";
const mosquitto = "/usr/sbin/mosquitto";
const doorScript = fileURLToPath(new URL("../lib/mqtt-door.mjs", import.meta.url));

export async function mqtt() {
  if (!existsSync(mosquitto) || !existsSync("/usr/bin/mosquitto_pub")) {
    const reason = "left out: the Debian packages mosquitto and mosquitto-clients are not installed";
    return { title, text: [reason], columns: ["to"], rows: [["-"]] };
  }
  return withFolder(async (folder) => {
    const found = { mosquitto: [], embedded: [], peer: [] };
    for (let round = 0; round < rounds; round++) {
      const one = {
        mosquitto: await withMosquitto((port) => drain(`${folder}/m${round}`, `mqtt://127.0.0.1:${port}`)),
        peer: await withMosquitto((port) => peer(`${folder}/messages`, port)),
        embedded: await drain(`${folder}/e${round}`, undefined),
      };
      for (const name of Object.keys(found)) found[name].push(one[name]);
    }
    return report(found);
  });
}

function report({ mosquitto: own, embedded, peer: peers }) {
  const drained = (runs) => runs.map(({ drainedMs }) => drainedMs);
  const row = (what, runs, limit) => {
    const { min, p50, p95 } = spread(drained(runs));
    const asked = runs.flatMap(({ answersMs }) => answersMs);
    return [
      ...[what, String(runs.length), ms(min), ms(p50), ms(p95), ((events / p50) * 1000).toFixed(0)],
      String(Math.min(...runs.map(({ seen }) => seen))),
      runs.every(({ isOrdered }) => isOrdered) ? "yes" : "no",
      asked.length === 0 ? "-" : `${ms(median(asked))} (n ${asked.length})`,
      ...budget(Math.max(...drained(runs)) / 1000, limit, "s"),
    ];
  };
  return {
    title,
    text: [
      `${events} events lie in the event log (SQLite, full sync) when the connection comes; until the broker has acknowledged the last one, milliseconds. \`mosquitto_pub\` sends the same messages with QoS 1 from a file, with nothing to read from a database and nothing to remember. Turns alternate.`,
      "`seen`: events that reached the consumer, the fewest of all rounds: a broker as Debian installs it keeps 1000 for a consumer that is slower than the sender and drops the rest, acknowledged or not. That is why ours goes at 1000 a second at most.",
      "`answer`: median time of a request (`health`) asked again and again meanwhile, from another process.",
    ],
    columns: ["to", "n", "min", "p50", "p95", "events/s", "seen", "in order", "answer, ms", "budget", ""],
    rows: [
      row("mosquitto, MQTT 5", own, limitSeconds),
      row("embedded broker (aedes), MQTT 3.1.1", embedded, limitSeconds),
      row("mosquitto_pub to mosquitto", peers, undefined),
    ],
  };
}

async function withMosquitto(work) {
  const port = await freePort(0);
  const broker = spawn(mosquitto, ["-p", String(port)], { stdio: "ignore" });
  try {
    await pause(300);
    return await work(port);
  } finally {
    broker.kill("SIGKILL");
    await once(broker, "exit");
  }
}

/** The door drains to the broker while a consumer counts and asks. */
async function drain(folder, url) {
  mkdirSync(folder);
  const child = spawn(process.execPath, [doorScript], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  send({ stateDirectory: folder, events, url });
  const { ready } = await next();
  const consumer = await listen(ready, url === undefined ? 4 : 5);
  send({ go: true });
  const asking = ask(consumer);
  const drained = await next();
  const answersMs = await asking.stop();
  const seen = await consumer.quiet();
  send({ end: true });
  await Promise.all([once(child, "exit"), consumer.client.endAsync(true)]);
  return { ...drained, ...seen, answersMs };
}

async function peer(file, port) {
  const message = { seq: 1, time: "2031-05-01T08:00:00.000Z", type: "granted", hash: "0".repeat(64) };
  const line = (i) =>
    JSON.stringify({ ...message, seq: i + 1, person: "person-1", track: 1, distance: 0.31, openMs: 5000 });
  writeFileSync(file, `${Array.from({ length: events }, (_, i) => line(i)).join("\n")}\n`);
  const consumer = await listen(`mqtt://127.0.0.1:${port}`, 5);
  const startMs = performance.now();
  const client = spawn("bash", ["-c", `mosquitto_pub -V mqttv5 -p ${port} -q 1 -t ${topic} -l < ${file}`]);
  await once(client, "exit");
  const drainedMs = performance.now() - startMs;
  const seen = await consumer.quiet();
  await consumer.client.endAsync(true);
  return { drainedMs, ...seen, answersMs: [] };
}

/** `quiet` resolves when nothing has come for a while: what the consumer saw. */
async function listen(url, protocolVersion) {
  const client = await connectAsync(url, { protocolVersion });
  const heard = { seen: 0, last: 0, isOrdered: true, atMs: performance.now() };
  client.on("message", (to, payload) => {
    if (to !== topic) return;
    const { seq } = JSON.parse(payload.toString());
    heard.isOrdered &&= seq > heard.last;
    heard.last = seq;
    heard.seen += 1;
    heard.atMs = performance.now();
  });
  await client.subscribeAsync([topic, "lintel/front/response/health"], { qos: 1 });
  const quiet = async () => {
    while (heard.seen < events && performance.now() - heard.atMs < 1500) await pause(50);
    return { seen: heard.seen, isOrdered: heard.isOrdered };
  };
  return { client, quiet };
}

/** One request after the other, until told to stop. */
function ask({ client }) {
  const times = [];
  let isAsking = true;
  const loop = (async () => {
    while (isAsking) {
      const startMs = performance.now();
      const answer = new Promise((resolve) => {
        const take = (to) => {
          if (to !== "lintel/front/response/health") return;
          client.off("message", take);
          resolve(true);
        };
        client.on("message", take);
      });
      await client.publishAsync("lintel/front/request/health", "{}", { qos: 1 });
      // Before the door listens, nobody answers.
      if (await Promise.race([answer, pause(500).then(() => false)])) times.push(performance.now() - startMs);
      await pause(20);
    }
  })();
  return {
    stop: async () => {
      isAsking = false;
      await loop;
      return times;
    },
  };
}
