import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { afterEach, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { memoryHouse } from "../../support/memory-house.ts";
import { base, MemoryCursor, mqttHouse } from "../../support/mqtt-house.ts";
import { freePort, until } from "../../support/mqtt-kit.ts";

/** A broker that writes down every event before it acknowledges it, and can be cut off at any moment. */
class RecordingBroker {
  /** The numbers received, one list for each connection. */
  readonly connections: number[][] = [];
  readonly requests: string[] = [];
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #aedes: Aedes | undefined;
  onEvent: (() => void) | undefined;

  constructor(port: number) {
    this.port = port;
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    aedes.authorizePublish = (_client, packet, callback) => {
      if (packet.topic === `${base}/event`) {
        const { seq } = JSON.parse(packet.payload.toString()) as { seq: number };
        this.connections.at(-1)?.push(seq);
        this.onEvent?.();
      }
      callback(null);
    };
    aedes.on("clientError", () => {});
    aedes.on("connectionError", () => {});
    aedes.on("clientReady", () => this.connections.push([]));
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      aedes.handle(socket);
    });
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Every connection ends at once, whatever was on its way; nobody answers any more. */
  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    this.#aedes?.close();
  }
}

let broker: RecordingBroker;
afterEach(() => broker.cut());

test("whenever the broker is cut off and whenever we are restarted, every event arrives, in order on each connection", async () => {
  broker = new RecordingBroker(await freePort());
  await broker.start();
  const house = memoryHouse();
  const cursor = new MemoryCursor();
  const random = seededRandom(7);
  const config = { url: `mqtt://127.0.0.1:${broker.port}`, eventWindow: 16 };
  let rig = mqttHouse({ config, house, cursor });
  await rig.service.start();
  for (let round = 0; round < 12; round++) {
    const already = broker.connections.flat().length;
    const cutAfter = already + 1 + Math.floor(random() * 60);
    const cut = new Promise<void>((resolve) => {
      broker.onEvent = () => {
        if (broker.connections.flat().length < cutAfter) return;
        broker.onEvent = undefined;
        broker.cut();
        resolve();
      };
    });
    for (let i = 0; i < 80; i++) house.events.append("unknown");
    await cut;
    if (round % 3 === 2) {
      await rig.service.stop();
      rig = mqttHouse({ config, house, cursor });
      await rig.service.start();
    }
    await broker.start();
  }
  const total = house.events.records.length;
  await until("all acknowledged", () => cursor.get() === total);
  await rig.service.stop();
  const runs = broker.connections.filter((run) => run.length > 0);
  expect(new Set(runs.flat()).size).toBe(total);
  for (const run of runs) expect(run).toEqual(run.map((_, i) => (run[0] ?? 0) + i));
  // Nothing is skipped from one connection to the next: each begins at or before the end of what came so far.
  let highest = 0;
  for (const run of runs) {
    expect(run[0]).toBeLessThanOrEqual(highest + 1);
    highest = Math.max(highest, run.at(-1) ?? 0);
  }
  expect(house.door.unlocks).toEqual([]);
});
