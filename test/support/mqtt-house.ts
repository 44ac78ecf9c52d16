import { systemClock } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { SignedRequests } from "../../src/daemon/keys/signed-requests.ts";
import type { MqttListener } from "../../src/daemon/mqtt/client.ts";
import { type MqttConfig, mqttConfig } from "../../src/daemon/mqtt/config.ts";
import type { OutboxCursor } from "../../src/daemon/mqtt/outbox.ts";
import { MqttService } from "../../src/daemon/mqtt/service.ts";
import { Dispatcher } from "../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../src/daemon/requests/refusal-log.ts";
import { listeningLogger, type MemoryHouse, memoryHouse } from "./memory-house.ts";

export const base = "lintel/demo";

/** A cursor that remembers every value it was given. */
export class MemoryCursor implements OutboxCursor {
  readonly history: number[] = [];
  get(): number {
    return this.history.at(-1) ?? 0;
  }
  advance(seq: number): void {
    this.history.push(seq);
  }
  restart(): void {
    this.history.push(0);
  }
}

/** The MQTT side of a daemon on a house in memory; a second one on the same house and cursor is a restart. */
export function mqttHouse(options: {
  config: Partial<Record<keyof MqttConfig, unknown>>;
  house?: MemoryHouse;
  cursor?: MemoryCursor;
  /** Instead of a cursor in memory. */
  outboxCursor?: OutboxCursor;
  listeners?: readonly MqttListener[];
  signed?: SignedRequests;
  doorId?: string;
}) {
  const house = options.house ?? memoryHouse();
  const cursor = options.cursor ?? new MemoryCursor();
  const { logger, lines } = listeningLogger();
  const refusals = new RefusalLog({ events: house.events, clock: systemClock, logger });
  const dispatcher = new Dispatcher({ context: house.context, refusals, clock: systemClock, logger });
  const service = new MqttService({
    config: mqttConfig.parse(options.config),
    doorId: options.doorId ?? "demo",
    context: house.context,
    signed: options.signed,
    cursor: options.outboxCursor ?? cursor,
    ...{ dispatcher, refusals, logger, clock: systemClock, random: seededRandom(1) },
    info: () => ({ version: "1.2.3" }),
    listeners: options.listeners ?? [],
    backoff: { minMs: 20, maxMs: 100 },
    allowOtherPort: true,
  });
  return { service, house, cursor, lines, dispatcher };
}
