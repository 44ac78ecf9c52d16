import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog, Fleet, FleetStatus, FleetSummary } from "../api.ts";
import type { MqttListener } from "../mqtt/client.ts";
import type { MqttMessage, MqttSession } from "../mqtt/session.ts";
import { maxBytes } from "./documents.ts";
import type { FleetMessage, Inbox } from "./inbox.ts";
import type { Ledger } from "./ledger.ts";
import { type LocalChange, LocalChanges } from "./local-changes.ts";
import type { Membership } from "./membership.ts";
import type { OtherDoors } from "./other-doors.ts";
import { type Arrival, readRecord } from "./record-reader.ts";
import type { FleetRefusals } from "./refusals.ts";
import { reportDoors } from "./report.ts";
import type { Republisher } from "./republisher.ts";
import type { RootHistory } from "./root-history.ts";
import type { Roster } from "./roster.ts";
import type { Serial } from "./serial.ts";
import type { FleetStore } from "./store.ts";
import type { SyncState } from "./sync-state.ts";
import type { FleetTopics } from "./topics.ts";
import type { FleetView } from "./view.ts";
import { confirmMs, type DoorVoice } from "./voice.ts";

export interface FleetServiceParts {
  readonly site: string;
  readonly self: string;
  readonly topics: FleetTopics;
  readonly membership: Membership;
  readonly ledger: Ledger;
  readonly view: FleetView;
  readonly history: RootHistory;
  readonly others: OtherDoors;
  readonly sync: SyncState;
  readonly voice: DoorVoice;
  readonly republisher: Republisher;
  readonly inbox: Inbox;
  readonly serial: Serial;
  readonly refusals: FleetRefusals;
  readonly store: FleetStore;
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const tickMs = 500;
/** In ticks: how often a door that has caught up looks whether it still stands with the others, or asks the broker again. */
const lookEvery = 15;
const askAgainEvery = 60;
/** How long nothing may come before the next part is asked for; longer each time in vain. */
const patienceMs = { least: 50, most: 1_600 };
/** Changes one after the other are told together. */
const ownChangeMs = 150;

/** One door in its fleet: keeps its people in step with the records at the broker, and says how it stands. */
export class FleetService implements MqttListener, Fleet {
  readonly #parts: FleetServiceParts;
  readonly #changes: LocalChanges;
  #session: MqttSession | undefined;
  #round = 0;
  #ticks = 0;
  #patienceMs = patienceMs.least;
  #isDraining = false;
  #hasSeenRoster = false;
  #callOff: () => void = () => {};
  #callOffOrphans: () => void = () => {};

  constructor(parts: FleetServiceParts) {
    this.#parts = parts;
    this.#changes = new LocalChanges((change) => this.#changed(change));
  }

  start(): void {
    const { ledger, others, sync, voice, serial, membership, events } = this.#parts;
    ledger.start();
    others.start();
    sync.start();
    voice.start();
    this.#changes.start(events);
    void serial.run(async () => {
      await membership.start();
      if (membership.roster) this.#join(membership.roster);
    });
    this.#tick();
  }

  async stop(): Promise<void> {
    this.lost();
    this.#callOff();
    this.#changes.stop();
    await this.#parts.serial.idle();
  }

  isListTrusted(): boolean {
    return this.#parts.sync.isListTrusted();
  }

  async connected(session: MqttSession): Promise<void> {
    const { sync, others, republisher, view, topics, inbox, logger } = this.#parts;
    this.#session = session;
    this.#patienceMs = patienceMs.least;
    this.#hasSeenRoster = false;
    inbox.clear();
    others.connected();
    sync.connected();
    republisher.connected(
      session,
      [...view.entries()].map(([topic]) => topic),
    );
    try {
      await session.subscribe(topics.roster);
      void this.#catchUp();
    } catch (error) {
      logger.error({ error: errorText(error) }, "fleet not subscribed: nobody new becomes known");
    }
  }

  lost(): void {
    const { sync, republisher, voice, inbox } = this.#parts;
    this.#session = undefined;
    this.#round += 1;
    this.#callOffOrphans();
    inbox.clear();
    republisher.lost();
    voice.lost();
    sync.lost();
  }

  message({ topic, payload }: MqttMessage): void {
    const { topics, inbox, refusals, membership, view, republisher } = this.#parts;
    const about = topics.read(topic);
    if (about === null) return;
    const { kind, id } = about;
    if (payload.length === 0) {
      // Somebody has cleared the broker's copy; what is known stays known.
      if (kind === "person" && view.get(id)) republisher.heal(id);
    } else if (payload.length > maxBytes[kind]) refusals.add(kind, "too-large");
    else if (kind !== "roster" && membership.roster === null) return;
    else if (inbox.add({ kind, id, payload })) void this.#drain();
    else refusals.add(kind, "busy");
  }

