import type { KeyObject } from "node:crypto";
import type { Logger } from "../../core/logger.ts";
import type { Person } from "../api.ts";
import type { KnownElsewhere } from "../people/replace-person.ts";
import type { TemplateDescription } from "../store/people-store.ts";
import { contentOf, documentText } from "./content.ts";
import { attach, detach, digestOf, sealJws, signText } from "./envelope.ts";
import { type Arrival, readRecord } from "./record-reader.ts";
import type { RootHistory } from "./root-history.ts";
import type { Roster } from "./roster.ts";
import { compareStamps, nextCounts, type Stamp } from "./stamp.ts";
import type { FleetRecord, FleetStore, RecordState } from "./store.ts";
import { topicIdOf } from "./topics.ts";
import type { FleetView } from "./view.ts";

/** The people of this door, as far as the fleet is concerned. */
export interface FleetPeople {
  list(): readonly Person[];
  get(id: string): Person | undefined;
  replace(known: KnownElsewhere, by: string, alongside: () => void): void;
  remove(id: string, by: string): Promise<unknown>;
}

export interface LedgerParts {
  readonly site: string;
  readonly self: string;
  readonly signKey: KeyObject;
  readonly store: FleetStore;
  readonly db: { transaction<T>(work: () => T): T; afterCommit(call: () => void): void };
  readonly view: FleetView;
  readonly history: RootHistory;
  readonly people: FleetPeople;
  readonly templates: { describeTemplates(personId: string, withVectors: boolean): readonly TemplateDescription[] };
  /** Whether this door takes a person at all. */
  takes(person: KnownElsewhere["person"]): boolean;
  readonly logger: Logger;
}

/** What happens to a person by the fleet bears this in front of the name of the door that wrote it. */
export const byFleet = "fleet:";
/** Waiting records that are taken in at once, so that the door is not kept waiting. */
const releasedAtOnce = 32;

