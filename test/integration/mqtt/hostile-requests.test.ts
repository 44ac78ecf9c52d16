import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { maxMarksPerKey } from "../../../src/daemon/keys/replay-window.ts";
import { RequestsOverMqtt } from "../../../src/daemon/mqtt/requests-over-mqtt.ts";
import type { MqttMessage, MqttSession } from "../../../src/daemon/mqtt/session.ts";
import { topicsOf } from "../../../src/daemon/mqtt/topics.ts";
import { Dispatcher } from "../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../src/daemon/requests/refusal-log.ts";
import { memoryHouse, smallJpeg } from "../../support/memory-house.ts";
import { type FuzzParts, type HostileMessage, hostileKinds, nextHostile } from "../../support/request-fuzzer.ts";
import { newSigner, SetClock, signedHouse } from "../../support/signed-kit.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

/**
 * A seeded flood of messages that must do nothing, into a door that takes signed requests: real keys, a real database
 * behind the replay window, everything but the broker. LINTEL_LONG=1: a hundred thousand, with the memory measured.
 */

const isLong = process.env.LINTEL_LONG === "1";
const count = isLong ? 100_000 : 5_000;
const seed = Number(process.env.LINTEL_SEED ?? 20260);

async function rig() {
  const clock = new SetClock();
  const house = memoryHouse();
  const signed = signedHouse(temporaryStateDirectory(), clock, house.events);
  onTestFinished(() => signed.db.close());
  await house.people.add("dana", { name: "Dana" }, [{ file: "a.jpg", bytes: smallJpeg }], "test");
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  const context = { ...house.context, keys: signed.keys };
  const crashes: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => void crashes.push(fields) };
  const dispatcher = new Dispatcher({ context, refusals, clock, logger });
  const requests = new RequestsOverMqtt({
    ...{ topics: topicsOf("demo"), dispatcher, refusals, clock, logger, isTrusted: true, signed: signed.signed },
  });
  const answers: string[] = [];
  const session: MqttSession = {
    protocolVersion: 5,
    receiveMaximum: 100,
    publish: async (_topic, payload) => void answers.push(String(payload)),
    subscribe: async () => {},
  };
  await requests.connected(session);
  const receive = async (request: string, content: Uint8Array | string, more: Partial<MqttMessage> = {}) => {
    const payload = Buffer.from(content);
    const none = { isRetained: false, isDuplicate: false, responseTopic: undefined };
    const message = { ...none, correlationData: undefined, expiresInMs: undefined, payload };
    requests.message({ ...message, topic: `lintel/demo/request/${request}`, ...more }, session);
    await requests.idle();
    return answers.splice(0);
  };
  return { clock, house, signed, crashes, receive };
}

type Rig = Awaited<ReturnType<typeof rig>>;

/** What a message could have changed. */
function stateOf({ house, signed }: Rig) {
  const { door, people } = house;
  return JSON.stringify([
    [door.unlocks, door.locks, door.state, house.restarts()],
    [people.list(), signed.keys.list()],
  ]);
}

/** Between messages: what one requester may send is far above this, so that no rate limit hides an opening. */
const stepMs = 40;
/** So often a good request comes in between, to be replayed and mutated while it is young. */
const genuineEvery = 200;

test(`${count} hostile requests (seed ${seed}) open nothing, change nothing and crash nothing`, {
  timeout: isLong ? 600_000 : 60_000,
}, async () => {
  const door = await rig();
  const opener = await door.signed.signer("opener", ["open"]);
  const reader = await door.signed.signer("reader", ["read"]);
  const stranger = await newSigner(door.clock);
  const used: { request: string; jws: string }[] = [];
  const parts: FuzzParts = {
    ...{ random: seededRandom(seed), opener, reader, stranger, used },
    nowMs: () => door.clock.wallMs,
  };
  const seen = new Map<string, number>();
  const memory: ReturnType<typeof memoryMb>[] = [];
  let before = "";
  let refused = 0;
  for (let i = 0; i < count; i++) {
    if (i % genuineEvery === 0) {
      const request = ["door/unlock", "door/lock", "people/list"][(i / genuineEvery) % 3] ?? "";
      const jws = await opener.sign({ request, data: {}, jti: `genuine-${i}` });
      expect(await door.receive(request, jws)).toMatchObject([expect.stringContaining('"status":"ok"')]);
      used.push({ request, jws });
      if (used.length > 4) used.shift();
      before = stateOf(door);
    }
    const message = await nextHostile(parts);
    const answers = await receiveHostile(door, message, parts.random());
    for (const word of [message.kind, ...answers.map(reasonOf)]) seen.set(word, (seen.get(word) ?? 0) + 1);
    if (stateOf(door) !== before) expect(stateOf(door), describe(message)).toBe(before);
    door.clock.wallMs += stepMs;
    if (i % (count / 20) !== 0) continue;
    refused += door.house.events.ofType("request-refused").length;
    door.house.events.records.splice(0);
    memory.push(memoryMb());
  }

  expect(door.house.door.unlocks).toHaveLength(Math.ceil(count / genuineEvery / 3));
  expect(door.crashes).toEqual([]);
  // Each kind was sent and each refusal met: none hides behind another.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([...hostileKinds, ...reasons]));
  expect(seen.get("too many requests")).toBeUndefined();
  // Both are bounded by what they keep, not by what was sent.
  expect(door.signed.keys.replay.size).toBeLessThanOrEqual(2 * maxMarksPerKey);
  const minutes = (count * stepMs) / 60_000 + 1;
  expect(refused).toBeLessThan(minutes * 10 * (reasons.length + 2));
  if (isLong) report(memory, seen);
});

// --- internal ---

const reasons = [
  ...["unsigned", "malformed", "algorithm", "unknown-key", "bad-signature", "wrong-door", "wrong-request"],
  ...["old", "future", "replayed"],
];

/** Sends it, some of them retained or marked as repeated, and sees that every answer is a refusal. */
async function receiveHostile(door: Rig, message: HostileMessage, flags: number): Promise<string[]> {
  const more = { isRetained: flags > 0.98, isDuplicate: flags < 0.02 };
  const answers = await door.receive(message.request, message.payload, more);
  // A retained message is cleared by an empty one of ours.
  const said = answers.filter((answer) => answer !== "");
  for (const answer of said) {
    if (!answer.includes('"status":"error"')) expect(answer, describe(message)).toContain('"status":"error"');
  }
  return said;
}

function reasonOf(answer: string): string {
  return /"error":"([a-z -]+)/.exec(answer)?.[1] ?? "";
}

function describe({ kind, request, payload }: HostileMessage): string {
  return `${kind} ${request} ${payload.toString("latin1").slice(0, 300)}`;
}

/** What is still held counts, not what has not been swept up yet. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}

function memoryMb(): { rss: number; heap: number } {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20 };
}

/** Flat: once everything has run for a while there is no growth that would go with the number of messages. */
function report(memory: readonly { rss: number; heap: number }[], seen: ReadonlyMap<string, number>): void {
  const line = (name: "rss" | "heap") => memory.map((sample) => Math.round(sample[name])).join(" ");
  process.stderr.write(`MB every ${count / 20} messages: rss ${line("rss")}; heap ${line("heap")}\n`);
  process.stderr.write(`${JSON.stringify(Object.fromEntries(seen))}\n`);
  expect((memory.at(-1)?.heap ?? 0) - (memory[2]?.heap ?? 0)).toBeLessThan(5);
  expect((memory.at(-1)?.rss ?? 0) - (memory[2]?.rss ?? 0)).toBeLessThan(40);
}