  /** The owner's next roster, by way of this machine. */
  adoptRoster(jws: string): Promise<{ version: number; doors: readonly string[]; isMember: boolean }> {
    const { serial, membership, topics } = this.#parts;
    return serial.run(async () => {
      const outcome = await membership.offer(jws.trim());
      if (outcome.is === "refused") {
        throw new LintelError("LINTEL_E_REQUEST", `this roster does not count: ${outcome.reason}`, {
          hint: "take the newest one of the site whose owner is named as fleet.owner",
        });
      }
      if (outcome.is === "newer") this.#adopted();
      else await this.#session?.publish(topics.roster, jws.trim(), { isRetained: true });
      const { roster, version } = membership;
      return { version, doors: roster?.doors ?? [], isMember: roster !== null };
    });
  }

  /** In short, for health. */
  get summary(): FleetSummary {
    const { site, membership, sync, view, republisher, refusals } = this.#parts;
    const state = membership.version === 0 ? "no-roster" : membership.roster === null ? "no-member" : sync.verdict;
    return {
      ...{ site, state, isListTrusted: sync.isListTrusted(), roster: membership.version },
      ...{ people: view.size - view.removed, removed: view.removed, root: view.root },
      provenAt: sync.provenAtMs === null ? null : new Date(sync.provenAtMs).toISOString(),
      ...{ notAtBroker: republisher.missing, refused: refusals.counts },
    };
  }

  /** Everything that is known about the fleet, the other doors among it. */
  status(): Promise<FleetStatus> {
    const { serial, membership, others, view, history, store, ledger, self } = this.#parts;
    return serial.run(async () => {
      const { roster } = membership;
      if (roster) await others.open(roster);
      const doors = (roster?.doors ?? []).filter((id) => id !== self);
      const report = reportDoors({
        doors: doors.map((id) => ({ id, writes: roster?.writes(id) === true })),
        said: roster ? others.known(roster) : [],
        ...{ view, history, store },
      });
      return { door: self, ...this.summary, waiting: ledger.waiting, ...report };
    });
  }

  // --- internal: what comes ---

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const { inbox, serial, logger, sync } = this.#parts;
    for (let batch = inbox.take(); batch.length > 0; batch = inbox.take()) {
      try {
        await serial.run(() => this.#work(batch));
      } catch (error) {
        logger.error({ error: errorText(error) }, "records of the fleet could not be taken in");
        sync.fallBehind();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isDraining = false;
  }

  async #work(batch: readonly FleetMessage[]): Promise<void> {
    const { membership, others, ledger, sync, voice } = this.#parts;
    for (const { kind, payload } of batch) if (kind === "roster") await this.#offered(payload);
    const { roster } = membership;
    if (roster === null) return;
    for (const { kind, id, payload } of batch) if (kind === "door") others.received(id, payload, roster);
    const arrivals = await this.#read(batch, roster);
    // What was changed here came first: it must not be taken for unchanged and overwritten.
    await this.#writeChanges();
    const writers = arrivals.map(({ stamp }) => stamp.door);
    const isWriterNew = writers.some((door) => !this.#parts.view.authors.has(door));
    if (sync.isCaughtUp && isWriterNew) await sync.judge(roster, writers);
    await ledger.take(arrivals, sync.isCaughtUp);
    if (!sync.isCaughtUp) await this.#judge(roster);
    else if (arrivals.length > 0) voice.confirm();
  }

  async #read(batch: readonly FleetMessage[], roster: Roster): Promise<Arrival[]> {
    const { site, view, refusals, republisher } = this.#parts;
    const records = batch.filter(({ kind }) => kind === "person");
    const read = await Promise.all(records.map(({ id, payload }) => readRecord(id, payload, { site, roster })));
    const newer: Arrival[] = [];
    for (const [i, answer] of read.entries()) {
      const id = records[i]?.id ?? "";
      const standing = answer.ok ? view.compare(id, answer.value.stamp) : answer.reason;
      if (standing === "newer" || standing === "same") republisher.seen(id);
      if (standing === "newer" && answer.ok) newer.push(answer.value);
      if (standing === "newer" || standing === "same") continue;
      refusals.add("person", standing);
      if (view.get(id)) republisher.heal(id);
    }
    return newer;
  }

  async #offered(payload: Uint8Array): Promise<void> {
    const { membership, refusals } = this.#parts;
    const outcome = await membership.offer(Buffer.from(payload).toString("latin1").trim());
    if (outcome.is === "refused") refusals.add("roster", outcome.reason);
    else this.#hasSeenRoster = true;
    if (outcome.is === "newer") this.#adopted();
  }

  // --- internal: what is changed here ---

  #changed({ id, wasRemoved }: LocalChange): void {
    const { membership, ledger, serial, logger } = this.#parts;
    if (membership.roster === null) return;
    ledger.noteLocal(id, wasRemoved);
    serial
      .run(() => this.#writeChanges())
      .catch((error) => logger.error({ error: errorText(error) }, "a change could not be told to other doors"));
  }

