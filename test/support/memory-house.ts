import { createHash } from "node:crypto";
import { LintelError } from "../../src/core/errors.ts";
import type { AccessService } from "../../src/daemon/access/service.ts";
import type {
  AddResult,
  AuditReport,
  Calibration,
  Door,
  DoorMode,
  DoorState,
  EventLog,
  EventRecord,
  EventType,
  Fleet,
  FleetSummary,
  IdentifiedFace,
  KeyRotation,
  LiveEnrolment,
  People,
  Person,
  PersonExport,
  PersonFields,
  Photo,
  PhotoRefusal,
  RemovalProof,
  RequestKey,
  RequestKeys,
  UnlockAnswer,
  VerifyResult,
} from "../../src/daemon/api.ts";
import type { DispatchContext } from "../../src/daemon/requests/dispatch.ts";
import { memoryAccess } from "./access-kit.ts";
import { MemoryArt } from "./art-kit.ts";

/** The control plane's rooms in memory, with the behaviour their interfaces promise: for tests of what stands on them. */

const someDay = "2026-01-01T00:00:00.000Z";

export class MemoryEventLog implements EventLog {
  readonly records: EventRecord[] = [];
  readonly #listeners = new Set<(event: EventRecord) => void>();

  append(type: EventType, fields: Readonly<Record<string, unknown>> = {}): EventRecord {
    const record: EventRecord = { ...fields, seq: this.records.length + 1, time: someDay, type };
    this.records.push(record);
    for (const listener of this.#listeners) listener(record);
    return record;
  }

  read(fromSeq: number, limit: number): readonly EventRecord[] {
    const start = Math.max(0, fromSeq - 1);
    return this.records.slice(start, start + limit);
  }

  subscribe(listener: (event: EventRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  ofType(type: EventType): readonly EventRecord[] {
    return this.records.filter((event) => event.type === type);
  }
}

/** Keeps the record of every order it was given; refuses to open in lockdown. */
export class MemoryDoor implements Door {
  readonly unlocks: (number | undefined)[] = [];
  readonly locks: string[] = [];
  #state: DoorState = {
    lock: "locked",
    contact: "closed",
    mode: "normal",
    alarms: [],
    alarmDetails: [],
    since: someDay,
  };
  readonly #listeners = new Set<(state: DoorState) => void>();

  get state(): DoorState {
    return this.#state;
  }

  unlock(seconds: number | undefined): UnlockAnswer {
    this.unlocks.push(seconds);
    if (this.#state.mode === "lockdown") return { ok: false, reason: "lockdown" };
    this.#change({ lock: "unlocked" });
    return { ok: true, openMs: (seconds ?? 5) * 1000 };
  }

  lock(by: string): void {
    this.locks.push(by);
    this.#change({ lock: "locked" });
  }

  /** Whether it may stand unlocked. */
  isSound = true;

  setMode(mode: DoorMode): void {
    if (mode === "passage" && !this.isSound) return;
    this.#change({ mode });
  }

  /** Of the alarms that a test has put on the list. */
  acknowledge(alarm: string): boolean {
    return this.#state.alarms.includes(alarm);
  }

  raise(alarm: string): void {
    this.#change({ alarms: [...this.#state.alarms, alarm] });
  }

  subscribe(listener: (state: DoorState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(part: Partial<DoorState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener(this.#state);
  }
}

/** A photograph is taken when it starts as a JPEG does; the byte after the marker says whose face it shows. */
export class MemoryPeople implements People {
  readonly #people = new Map<string, Person>();
  readonly #events: EventLog;
  /** How many changes run at this moment, and the most there ever were. */
  running = 0;
  rotations = 0;
  mostRunning = 0;

  constructor(events: EventLog) {
    this.#events = events;
  }

  list(): readonly Person[] {
    return [...this.#people.values()];
  }

  get(id: string): Person | undefined {
    return this.#people.get(id);
  }

  async add(id: string, fields: PersonFields, photos: readonly Photo[], by: string): Promise<AddResult> {
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    await new Promise((resolve) => setImmediate(resolve));
    const refused: PhotoRefusal[] = [];
    for (const { file, bytes } of photos) {
      if (!isJpeg(bytes)) refused.push({ file, reason: "corrupt", detail: "the file is no picture" });
    }
    const before = this.#people.get(id);
    const templates = (before?.templates ?? 0) + photos.length - refused.length;
    this.#people.set(id, { ...(before ?? blank(id)), ...known(fields), templates });
    this.#events.append("enrolled", { person: id, by });
    this.running -= 1;
    return { id, templates, refused };
  }

  update(id: string, fields: PersonFields, by: string): Person {
    const person = { ...this.#existing(id), ...known(fields) };
    this.#people.set(id, person);
    this.#events.append("updated", { person: id, by });
    return person;
  }

  async remove(id: string, by: string): Promise<RemovalProof> {
    const { templates } = this.#existing(id);
    this.#people.delete(id);
    const digest = createHash("sha256").update(id).digest("hex");
    const { seq: event } = this.#events.append("removed", { person: id, templates, digest, by });
    const search = { files: 0, bytes: 0, remains: [] };
    return { person: id, templates, removedAt: someDay, vectors: [], digest, event, search };
  }

  async export(id: string, { vectors }: { readonly vectors: boolean }): Promise<PersonExport> {
    const person = this.#existing(id);
    const values = vectors ? { values: [0.5] } : {};
    const template = { id: 1, kind: "enrolled" as const, createdAt: someDay, source: "test", quality: {} };
    const templates = [{ ...template, vectors: [{ embedder: "dlib" as const, dimensions: 128, ...values }] }];
    const events = this.#events.read(0, 1000).filter((event) => event.person === id);
    return { format: "lintel-person-1", exportedAt: someDay, person, templates, other: {}, events, nextEvent: null };
  }

  async rotateKey(): Promise<KeyRotation> {
    this.rotations += 1;
    return { vectors: this.#people.size, damaged: 0, rotatedAt: someDay };
  }

  async verify(id: string, photo: Photo): Promise<VerifyResult> {
    this.#existing(id);
    const match = isJpeg(photo.bytes);
    return { match, distance: match ? 0.2 : null, threshold: 0.4, reason: match ? null : "corrupt" };
  }

  async identifyPhoto(photo: Photo): Promise<readonly IdentifiedFace[]> {
    if (!isJpeg(photo.bytes)) throw new LintelError("LINTEL_E_UNREADABLE", "the file is not a picture");
    return [{ box: [10, 10, 80, 100], person: null, distance: null, runnerUp: null, reason: "unknown" }];
  }

  #existing(id: string): Person {
    const person = this.#people.get(id);
    if (!person) throw new LintelError("LINTEL_E_NOT_FOUND", `nobody has the id ${id}`);
    return person;
  }
}

/** Keys without what makes them keys: the text given as public key is the id. */
export class MemoryKeys implements RequestKeys {
  readonly #keys = new Map<string, RequestKey>();

  list(): readonly RequestKey[] {
    return [...this.#keys.values()];
  }

  async add(publicKey: string, fields: Pick<RequestKey, "name" | "roles">): Promise<RequestKey> {
    const key = { id: publicKey, ...fields, createdAt: someDay };
    this.#keys.set(publicKey, key);
    return key;
  }

  remove(idOrName: string): RequestKey {
    const key = this.list().find(({ id, name }) => id === idOrName || name === idOrName);
    if (!key) throw new LintelError("LINTEL_E_NOT_FOUND", "there is no such key");
    this.#keys.delete(key.id);
    return key;
  }
}

/** Somebody stands at the door and is enrolled at once. */
const memoryEnrolment: LiveEnrolment = {
  enrol: async ({ id }) => ({ stage: "enrolled", id, templates: 3, refused: [], recognised: true }),
  cancel: () => false,
};

export const smallJpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

export interface MemoryHouse {
  readonly events: MemoryEventLog;
  readonly door: MemoryDoor;
  readonly people: MemoryPeople;
  readonly access: AccessService;
  readonly context: DispatchContext;
  restarts(): number;
}

export function memoryHouse(): MemoryHouse {
  const events = new MemoryEventLog();
  const door = new MemoryDoor();
  const people = new MemoryPeople(events);
  const access = memoryAccess({ people, events });
  let restarts = 0;
  const context = {
    people,
    door,
    events,
    audit: { verify: async () => memoryReport(events) },
    keys: new MemoryKeys(),
    calibration: memoryCalibration,
    adaptation: { list: () => [], drop: () => 0 },
    access,
    art: new MemoryArt(),
    fleet: memoryFleet,
    enrolment: memoryEnrolment,
    health: () => ({ ok: true, fps: 15 }),
    publicConfig: () => ({ door: { id: "demo" } }),
    restart: () => {
      restarts += 1;
    },
  };
  return { events, door, people, access, context, restarts: () => restarts };
}

/** A logger that keeps its lines. */
export function listeningLogger() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => logger };
  return { logger, lines };
}

// --- internal ---

const fleetSummary: FleetSummary = {
  ...{ site: "hq", state: "caught-up", isListTrusted: true, roster: 1, people: 0, removed: 0, root: "0".repeat(64) },
  ...{ provenAt: someDay, notAtBroker: 0, refused: {} },
};

/** A site with this door alone; it takes any roster. */
const memoryFleet: Fleet = {
  summary: fleetSummary,
  status: async () => ({ ...fleetSummary, door: "demo", waiting: 0, doors: [], removals: [] }),
  adoptRoster: async () => ({ version: 2, doors: ["demo"], isMember: true }),
};

/** Nobody to compare: what is shipped holds. */
const memoryCalibration: Calibration = {
  calibrate: async ({ strangersPerDay = 20 }) => ({
    ...{ threshold: 0.4, before: 0.4, targetFpir: 1e-3, people: 0, templates: 0, strangersPerDay },
    ...{ expectedFalseAcceptsPerYear: 0, expectedRefusals: 0, n: 0, basis: "shipped", fromShipped: 0.4 },
    ...{ fromSite: null, siteInterval: null, lookAlikes: [], sameFace: [] },
  }),
  check: async () => [],
};

/** In memory nothing is ever broken. */
function memoryReport({ records }: MemoryEventLog): AuditReport {
  const head = { seq: records.length, hash: "0".repeat(64) };
  return { events: records.length, ok: true, brokenAt: null, reason: null, head, removedThrough: 0 };
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function blank(id: string): Person {
  return {
    ...{ id, name: id, enabled: true, groups: [], consent: null, validFrom: null, validUntil: null },
    ...{ openSeconds: null, createdAt: someDay, updatedAt: someDay, templates: 0 },
  };
}

/** The fields that are named; `undefined` keeps the value. */
function known(fields: PersonFields): Partial<Person> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
