import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { Timers } from "../core/timers.ts";
import type { Sighting } from "../vision/protocol.ts";
import { Admission } from "./admission/admission.ts";
import { InOrder } from "./admission/in-order.ts";
import type { Health } from "./api.ts";
import { openArt } from "./art/open-art.ts";
import { openChallenge } from "./challenge/open-challenge.ts";
import { requireNetworksOfLevel } from "./challenge/strict.ts";
import { ClockTrust } from "./clock-trust.ts";
import type { LintelConfig } from "./config/schema.ts";
import { DisplayBoard } from "./display-board.ts";
import { configuredRules } from "./door/config.ts";
import { createDoor, type DoorWithGuard } from "./door/create-door.ts";
import { doorRules } from "./door/machine.ts";
import { DoorEnrolment } from "./enrolment/service.ts";
import { judgeWithFreshList } from "./fleet/guard.ts";
import { openHouse } from "./house.ts";
import { openInterlock } from "./interlock/open-interlock.ts";
import { Aim } from "./operations/aim.ts";
import { startOutside } from "./outside.ts";
import { ExpiredPeople } from "./people/expired-people.ts";
import { createPhotoAnalyser } from "./photo-process.ts";
import { Running } from "./running.ts";
import type { Vitals } from "./service/verdict.ts";
import { type AimPicture, VisionLink } from "./vision-link.ts";
import { photoSettingsOf, visionSettingsOf } from "./vision-settings.ts";

export interface AppOptions {
  readonly config: LintelConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Asked for by a request: end, so that the supervisor starts us again. */
  onRestart(): void;
}