  async #writeChanges(): Promise<void> {
    const { ledger } = this.#parts;
    for (const { id, wasRemoved } of this.#changes.take()) {
      const topic = ledger.noteLocal(id, wasRemoved && !ledger.isHere(id));
      if (await ledger.writeLocal(topic, { wasRemoved })) this.#tell(topic);
    }
  }

  #tell(topic: string): void {
    const { republisher, sync, voice } = this.#parts;
    republisher.need(topic);
    if (!sync.isSettled) return;
    void republisher.give(topic);
    voice.sayIn(ownChangeMs);
  }

  // --- internal: where the door stands ---

  #join(roster: Roster): void {
    const { ledger, serial } = this.#parts;
    ledger.use(roster);
    for (const topic of ledger.unwritten()) {
      void serial.run(async () => {
        if (await ledger.writeLocal(topic)) this.#tell(topic);
      });
    }
  }

  /** A newer roster: doors may have gone, with what they could read and write. */
  #adopted(): void {
    const { membership, events, site, republisher, view, self, sync } = this.#parts;
    const { roster, version } = membership;
    events.append("updated", { fleet: site, change: "roster", version, isMember: roster !== null });
    if (roster === null) {
      sync.fallBehind();
      return;
    }
    this.#join(roster);
    // Sealed anew with the newest key by whoever wrote it.
    for (const [topic, { door }] of view.entries()) if (door === self) republisher.need(topic);
    if (this.#session) void this.#catchUp();
  }

  /** Asks the broker for everything it has kept, part by part, and then sees to it that it has what we have. */
  async #catchUp(): Promise<void> {
    const { topics, inbox, membership, sync, voice, republisher, logger } = this.#parts;
    const session = this.#session;
    this.#round += 1;
    const round = this.#round;
    const isOver = () => this.#round !== round || this.#session !== session;
    if (!session || !(await inbox.quiet(this.#patienceMs, isOver)) || membership.roster === null) return;
    try {
      await session.subscribe(topics.doorFilter);
      for (const filter of topics.personFilters) {
        if (isOver()) return;
        await session.subscribe(filter);
        if (!(await inbox.quiet(this.#patienceMs, isOver))) return;
      }
    } catch (error) {
      logger.debug({ error: errorText(error) }, "fleet: catching up was broken off");
      return;
    }
    this.#patienceMs = Math.min(this.#patienceMs * 2, patienceMs.most);
    sync.settled();
    republisher.settled();
    void this.#parts.serial.run(() => this.#look());
    this.#publishRoster(session);
    voice.connected(session);
    this.#takeOrphansLater();
  }

  #publishRoster(session: MqttSession): void {
    const { membership, topics, logger } = this.#parts;
    if (this.#hasSeenRoster || membership.jws === null) return;
    this.#hasSeenRoster = true;
    session
      .publish(topics.roster, membership.jws, { isRetained: true })
      .catch((error) => logger.warn({ error: errorText(error) }, "the broker does not take the roster"));
  }

  async #judge(roster: Roster): Promise<void> {
    const { sync, ledger, voice, events, site, view } = this.#parts;
    await sync.judge(roster);
    if (!sync.isCaughtUp) return;
    const session = this.#session;
    await ledger.releaseWaiting(() => sync.isCaughtUp && this.#session === session);
    events.append("updated", { fleet: site, change: "caught-up", people: view.size - view.removed });
    this.#patienceMs = patienceMs.least;
    voice.confirm();
  }

  #tick(): void {
    this.#callOff = this.#parts.timers.after(tickMs, () => this.#tick());
    this.#ticks += 1;
    const { membership, sync, serial, logger } = this.#parts;
    if (membership.roster === null) return;
    if (!sync.isCaughtUp && this.#session && this.#ticks % askAgainEvery === 0) void this.#catchUp();
    if (!sync.isSettled) return;
    serial
      .run(() => this.#look())
      .catch((error) => logger.error({ error: errorText(error) }, "fleet: could not look how the door stands"));
  }

  async #look(): Promise<void> {
    const { membership, sync, events, site } = this.#parts;
    const { roster } = membership;
    if (roster === null || !sync.isSettled) return;
    if (!sync.isCaughtUp) {
      await this.#judge(roster);
    } else if (this.#ticks % lookEvery === 0 && (await sync.hasFallenBehind(roster))) {
      sync.fallBehind();
      events.append("updated", { fleet: site, change: "behind" });
      void this.#catchUp();
    }
  }

  /** What a door has signed that is none of ours any more is signed anew by whoever comes first. */
  #takeOrphansLater(): void {
    const { timers, random, ledger, serial, membership } = this.#parts;
    this.#callOffOrphans();
    const delayMs = confirmMs.least + random() * (confirmMs.most - confirmMs.least);
    this.#callOffOrphans = timers.after(delayMs, () => {
      if (membership.roster === null) return;
      for (const topic of ledger.orphans()) {
        void serial.run(async () => {
          const isStill = ledger.isOrphan(topic);
          if (isStill && (await ledger.writeLocal(topic, { isForced: true }))) this.#tell(topic);
        });
      }
    });
  }
}
