import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog, Fleet, FleetStatus, FleetSummary } from "../api.ts";
import type { MqttListener } from "../mqtt/client.ts";
import type { MqttMessage, MqttSession } from "../mqtt/session.ts";
import { CatchUp } from "./catch-up.ts";
import { maxBytes } from "./documents.ts";
import type { FleetMessage, Inbox } from "./inbox.ts";
import { readNewer } from "./intake.ts";
import type { Ledger } from "./ledger.ts";
import type { LocalWriter } from "./local-writer.ts";
import type { Membership } from "./membership.ts";
import type { OtherDoors } from "./other-doors.ts";
import type { FleetRefusals } from "./refusals.ts";
import { reportDoors } from "./report.ts";
import type { Republisher } from "./republisher.ts";
import type { RootHistory } from "./root-history.ts";
import type { Roster } from "./roster.ts";
import type { RosterKeeper } from "./roster-keeper.ts";
import type { Serial } from "./serial.ts";
import type { FleetStore } from "./store.ts";
import type { SyncState } from "./sync-state.ts";
import type { FleetTopics } from "./topics.ts";
import type { FleetView } from "./view.ts";
import type { DoorVoice } from "./voice.ts";

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
  readonly writer: LocalWriter;
  readonly republisher: Republisher;
  readonly roster: RosterKeeper;
  readonly inbox: Inbox;
  readonly serial: Serial;
  readonly refusals: FleetRefusals;
  readonly store: FleetStore;
  readonly events: Pick<EventLog, "append" | "subscribe">;
  readonly timers: Timers;
  readonly logger: Logger;
}

const tickMs = 500;
/** In ticks: how often a door that has caught up looks whether it still stands with the others, or asks the broker again. */
const lookEvery = 15;
const askAgainEvery = 60;

/** One door in its fleet: keeps its people in step with the records at the broker, and says how it stands. */
export class FleetService implements MqttListener, Fleet {
  readonly #parts: FleetServiceParts;
  readonly #catchUp: CatchUp;
  #session: MqttSession | undefined;
  #ticks = 0;
  #isDraining = false;
  #callOff: () => void = () => {};

