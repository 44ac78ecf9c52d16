import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { SqliteEventLog } from "../../src/daemon/events/event-log.ts";
import { fleetConfig } from "../../src/daemon/fleet/config.ts";
import { openDoorKeys } from "../../src/daemon/fleet/door-keys.ts";
import type { FleetService } from "../../src/daemon/fleet/fleet-service.ts";
import { openFleet } from "../../src/daemon/fleet/open-fleet.ts";
import { admit, makeRoster, newSite, revoke, type SiteFile } from "../../src/daemon/fleet/owner.ts";
import type { MqttMessage, MqttSession, PublishOptions } from "../../src/daemon/mqtt/session.ts";
import { PeopleService } from "../../src/daemon/people/people-service.ts";
import { openDatabase } from "../../src/daemon/store/database.ts";
import { openKeptGallery } from "../../src/daemon/store/kept-gallery.ts";
import { faceresVector, personVector, ScriptedAnalyser } from "./face-vectors.ts";
import { hurriedTime } from "./hurried-time.ts";
import { listeningLogger } from "./memory-house.ts";

/** Doors of a site with real databases, around a broker in memory that can be made to forget, to lie and to be slow. */

/** Doors wait for seconds before they speak, so that not all speak at once. */
const hurried = hurriedTime(8);

export interface FleetListener {
  connected(session: MqttSession): Promise<void> | void;
  lost(): void;
  message(message: MqttMessage): void;
}

interface Subscriber {
  readonly name: string;
  readonly listener: FleetListener;
  readonly filters: string[];
  isLive: boolean;
}

/** Retained messages and nothing else. Delivers in order, later than now. */
export class MemoryBroker {
  readonly retained = new Map<string, string>();
  readonly published: { topic: string; from: string }[] = [];
  readonly #subscribers: Subscriber[] = [];
  /** Topics that are not handed on. */
  withholds: (topic: string, to: string) => boolean = () => false;

  connect(name: string, listener: FleetListener): () => void {
    const subscriber: Subscriber = { name, listener, filters: [], isLive: true };
    this.#subscribers.push(subscriber);
    const session: MqttSession = {
      protocolVersion: 5,
      receiveMaximum: 100,
      publish: async (topic, payload, options) => this.publish(topic, payload, { ...options, from: name }),
      subscribe: async (filter) => {
        if (!subscriber.isLive) throw new Error("connection lost");
        if (!subscriber.filters.includes(filter)) subscriber.filters.push(filter);
        for (const [topic, text] of this.retained) {
          if (matches(filter, topic)) this.#deliver(subscriber, { topic, text, isRetained: true });
        }
      },
    };
    void listener.connected(session);
    return () => {
      subscriber.isLive = false;
      listener.lost();
    };
  }

  publish(topic: string, payload: string | Uint8Array, { from, isRetained }: PublishOptions & { from: string }): void {
    const text = Buffer.from(payload).toString("latin1");
    this.published.push({ topic, from });
    if (isRetained && text !== "") this.retained.set(topic, text);
    else if (isRetained) this.retained.delete(topic);
    for (const subscriber of this.#subscribers) {
      if (subscriber.name === from || !subscriber.filters.some((filter) => matches(filter, topic))) continue;
      this.#deliver(subscriber, { topic, text, isRetained: false });
    }
  }

  #deliver(to: Subscriber, { topic, text, isRetained }: { topic: string; text: string; isRetained: boolean }): void {
    if (this.withholds(topic, to.name)) return;
    setImmediate(() => {
      const nothing = { responseTopic: undefined, correlationData: undefined, expiresInMs: undefined };
      const message = { topic, payload: Buffer.from(text, "latin1"), isRetained, isDuplicate: false, ...nothing };
      if (to.isLive) to.listener.message(message);
    });
  }
}

function matches(filter: string, topic: string): boolean {
  const [wanted, found] = [filter.split("/"), topic.split("/")];
  return wanted.length === found.length && wanted.every((part, i) => part === "+" || part === found[i]);
}

export interface FleetDoorOptions {
  readonly stateDirectory: string;
  /** What the calendar of the door says; its patience is measured by hurried time all the same. */
  readonly date?: () => Date;
  readonly random?: Random;
  readonly groups?: readonly string[];
  readonly requireConsent?: boolean;
  readonly trustOldListHours?: number;
  isClockTrusted?(): boolean;
}

/** One door: its people on a real database, and its part in the fleet. Closing and making it again is a restart. */
export class FleetDoor {
  readonly id: string;
  readonly fleet: FleetService;
  readonly people: PeopleService;
  readonly events: SqliteEventLog;
  readonly lines: ReturnType<typeof listeningLogger>["lines"];
  readonly #close: () => Promise<void>;
  #disconnect: () => void = () => {};
  #isClosed = false;