export interface RunningApp {
  readonly webPort: number;
  readonly mqttUrl: string | undefined;
  health(): Health;
  /** What the parts said of themselves, for the service manager's watchdog. */
  vitals(): Vitals;
  /** Locks the door first, then ends everything in the reverse order of the start. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * The control plane, put together. This is the start order in prose; nothing else in the daemon makes a part of another
 * room. Whatever fails on the way ends what was started before it and is thrown.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { config, clock, timers, logger } = options;
  const running = new Running(logger);
  try {
    await requireNetworksOfLevel(config);

    // Photographs are looked at by a process of their own; none is started before the first one comes.
    const analyser = createPhotoAnalyser(photoSettingsOf(config), {
      ...{ socketPath: config.vision.photosSocket, logger, clock, timers },
    });
    running.add("photographs", () => analyser.stop());

    // The state directory is ours alone from here on: two daemons on one door would fight over it.
    const house = openHouse({ ...options, analyser });
    running.add("database", () => house.close());

    // The relay is safe before any network, model or page is touched.
    const { events } = house;
    const doorParts = { gpio: config.gpio, rules: rulesOf(config), carriedOver: house.doorBefore };
    const door = createDoor({ ...doorParts, events, logger, clock, timers });
    running.add("door", () => door.stop());
    door.start();

    // Where other doors must be shut meanwhile, nothing but the guard and the exit button gets past them.
    const interlock = openInterlock({ config, door: door.door, events, clock, timers, logger });
    running.add("interlock", () => interlock.stop());

    // Whether the time of day counts: until the system vouches for it nothing that depends on it is granted.
    const clockTrust = new ClockTrust({ ...options, ...config.clock, events, newestEventTime: house.newestEventTime });
    running.add("clock", () => clockTrust.stop());
    clockTrust.start();

    // Events older than privacy.eventRetentionDays go, under a signed checkpoint.
    house.audit.start(() => clockTrust.isClockTrusted());
    running.add("audit log", () => house.audit.stop());

    // The threshold follows the gallery.
    house.calibration.start();
    running.add("calibration", () => house.calibration.stop());

    // How near people's entries are to their pictures, summed up by month.
    house.visits.start();
    running.add("visits", () => house.visits.stop());

    // Further templates from visits, where that is switched on.
    house.adaptation.start(() => clockTrust.isClockTrusted());
    running.add("adaptation", () => house.adaptation.stop());

    const access = house.openAccess(clockTrust);
    running.add("access", () => access.stop());

    // Doors of one site know the same people; one that was cut off for long trusts its list no more.
    const fleet = house.openFleet({
      isClockTrusted: () => clockTrust.isClockTrusted(),
      random: options.random,
      timers,
    });
    running.add("fleet", () => fleet?.stop());

    // People whose time is over are forgotten, where the configuration says so.
    const expiredPeople = new ExpiredPeople({
      ...{ people: house.people, afterDays: config.privacy.removeExpiredAfterDays, clock, timers, logger },
      isClockTrusted: () => clockTrust.isClockTrusted(),
    });
    running.add("expired people", () => expiredPeople.stop());
    expiredPeople.start();
    if (config.door.passageSchedule !== undefined) {
      const passage = access.passageTime(config.door.passageSchedule);
      door.door.follow({ isPassageTime: (at) => (access.isClockTrusted() ? passage.isPassageTime(at) : null) });
    }

    // The screen beside the door, and the judge of who may pass.
    const board = new DisplayBoard({ clock, timers });
    running.add("display", () => board.stop());
    const challenge = openChallenge(options, { board, command: (command) => vision.command(command) });
    running.add("challenge", () => challenge.stop());
    const admission: Admission = new Admission({
      clock,
      logger: logger.child({ component: "admission" }),
      policy: policyOf(config),
      recogniser: house.people,
      people: house.people,
      access: fleet === undefined ? access : judgeWithFreshList(access, fleet),
      door: interlock.door,
      otherDoors: interlock.otherDoors,
      challenges: challenge.challenges,
      events,
      board,
      greet: config.lobby.greet,
      command: (command) => vision.command(command),
    });

    access.onBadge((reading) => admission.badgeRead(reading));

    // Whoever is being enrolled at the door is not judged meanwhile; everybody else is.
    const enrolment = new DoorEnrolment({
      ...{ admission, people: house.people, events, board, clock, timers },
      rules: { minFaceWidthPx: config.door.minFaceWidthPx, requiresLiveness: config.liveness.level !== "off" },
      challenges: challenge.challenges,
      command: (command) => vision.command(command),
    });
    running.add("enrolment", () => void enrolment.cancel());

    // Pictures for the lobby, painted while nobody is at the door.
    const art = openArt({ ...options, db: house.db, analyser });
    running.add("art", () => art.stop());

    // Eyes. They may come and go from now on.
    const listener = {
      sighted: (sighting: Sighting) => {
        enrolment.sighted(sighting);
        house.adaptation.sighted(sighting);
        art.sighted();
      },
      trackEnded: (trackId: number) => {
        enrolment.trackEnded(trackId);
        house.adaptation.trackEnded(trackId);
      },
      reset: () => {
        enrolment.reset();
        house.adaptation.reset();
      },
    };
    const aim = new Aim({ events, clock, timers, command: (command) => vision.command(command) });
    running.add("aim", () => aim.stop());
    const onAim = (picture: AimPicture) => aim.show(picture);
    // In a large gallery another thread looks ahead; who waits for it keeps the order.
    const inOrder = new InOrder({ listener, people: house, logger: logger.child({ component: "admission" }) });
    const vision = new VisionLink({
      ...{ config: visionSettingsOf(config), socketPath: config.vision.socket, listener: inOrder, onAim },
      ...{ clock, timers, logger },
    });
    running.add("vision", () => vision.stop());
    vision.start();

    // Everything that talks to people and programs outside.
    const outside = await startOutside(options, {
      house,
      access,
      fleet,
      interlock,
      board,
      desk: challenge.desk,
      enrolment,
      aim,
      vision,
      clockTrust,
      expiredPeople,
      art,
      running,
    });
    art.start();
    events.append("started", { version: options.version, people: house.people.list().length });
    logger.info({ door: config.door.id, web: outside.web.port, mqtt: outside.mqtt.url }, "started");
    return {
      webPort: outside.web.port,
      mqttUrl: outside.mqtt.url,
      health: outside.health,
      vitals: () => vitalsOf(door, vision),
      stop: () => {
        door.door.stop();
        return running.stop();
      },
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

// --- internal ---

function vitalsOf(door: DoorWithGuard, vision: VisionLink): Vitals {
  return {
    guard: { isUp: door.guard.isUp, readBackMs: door.readBackMs, sinceMs: door.guardStartedMs },
    vision: { ...vision.status, sinceMs: vision.startedMs },
  };
}

function rulesOf(config: LintelConfig) {
  const rules = configuredRules(config.door);
  // A button that waits for the other doors is answered by the interlock; the door itself then only excuses the opening.
  return doorRules(
    config.interlock.requestToExit === "obeys" && config.interlock.doors.length > 0
      ? { ...rules, rexOpens: false }
      : rules,
  );
}

function policyOf({ door, liveness, access }: LintelConfig) {
  return {
    minFaceWidthPx: door.minFaceWidthPx,
    maxYawDeg: door.maxYawDeg,
    intentMs: door.intentMs,
    area: door.area ?? null,
    restMs: door.restSeconds * 1000,
    factorWaitMs: access.badgeAfterSeconds * 1000,
    requiresLiveness: liveness.level !== "off",
  };
}