  constructor(parts: FleetServiceParts) {
    this.#parts = parts;
    this.#catchUp = new CatchUp({
      ...parts,
      isMember: () => parts.membership.roster !== null,
      settled: (session) => this.#settled(session),
    });
  }

  start(): void {
    const { ledger, others, sync, voice, writer, serial, membership } = this.#parts;
    ledger.start();
    others.start();
    sync.start();
    voice.start();
    writer.start();
    void serial.run(async () => {
      await membership.start();
      if (membership.roster) this.#parts.writer.use(membership.roster);
    });
    this.#tick();
  }

  async stop(): Promise<void> {
    this.lost();
    this.#callOff();
    this.#parts.writer.stop();
    await this.#parts.serial.idle();
  }

  isListTrusted(): boolean {
    return this.#parts.sync.isListTrusted();
  }

  async connected(session: MqttSession): Promise<void> {
    const { sync, others, republisher, roster, view, inbox, logger } = this.#parts;
    this.#session = session;
    inbox.clear();
    others.connected();
    sync.connected();
    roster.connected(session);
    republisher.connected(
      session,
      [...view.entries()].map(([topic]) => topic),
    );
    try {
      await this.#catchUp.connected(session);
    } catch (error) {
      logger.error({ error: errorText(error) }, "fleet not subscribed: nobody new becomes known");
    }
  }

  lost(): void {
    const { sync, republisher, roster, voice, inbox } = this.#parts;
    this.#session = undefined;
    this.#catchUp.lost();
    this.#parts.writer.lost();
    inbox.clear();
    roster.lost();
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
    const { serial, membership, roster } = this.#parts;
    return serial.run(async () => {
      const outcome = await membership.offer(jws.trim());
      if (outcome.is === "refused") {
        throw new LintelError("LINTEL_E_REQUEST", `this roster does not count: ${outcome.reason}`, {
          hint: "take the newest one of the site whose owner is named as fleet.owner",
        });
      }
      if (outcome.is === "newer") this.#adopted();
      await roster.give();
      const { version } = membership;
      return { version, doors: membership.roster?.doors ?? [], isMember: membership.roster !== null };
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
    const { serial, membership, others, view, history, store, self } = this.#parts;
    return serial.run(async () => {
      const { roster } = membership;
      if (roster) await others.open(roster);
      const doors = (roster?.doors ?? []).filter((id) => id !== self);
      const report = reportDoors({
        doors: doors.map((id) => ({ id, writes: roster?.writes(id) === true })),
        said: roster ? others.known(roster) : [],
        ...{ view, history, store },
      });
      return { door: self, ...this.summary, waiting: store.topicsIn("waiting").length, ...report };
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
    const { membership, others, ledger, sync, voice, writer } = this.#parts;
    for (const { kind, payload } of batch) if (kind === "roster") await this.#offered(payload);
    const { roster } = membership;
    if (roster === null) return;
    for (const { kind, id, payload } of batch) if (kind === "door") others.received(id, payload, roster);
    const arrivals = await readNewer(batch, roster, this.#parts);
    // What was changed here came first: it must not be taken for unchanged and overwritten.
    await writer.writeChanges();
    const writers = arrivals.map(({ stamp }) => stamp.door);
    const isWriterNew = writers.some((door) => !this.#parts.view.authors.has(door));
    if (sync.isCaughtUp && isWriterNew) await sync.judge(roster, writers);
    await ledger.take(arrivals, sync.isCaughtUp);
    if (!sync.isCaughtUp) await this.#judge(roster);
    else if (arrivals.length > 0) voice.confirm();
  }

  async #offered(payload: Uint8Array): Promise<void> {
    const { membership, refusals, roster } = this.#parts;
    const jws = Buffer.from(payload).toString("latin1").trim();
    const outcome = await membership.offer(jws);
    roster.saw(jws);
    if (outcome.is === "newer") this.#adopted();
    if (outcome.is !== "refused") return;
    refusals.add("roster", outcome.reason);
    roster.giveLater();
  }

  // --- internal: where the door stands ---

  /** A newer roster: doors may have gone, with what they could read and write. */
  #adopted(): void {
    const { membership, events, site, republisher, view, self, sync, writer } = this.#parts;
    const { roster, version } = membership;
    events.append("updated", { fleet: site, change: "roster", version, isMember: roster !== null });
    if (roster === null) {
      sync.fallBehind();
      return;
    }
    writer.use(roster);
    // Sealed anew with the newest key by whoever wrote it.
    for (const [topic, { door }] of view.entries()) if (door === self) republisher.need(topic);
    this.#catchUp.begin();
  }

  #settled(session: MqttSession): void {
    const { sync, republisher, voice } = this.#parts;
    sync.settled();
    republisher.settled();
    void this.#parts.roster.give();
    voice.connected(session);
    this.#lookNow();
    this.#parts.writer.takeOrphansLater();
  }

  async #judge(roster: Roster): Promise<void> {
    const { sync, ledger, voice, events, site, view } = this.#parts;
    await sync.judge(roster);
    if (!sync.isCaughtUp) return;
    const session = this.#session;
    await ledger.releaseWaiting(() => sync.isCaughtUp && this.#session === session);
    events.append("updated", { fleet: site, change: "caught-up", people: view.size - view.removed });
    this.#catchUp.succeeded();
    voice.confirm();
  }

  #tick(): void {
    this.#callOff = this.#parts.timers.after(tickMs, () => this.#tick());
    this.#ticks += 1;
    const { membership, sync } = this.#parts;
    if (membership.roster === null) return;
    if (!sync.isCaughtUp && this.#ticks % askAgainEvery === 0) this.#catchUp.begin();
    if (sync.isSettled) this.#lookNow();
  }

  #lookNow(): void {
    const { serial, logger } = this.#parts;
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
      this.#catchUp.begin();
    }
  }
}