  constructor(id: string, site: SiteFile, options: FleetDoorOptions) {
    const { stateDirectory, date = hurried.date, random = seededRandom(1) } = options;
    const clock: Clock = { nowMs: hurried.nowMs, date };
    const { logger, lines } = listeningLogger();
    this.id = id;
    this.lines = lines;
    const db = openDatabase({ stateDirectory, logger });
    const place = { stateDirectory, keyFile: undefined, credentialsDirectory: undefined };
    const kept = openKeptGallery(db, place, logger);
    this.events = new SqliteEventLog({ db, clock, logger });
    const { events } = this;
    const requireConsent = options.requireConsent ?? false;
    const gallery = { targetFpir: 1e-3, maxDistance: 0.43 };
    const analyser = new ScriptedAnalyser();
    this.people = new PeopleService({ ...kept, db, events, analyser, clock, logger, gallery, requireConsent });
    this.people.start();
    const { groups, trustOldListHours } = options;
    const config = fleetConfig.parse({ site: site.site, owner: site.key.x, groups, trustOldListHours });
    const fleet = openFleet({
      ...{ config, doorId: id, place, db, people: this.people, templates: kept.store, requireConsent, events },
      ...{ clock, timers: hurried, random, logger },
      isClockTrusted: options.isClockTrusted ?? (() => true),
    });
    if (!fleet) throw new Error("a door of a fleet");
    this.fleet = fleet;
    this.#close = async () => {
      await fleet.stop();
      events.stop();
      db.close();
    };
  }

  connect(broker: MemoryBroker): void {
    this.#disconnect();
    this.#disconnect = broker.connect(this.id, this.fleet);
  }

  disconnect(): void {
    this.#disconnect();
    this.#disconnect = () => {};
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.disconnect();
    await this.#close();
  }

  /** Somebody is enrolled here, as after a photograph that was taken. */
  enrol(id: string, seed: number, fields: { groups?: readonly string[]; consent?: string } = {}): void {
    const now = new Date().toISOString();
    const quality = { faceWidthPx: 150, sharpness: 400, brightness: 130, yawDeg: 0, pitchDeg: 0, rollDeg: 0 };
    const embeddings = [
      { embedder: "dlib" as const, vector: personVector(seed) },
      { embedder: "faceres" as const, vector: faceresVector(seed) },
    ];
    const person = {
      ...{ id, name: `Name of ${id}`, enabled: true, groups: fields.groups ?? [], consent: fields.consent ?? null },
      ...{ validFrom: null, validUntil: null, openSeconds: null, updatedAt: now },
    };
    this.people.replace(
      { person, templates: [{ createdAt: now, source: "test", quality, embeddings }] },
      "test",
      () => {},
    );
  }

  /** Whether the face of this seed is known as that person. */
  knows(id: string, seed: number): boolean {
    return this.people.identify([{ embedder: "dlib", vector: personVector(seed) }]).person === id;
  }

  get ids(): string[] {
    return this.people.list().map(({ id }) => id);
  }
}

/** A site with its owner, and its doors by name. */
export class FleetWorld {
  readonly broker = new MemoryBroker();
  readonly doors = new Map<string, FleetDoor>();
  readonly #folder = mkdtempSync(join(tmpdir(), "lintel-fleet-"));
  site: SiteFile = newSite("hq");
  roster = "";

  /** Doors that belong to the site, none of them made yet. */
  static async of(...ids: readonly string[]): Promise<FleetWorld> {
    const world = new FleetWorld();
    onTestFinished(() => world.end());
    await world.admit(ids);
    return world;
  }

  async admit(ids: readonly string[], writes = true): Promise<void> {
    const joining = ids.map((id) => {
      const place = { stateDirectory: this.directory(id), keyFile: undefined, credentialsDirectory: undefined };
      return { format: "lintel-fleet-join-1" as const, id, ...openDoorKeys(place).publicPart };
    });
    await this.#issue(admit(this.site, joining, { writes }));
  }

  revoke(id: string): Promise<void> {
    return this.#issue(revoke(this.site, id));
  }

  directory(id: string): string {
    return join(this.#folder, id);
  }

  /** Makes the door (again) with the roster of now, not connected yet. */
  async open(id: string, options: Omit<FleetDoorOptions, "stateDirectory"> = {}): Promise<FleetDoor> {
    await this.doors.get(id)?.close();
    const door = new FleetDoor(id, this.site, { ...options, stateDirectory: this.directory(id) });
    this.doors.set(id, door);
    if (door.fleet.summary.roster < this.site.version) await door.fleet.adoptRoster(this.roster);
    return door;
  }

  async end(): Promise<void> {
    for (const door of this.doors.values()) await door.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #issue(site: SiteFile): Promise<void> {
    const { file, roster } = await makeRoster(site);
    this.site = file;
    this.roster = roster;
  }
}

/** A text as long as a record, which is none. */
export function rubbish(length: number): Buffer {
  return randomBytes(length);
}
