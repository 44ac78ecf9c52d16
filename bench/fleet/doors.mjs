// Some doors of a fleet in one process: control planes with database, event log, gallery, outbox and fleet, without vision,
// guard and pages. Told what to do by its parent.
import { mkdirSync } from "node:fs";
import { systemClock } from "../../dist/core/clock.js";
import { seededRandom } from "../../dist/core/random.js";
import { systemTimers } from "../../dist/core/timers.js";
import { loadConfig } from "../../dist/daemon/config/load.js";
import { openHouse } from "../../dist/daemon/house.js";
import { MqttService } from "../../dist/daemon/mqtt/service.js";
import { Dispatcher } from "../../dist/daemon/requests/dispatch.js";
import { RefusalLog } from "../../dist/daemon/requests/refusal-log.js";
import { silentLogger } from "../lib/setting.mjs";
import { somebody } from "./people.mjs";

const nowMs = () => systemClock.nowMs();
const doors = new Map();

const work = { open, enrol, remove, until: untilAll, traffic, state, close };

// The parent is gone: so is the measurement.
process.on("disconnect", () => process.exit());
process.on("message", async ({ id, name, data }) => {
  try {
    process.send({ id, answer: await work[name](data) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});

/** Opens a door on its state directory and connects it. */
async function open({ door, folder, url, site, owner, configFile, roster, isTimed = false }) {
  mkdirSync(folder, { recursive: true });
  const environment = {
    LINTEL__stateDirectory: folder,
    LINTEL__door__id: door,
    LINTEL__mqtt__url: url,
    LINTEL__fleet__site: site,
    LINTEL__fleet__owner: owner,
  };
  const config = loadConfig(configFile, environment);
  const deps = { clock: systemClock, timers: systemTimers, random: seededRandom(door.length), logger: silentLogger };
  const house = openHouse({ ...deps, config, environment: {}, analyser: { analyse: () => Promise.reject() } });
  const fleet = house.openFleet({ ...deps, isClockTrusted: () => true });
  if (roster !== undefined) await fleet.adoptRoster(roster);
  const state = { lock: "locked", contact: "closed", mode: "normal", alarms: [], alarmDetails: [], since: "" };
  const standIn = { state, subscribe: () => () => {} };
  const context = { people: house.people, door: standIn, events: house.events, health: () => ({ ok: true }) };
  const refusals = new RefusalLog({ ...deps, events: house.events });
  const mqtt = new MqttService({
    ...deps,
    ...{ config: config.mqtt, doorId: door, context, refusals, signed: undefined, cursor: house.mqttCursor },
    dispatcher: new Dispatcher({ ...deps, context, refusals }),
    listeners: [fleet],
    info: () => ({}),
  });
  const startedMs = nowMs();
  await mqtt.start();
  doors.set(door, { house, fleet, mqtt });
  if (!isTimed) return null;
  while (fleet.summary.state !== "caught-up" || house.people.gallery.people < fleet.summary.people) await pause(10);
  return nowMs() - startedMs;
}

/** People `from` to `to`, as after photographs that were taken. Gives the time on the clock of the whole machine. */
function enrol({ door, from, to }) {
  const { house } = doors.get(door);
  const atMs = nowMs();
  for (let n = from; n < to; n++) house.people.replace(somebody(n), "bench", () => {});
  return atMs;
}

async function remove({ door, id }) {
  const atMs = nowMs();
  await doors.get(door).house.people.remove(id, "bench");
  return atMs;
}

/** When the last door of this process had that person, or had them no more; on the clock of the whole machine. */
async function untilAll({ person, isThere }) {
  const times = await Promise.all([...doors.values()].map(({ house }) => until(house, { person, isThere })));
  return Math.max(...times);
}

/** A door says so by an event once the change is made. */
function until({ people, events }, { person, isThere }) {
  return new Promise((resolve) => {
    const isSo = () => (people.get(person) !== undefined) === isThere;
    if (isSo()) return resolve(nowMs());
    const end = events.subscribe(() => {
      if (!isSo()) return;
      end();
      resolve(nowMs());
    });
  });
}

/** Events that have nothing to do with people: so many a second at each door, evenly spread. */
function traffic({ perSecond }) {
  for (const { house } of doors.values()) {
    const say = () => house.events.append("rex");
    setTimeout(() => setInterval(say, 1000 / perSecond), Math.random() * (1000 / perSecond));
  }
  return null;
}

function state() {
  return [...doors].map(([door, { house, fleet }]) => {
    const { root, state: standing, notAtBroker } = fleet.summary;
    return {
      door,
      root,
      state: standing,
      notAtBroker,
      known: house.people.list().length,
      rss: process.memoryUsage.rss(),
    };
  });
}

async function close({ door }) {
  const { house, fleet, mqtt } = doors.get(door);
  doors.delete(door);
  await mqtt.stop();
  await fleet.stop();
  house.close();
  return null;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