/**
 * Keeps the records of the site and the people of this door in step: what comes from other doors is put into the gallery,
 * what is changed here is written as a record. Its methods are called one after the other, never at once.
 */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #ids = new Map<string, string>();
  readonly #messages = new Map<string, string>();
  #roster: Roster | null = null;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Reads what is kept. */
  start(): void {
    const { store, view, history } = this.#parts;
    let lastStep = 0;
    for (const { topic, life, version, isRemoved, door, digest, step, message } of store.stamps()) {
      view.take(topic, { life, version, isRemoved, door, digest });
      if (message !== null) this.#messages.set(topic, message);
      lastStep = Math.max(lastStep, step);
    }
    history.start(lastStep);
    history.note(view.root);
  }

  /** From here on the doors and keys of this roster count. */
  use(roster: Roster): void {
    this.#roster = roster;
    this.#ids.clear();
    for (const { id } of this.#parts.people.list()) this.#ids.set(this.#topicOf(id), id);
  }

  /** Topics of people that were changed here while nobody wrote it down: while the daemon was off, or not in a fleet. */
  unwritten(): string[] {
    const { store, people } = this.#parts;
    const topics: string[] = [];
    const kept = new Map(store.stamps().map((record) => [record.topic, record]));
    for (const [topic, id] of this.#ids) {
      const record = kept.get(topic);
      const isWritten = record?.state === "held" && record.updatedAt === people.get(id)?.updatedAt;
      if (!isWritten && record?.state !== "waiting") topics.push(topic);
    }
    const gone = store.topicsIn("held").filter((topic) => !this.#ids.has(topic));
    return [...topics, ...gone];
  }

  /** Whether this very message was opened before and still counts. */
  isOpened(topic: string, message: string): boolean {
    return this.#messages.get(topic) === message;
  }

  /** The same record in another message: sealed anew. */
  noteMessage(topic: string, message: string): void {
    this.#messages.set(topic, message);
  }

  isHere(id: string): boolean {
    return this.#parts.people.get(id) !== undefined;
  }

  /** The topic of a person of this door, whether still here or just removed. */
  noteLocal(id: string, isRemoved: boolean): string {
    const topic = this.#topicOf(id);
    if (isRemoved) {
      this.#ids.delete(topic);
      if (this.#parts.view.get(topic) !== undefined) this.#parts.store.forgetSealed(topic);
    } else this.#ids.set(topic, id);
    return topic;
  }

  /**
   * Writes down what was changed here. False when there is nothing to write, or this door may not. `isForced`: whoever signed
   * it last is no door of the site any more. `wasRemoved`: removed in between, so that a new life begins.
   */
  async writeLocal(topic: string, { isForced = false, wasRemoved = false } = {}): Promise<boolean> {
    const { store, self, people } = this.#parts;
    if (!this.#mustHave().writes(self)) return false;
    const id = this.#ids.get(topic);
    const person = id === undefined ? undefined : people.get(id);
    const known = this.#parts.view.get(topic);
    if (person === undefined) {
      if (known === undefined || (known.isRemoved && !isForced)) return false;
      return this.#write(topic, null);
    }
    const record = store.get(topic);
    const isWritten = record?.state === "held" && record.updatedAt === person.updatedAt;
    return isWritten && !isForced && !wasRemoved ? false : this.#write(topic, person, wasRemoved);
  }

  /** Takes in what arrived; until the door has caught up, what admits somebody waits. */
  async take(arrivals: readonly Arrival[], isCaughtUp: boolean): Promise<void> {
    const { db, view } = this.#parts;
    const newer = newestOfEach(arrivals).filter(({ topic, stamp }) => view.compare(topic, stamp) === "newer");
    if (newer.length === 0) return;
    const mustWait = ({ known }: Arrival) => !isCaughtUp && known?.person.enabled === true;
    db.transaction(() => {
      for (const arrival of newer.filter(mustWait)) this.#keep(arrival, "waiting");
    });
    await this.#takeNow(newer.filter((arrival) => !mustWait(arrival)));
  }

  /** The door has caught up: whoever waited is taken in. Stops when `mayGoOn` says so. */
  async releaseWaiting(mayGoOn: () => boolean): Promise<void> {
    const topics = this.#parts.store.topicsIn("waiting");
    for (let at = 0; at < topics.length && mayGoOn(); at += releasedAtOnce) {
      await this.#takeNow(await this.#waitingAt(topics.slice(at, at + releasedAtOnce)));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The message that stands for this person at the broker; null when it is not ours to give. */
  async messageFor(topic: string): Promise<string | null> {
    const { store } = this.#parts;
    const record = store.get(topic);
    if (!record) return null;
    if (record.state === "waiting") return record.sealed;
    const jws = record.state === "held" ? this.#restored(record) : record.jws;
    return jws === null ? null : sealJws(jws, this.#mustHave().currentKey);
  }

  /** Whether the writer of a record that we could write again is no door of the site any more. */
  isOrphan(topic: string): boolean {
    const stamp = this.#parts.view.get(topic);
    if (stamp === undefined || this.#mustHave().doorKey(stamp.door) !== undefined) return false;
    return stamp.isRemoved || this.#ids.has(topic);
  }

  orphans(): string[] {
    return [...this.#parts.view.entries()].map(([topic]) => topic).filter((topic) => this.isOrphan(topic));
  }

  // --- internal ---

  #mustHave(): Roster {
    if (this.#roster === null) throw new Error("no roster yet");
    return this.#roster;
  }

  #topicOf(id: string): string {
    return topicIdOf(id, this.#mustHave().topicKey);
  }

  async #write(topic: string, person: Person | null, isNewLife = false): Promise<boolean> {
    const { site, self, signKey, templates, db, store, view, logger } = this.#parts;
    const content = person === null ? null : contentOf(person, templates.describeTemplates(person.id, true));
    if (person !== null && content === null) {
      logger.error({ person: person.id }, "a template does not open: the person is not told to other doors");
      return false;
    }
    const counts = nextCounts(view.get(topic), { isRemoved: person === null, isNewLife });
    const text = documentText(site, topic, { ...counts, door: self, person: content });
    const jws = await signText(text, { door: self, privateKey: signKey });
    const stamp = { ...counts, isRemoved: person === null, door: self, digest: digestOf(Buffer.from(text, "utf8")) };
    const kept = person === null ? { updatedAt: null, jws } : { updatedAt: person.updatedAt, jws: detach(jws) };
    db.transaction(() => {
      store.put({ topic, ...stamp, ...this.#standing(person === null ? "removed" : "held"), ...kept });
      this.#seen(topic, stamp, null);
    });
    return true;
  }

  async #waitingAt(topics: readonly string[]): Promise<Arrival[]> {
    const { store, site } = this.#parts;
    const roster = this.#mustHave();
    const sealed = topics.map((topic) => [topic, store.get(topic)?.sealed ?? ""] as const);
    const read = await Promise.all(
      sealed.map(([topic, text]) => readRecord(topic, Buffer.from(text, "latin1"), { site, roster })),
    );
    return read.flatMap((answer) => (answer.ok ? [answer.value] : []));
  }

  async #takeNow(arrivals: readonly Arrival[]): Promise<void> {
    const { db, people, takes } = this.#parts;
    const leaving = arrivals.filter(
      ({ known }) => known === null || (people.get(known.person.id) !== undefined && !takes(known.person)),
    );
    db.transaction(() => {
      for (const arrival of arrivals) {
        if (arrival.known !== null && !leaving.includes(arrival)) this.#apply(arrival, arrival.known);
      }
    });
    for (const arrival of leaving) await this.#letGo(arrival);
  }

  #apply(arrival: Arrival, known: KnownElsewhere): void {
    const { people, takes, store } = this.#parts;
    const { topic, stamp, jws, message } = arrival;
    if (!takes(known.person)) {
      this.#keep(arrival, "left");
      return;
    }
    const { id, updatedAt } = known.person;
    people.replace(known, `${byFleet}${stamp.door}`, () => {
      store.put({ topic, ...stamp, ...this.#standing("held"), updatedAt, jws: detach(jws), message });
      this.#seen(topic, stamp, message);
    });
    this.#ids.set(topic, id);
  }

  /** A removal, or somebody whom this door does not take any more. The person goes first: what is forgotten is forgotten. */
  async #letGo(arrival: Arrival): Promise<void> {
    const { people, db } = this.#parts;
    const { topic, stamp, known } = arrival;
    const id = this.#ids.get(topic);
    if (id !== undefined && people.get(id))
      await people.remove(id, `${byFleet}${known === null ? stamp.door : "groups"}`);
    this.#ids.delete(topic);
    db.transaction(() => this.#keep(arrival, known === null ? "removed" : "left"));
  }

  #keep({ topic, stamp, jws, sealed, message }: Arrival, state: Exclude<RecordState, "held">): void {
    const kept = { jws: state === "removed" ? jws : null, sealed: state === "waiting" ? sealed : null };
    this.#parts.store.put({ topic, ...stamp, ...this.#standing(state), ...kept, message });
    this.#seen(topic, stamp, message);
  }

  #standing(state: RecordState) {
    return { state, updatedAt: null, sealed: null, message: null, step: this.#parts.history.nextStep };
  }

  #seen(topic: string, stamp: Stamp, message: string | null): void {
    const { db, view, history } = this.#parts;
    db.afterCommit(() => {
      if (message === null) this.#messages.delete(topic);
      else this.#messages.set(topic, message);
      if (view.take(topic, stamp)) history.note(view.root);
    });
  }

  /** Signature and content together again; null when the person was changed since. */
  #restored({ topic, jws, digest, ...stamp }: FleetRecord): string | null {
    const { people, templates, site } = this.#parts;
    const id = this.#ids.get(topic);
    const person = id === undefined ? undefined : people.get(id);
    const content = person === undefined ? null : contentOf(person, templates.describeTemplates(person.id, true));
    if (content === null || jws === null) return null;
    const text = documentText(site, topic, { ...stamp, person: content });
    return digestOf(Buffer.from(text, "utf8")) === digest ? attach(jws, text) : null;
  }
}

// --- internal ---

/** The newest of each person, in the order in which they came. */
function newestOfEach(arrivals: readonly Arrival[]): readonly Arrival[] {
  const newest = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const before = newest.get(arrival.topic);
    if (before !== undefined && compareStamps(arrival.stamp, before.stamp) <= 0) continue;
    newest.delete(arrival.topic);
    newest.set(arrival.topic, arrival);
  }
  return [...newest.values()];
}
