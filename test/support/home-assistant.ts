import type { MqttClient } from "mqtt";
import { renderTemplate } from "./home-assistant-template.ts";
import { Onlooker, until } from "./mqtt-kit.ts";

/**
 * Home Assistant's MQTT integration as far as a door needs it, acting on nothing but what it was told over the broker:
 * reads the discovery message, subscribes what is named there, keeps one state for each entity, sends commands.
 */

type Config = Readonly<Record<string, unknown>>;
export interface Discovery {
  readonly device: Config;
  readonly origin: Config;
  readonly availability: readonly { readonly topic: string; readonly value_template?: string }[];
  readonly components: Readonly<Record<string, Config & { readonly platform: string }>>;
}

export class HomeAssistant {
  readonly entities = new Map<string, Entity>();
  /** How often a discovery message came. */
  discoveries = 0;
  #availability: Discovery["availability"] = [];
  #isAvailable = false;
  readonly #onlooker: Onlooker;
  readonly #prefix: string;

  private constructor(onlooker: Onlooker, prefix: string) {
    this.#onlooker = onlooker;
    this.#prefix = prefix;
  }

  /** Connected and listening for devices; the birth message is said by `start`. */
  static async connect(url: string, options: { readonly prefix?: string; readonly protocolVersion?: 4 | 5 } = {}) {
    const prefix = options.prefix ?? "homeassistant";
    const protocolVersion = options.protocolVersion ?? 5;
    const onlooker = await Onlooker.connect(url, { protocolVersion }, `${prefix}/unused`);
    const assistant = new HomeAssistant(onlooker, prefix);
    onlooker.client.on("message", (topic, payload, packet) => assistant.#message(topic, payload, packet.retain));
    await onlooker.client.subscribeAsync(`${prefix}/device/+/config`, { qos: 1 });
    return assistant;
  }

  get client(): MqttClient {
    return this.#onlooker.client;
  }

  /** The birth message. */
  async start(): Promise<void> {
    await this.client.publishAsync(`${this.#prefix}/status`, "online", { qos: 1 });
  }

  entity(id: string): Entity {
    const entity = this.entities.get(id);
    if (!entity) throw new Error(`no entity ${id}; there are ${[...this.entities.keys()].join(", ")}`);
    return entity;
  }

  stateOf(id: string): string {
    return this.#isAvailable ? this.entity(id).state : "unavailable";
  }

  async untilState(id: string, state: string): Promise<void> {
    await until(`${id} is ${state}`, () => this.entities.has(id) && this.stateOf(id) === state);
  }

  /** What a click does: `lock`, `unlock` and `open` of a lock, `press` of a button, the option of a select. */
  async command(id: string, command: string): Promise<void> {
    const { topic, payload } = this.entity(id).commandFor(command);
    await this.client.publishAsync(topic, payload, { qos: 1, retain: false });
  }

  async end(): Promise<void> {
    await this.#onlooker.end();
  }

  // --- internal ---

  #message(topic: string, payload: Buffer, isRetained: boolean): void {
    if (topic.startsWith(`${this.#prefix}/device/`)) {
      this.#discovered(payload.toString("utf8"));
      return;
    }
    const text = payload.toString("utf8");
    for (const { topic: its, value_template } of this.#availability) {
      if (its === topic) this.#isAvailable = renderTemplate(value_template ?? "{{ value }}", text) === "online";
    }
    for (const entity of this.entities.values()) entity.message(topic, payload, isRetained);
  }

  #discovered(text: string): void {
    this.discoveries += 1;
    if (text === "") {
      this.entities.clear();
      return;
    }
    const discovery = JSON.parse(text) as Discovery;
    this.#availability = discovery.availability;
    const topics = new Set(discovery.availability.map(({ topic }) => topic));
    const known = new Set(Object.keys(discovery.components));
    for (const id of this.entities.keys()) if (!known.has(id)) this.entities.delete(id);
    for (const [id, config] of Object.entries(discovery.components)) {
      if (Object.keys(config).length === 1) {
        this.entities.delete(id);
        continue;
      }
      const entity = this.entities.get(id);
      if (entity) entity.config = config;
      else this.entities.set(id, new Entity(config));
      for (const topic of this.entity(id).topics) topics.add(topic);
    }
    this.client.subscribe([...topics], { qos: 1 });
  }
}

export class Entity {
  config: Config;
  /** As the user interface shows it. */
  state = "unknown";
  attributes: Config = {};
  /** Messages that fitted no state: Home Assistant would log a warning. */
  readonly misfits: string[] = [];
  image: Buffer | undefined;

  constructor(config: Config) {
    this.config = config;
  }

  get platform(): string {
    return this.#text("platform");
  }

  get topics(): string[] {
    const keys = ["state_topic", "image_topic", "json_attributes_topic"];
    return keys.flatMap((key) => (typeof this.config[key] === "string" ? [this.#text(key)] : []));
  }

  message(topic: string, payload: Buffer, isRetained: boolean): void {
    if (topic === this.config.image_topic) this.image = payload;
    const text = payload.toString("utf8");
    if (topic === this.config.json_attributes_topic) this.attributes = JSON.parse(text) as Config;
    if (topic !== this.config.state_topic) return;
    if (this.platform === "event") {
      if (!isRetained) this.#event(text);
      return;
    }
    const template = this.config.value_template;
    this.#value(typeof template === "string" ? renderTemplate(template, text) : text);
  }

  commandFor(command: string): { topic: string; payload: string } {
    const topic = this.#text("command_topic");
    if (this.platform !== "select") return { topic, payload: this.#text(`payload_${command}`) };
    if (!this.#options.includes(command)) throw new Error(`no option ${command}`);
    return { topic, payload: this.#text("command_template").replace("{{ value }}", command) };
  }

  // --- internal ---

  get #options(): readonly unknown[] {
    return Array.isArray(this.config.options) ? this.config.options : [];
  }

  #text(key: string): string {
    const value = this.config[key];
    if (typeof value !== "string") throw new Error(`${key} is no text`);
    return value;
  }

  #event(text: string): void {
    const { event_type, ...attributes } = JSON.parse(text) as Record<string, unknown>;
    const types = this.config.event_types;
    if (!Array.isArray(types) || !types.includes(event_type)) this.misfits.push(text);
    this.state = String(event_type);
    this.attributes = attributes;
  }

  #value(value: string): void {
    if (value === "") return;
    const { platform } = this;
    const state = platform === "lock" ? this.#lock(value) : platform === "binary_sensor" ? this.#onOff(value) : value;
    if (platform === "sensor" || platform === "select") {
      const isNumeric = this.config.unit_of_measurement !== undefined || this.config.state_class !== undefined;
      const fits = isNumeric ? Number.isFinite(Number(value)) : this.#options.includes(value);
      if (value === "None") this.state = "unknown";
      else if (fits) this.state = value;
      else this.misfits.push(value);
    } else if (state === undefined) this.misfits.push(value);
    else this.state = state;
  }

  #lock(value: string): string | undefined {
    if (value === this.config.payload_reset) return "unknown";
    if (value === this.config.state_locked) return "locked";
    return value === this.config.state_unlocked ? "unlocked" : undefined;
  }

  #onOff(value: string): string | undefined {
    if (value === "None") return "unknown";
    if (value === this.config.payload_on) return "on";
    return value === this.config.payload_off ? "off" : undefined;
  }
}
