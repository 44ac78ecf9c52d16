import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog } from "../api.ts";
import { RefusalLog } from "../requests/refusal-log.ts";
import type { PeopleStore } from "../store/people-store.ts";
import type { Sqlite } from "../store/sqlite.ts";
import type { FleetConfig } from "./config.ts";
import { type DoorKeyPlace, type DoorKeys, openDoorKeys } from "./door-keys.ts";
import { FleetService } from "./fleet-service.ts";
import { Inbox } from "./inbox.ts";
import { type FleetPeople, Ledger } from "./ledger.ts";
import { LocalWriter } from "./local-writer.ts";
import { Membership } from "./membership.ts";
import { OtherDoors } from "./other-doors.ts";
import { FleetRefusals } from "./refusals.ts";
import { Republisher } from "./republisher.ts";
import { RootHistory } from "./root-history.ts";
import { RosterKeeper } from "./roster-keeper.ts";
import { Serial } from "./serial.ts";
import { FleetStore } from "./store.ts";
import { SyncState } from "./sync-state.ts";
import { fleetTopics } from "./topics.ts";
import { FleetView } from "./view.ts";
import { DoorVoice } from "./voice.ts";

export interface FleetOptions {
  readonly config: FleetConfig;
  readonly doorId: string;
  readonly place: Omit<DoorKeyPlace, "keyFile">;
  readonly db: Sqlite;
  readonly people: FleetPeople;
  readonly templates: Pick<PeopleStore, "describeTemplates">;
  readonly requireConsent: boolean;
  readonly events: EventLog;
  isClockTrusted(): boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** The fleet of the configuration; undefined for a door that stands alone. Throws `LINTEL_E_KEY_MISSING` for unusable keys. */
export function openFleet(options: FleetOptions): FleetService | undefined {
  const { config, place } = options;
  const { site, owner } = config;
  if (site === undefined || owner === undefined) return undefined;
  const logger = options.logger.child({ component: "fleet" });
  const { file, isNew, ...keys } = openDoorKeys({ ...place, keyFile: config.keyFile });
  if (isNew) logger.warn({ file }, "new fleet keys made: show them to the owner with lintel fleet join");
  const service = assemble({ ...options, logger }, { site, owner, keys });
  service.start();
  return service;
}

// --- internal ---

function assemble(
  options: FleetOptions,
  { site, owner, keys }: { site: string; owner: string; keys: DoorKeys },
): FleetService {
  const { config, doorId: self, db, people, templates, events, clock, timers, random, logger } = options;
  const store = storeOf(db, site);
  const { signKey } = keys;
  const view = new FleetView();
  const history = new RootHistory(store);
  const topics = fleetTopics(site);
  const serial = new Serial();
  const trustedNowMs = () => (options.isClockTrusted() ? clock.date().getTime() : null);
  const refusals = new FleetRefusals(new RefusalLog({ events, clock, logger }));
  const membership = new Membership({ site, owner, door: self, keys, store, logger });
  const takes = takesBy(config.groups, options.requireConsent);
  const ledger = new Ledger({ site, self, signKey, store, db, view, history, people, templates, takes, logger });
  const others = new OtherDoors({ site, self, store, db, refusals, trustedNowMs });
  const windowMs = config.trustOldListHours * 3_600_000;
  const sync = new SyncState({ self, view, history, others, store, clock, trustedNowMs, windowMs });
  const republisher = new Republisher({
    ...{ topic: topics.person, serial, clock, timers, random, logger },
    messageFor: (topicId) => ledger.messageFor(topicId),
    isOwn: (topicId) => view.get(topicId)?.door === self,
  });
  const voice = new DoorVoice({
    ...{ site, self, topic: topics.door(self), signKey, membership, sync, view, history, store, db },
    ...{ serial, clock, timers, random, logger },
  });
  const roster = new RosterKeeper({ topic: topics.roster, membership, timers, random, logger });
  const writer = new LocalWriter({
    ledger,
    membership,
    republisher,
    sync,
    voice,
    serial,
    events,
    timers,
    random,
    logger,
  });
  const inbox = new Inbox({ clock, timers });
  const parts = {
    site,
    self,
    topics,
    membership,
    ledger,
    view,
    history,
    others,
    sync,
    voice,
    writer,
    republisher,
    roster,
  };
  return new FleetService({ ...parts, inbox, serial, refusals, store, events, timers, logger });
}

/** The records of a site that the door belonged to before mean nothing in this one. */
function storeOf(db: Sqlite, site: string): FleetStore {
  const store = new FleetStore(db);
  const before = store.state("site");
  if (before !== undefined && before !== site) store.forgetAll();
  store.setState("site", site);
  return store;
}

function takesBy(groups: readonly string[] | undefined, requireConsent: boolean) {
  return (person: { readonly groups: readonly string[]; readonly consent: string | null }) => {
    if (requireConsent && person.consent === null) return false;
    return groups === undefined || person.groups.some((group) => groups.includes(group));
  };
}
