import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { EventLog, Health } from "../api.ts";

/** What is read when somebody asks. */
export interface MetricsParts {
  readonly events: Pick<EventLog, "subscribe">;
  health(): Health;
}

/**
 * Numbers for a monitoring system, in the text format of Prometheus. Nothing about a person is in them: counts by type of
 * event, and the state of the machine.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #events: Counter<"type">;
  readonly #parts: MetricsParts;
  #unsubscribe: () => void = () => {};

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, prefix: "lintel_" });
    this.#events = new Counter({
      name: "lintel_events_total",
      help: "Events by type.",
      labelNames: ["type"],
      registers,
    });
    this.#gauge("lintel_ok", "1 while the door works.", ({ ok }) => Number(ok));
    this.#gauge("lintel_people", "People in the gallery.", ({ people }) => people);
    this.#gauge("lintel_threshold", "Threshold of recognition (distance).", ({ threshold }) => threshold);
    this.#gauge("lintel_camera_fps", "Frames a second.", (health) => path(health, "vision", "fps"));
    this.#gauge("lintel_latency_p50_ms", "Frame to sighting, median.", (h) => path(h, "vision", "latencyMs", "p50"));
    this.#gauge("lintel_latency_p95_ms", "Frame to sighting.", (h) => path(h, "vision", "latencyMs", "p95"));
    this.#gauge("lintel_mqtt_connected", "1 while the broker is there.", (h) => path(h, "mqtt", "isConnected"));
    this.#gauge("lintel_mqtt_waiting_events", "Events the broker does not have yet.", (h) =>
      path(h, "mqtt", "waiting"),
    );
  }

  start(): void {
    this.#unsubscribe = this.#parts.events.subscribe(({ type }) => this.#events.inc({ type }));
  }

  stop(): void {
    this.#unsubscribe();
    this.#registry.clear();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  // --- internal ---

  /** A number that is not known is left out rather than given as 0. */
  #gauge(name: string, help: string, read: (health: Health) => unknown): void {
    const parts = this.#parts;
    new Gauge({
      ...{ name, help, registers: [this.#registry] },
      collect() {
        const value = read(parts.health());
        if (typeof value === "boolean") this.set(Number(value));
        else if (typeof value === "number") this.set(value);
        else this.remove();
      },
    });
  }
}

function path(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== "object" || current === null || !(key in current)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}
