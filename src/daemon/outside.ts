import { wiredInputs } from "../hal/gpio/table.ts";
import type { AccessService } from "./access/service.ts";
import type { Health, LiveEnrolment } from "./api.ts";
import type { AppOptions } from "./app.ts";
import type { OpenArt } from "./art/open-art.ts";
import type { DoorDesk } from "./challenge/open-challenge.ts";
import type { ClockTrust } from "./clock-trust.ts";
import { ControlSocket } from "./control-socket.ts";
import { CronWindow } from "./cron-window.ts";
import type { DisplayBoard } from "./display-board.ts";
import type { FleetService } from "./fleet/fleet-service.ts";
import type { House } from "./house.ts";
import type { OpenInterlock } from "./interlock/open-interlock.ts";
import { SignedRequests } from "./keys/signed-requests.ts";
import { ArtTopics } from "./mqtt/art-topics.ts";
import { FactorTopics } from "./mqtt/factor-topics.ts";
import { openHomeAssistant } from "./mqtt/home-assistant/open-home-assistant.ts";
import { MqttService } from "./mqtt/service.ts";
import { topicsOf } from "./mqtt/topics.ts";
import type { Aim } from "./operations/aim.ts";
import { openOperations } from "./operations/open-operations.ts";
import type { ExpiredPeople } from "./people/expired-people.ts";
import { publicConfig } from "./public-config.ts";
import { Dispatcher } from "./requests/dispatch.ts";
import { RefusalLog } from "./requests/refusal-log.ts";
import type { Running } from "./running.ts";
import type { VisionLink } from "./vision-link.ts";
import { LobbyBoard } from "./web/lobby-board.ts";
import { startWeb, type Web } from "./web/server.ts";

/** What the parts that face the outside stand on. */
export interface Inside {
  readonly house: House;
  readonly access: AccessService;
  readonly fleet: FleetService | undefined;
  readonly interlock: OpenInterlock;
  readonly board: DisplayBoard;
  readonly desk: DoorDesk;
  readonly enrolment: LiveEnrolment;
  readonly aim: Aim;
  readonly vision: VisionLink;
  readonly clockTrust: ClockTrust;
  readonly expiredPeople: ExpiredPeople;
  readonly art: OpenArt;
  readonly running: Running;
}

/** Pages, requests from this machine, requests and events over MQTT. */
export async function startOutside(
  options: AppOptions,
  {
    house,
    access,
    fleet,
    interlock,
    board,
    desk,
    enrolment,
    aim,
    vision,
    clockTrust,
    expiredPeople,
    art,
    running,
  }: Inside,
): Promise<{ web: Web; mqtt: MqttService; health: () => Health }> {
  const { config, clock, random, timers, logger } = options;
  const { people, events, keys } = house;
  const { door, otherDoors } = interlock;
  const blank = config.lobby.blank && new CronWindow(config.lobby.blank, config.access.timeZone);
  const lobby = new LobbyBoard({ ...config.lobby, blank, events, people, wall: art.wall, timers });
  lobby.start();
  running.add("lobby", () => lobby.stop());
  const { host, port } = config.lobby;
  const webLogger = logger.child({ component: "web" });
  const web = await startWeb({ host, port, display: board, desk, lobby, logger: webLogger, allowOtherPort: false });
  running.add("pages", () => web.stop());

  const health = (): Health => {
    const { isReady, camera, cameraProblem, fps, latencyMs, engine } = vision.status;
    return {
      ok: isReady && camera === "ok" && cameraProblem === null && door.state.lock !== "unknown",
      version: options.version,
      lock: door.state.lock,
      vision: { isReady, camera, cameraProblem, fps, latencyMs, engine },
      people: people.list().length,
      threshold: people.gallery.threshold,
      mqtt: { isConnected: mqtt.isConnected, ...mqtt.delivery, waiting: waitingForBroker() },
      expiredPeople: expiredPeople.status,
      audit: house.audit.status,
      ...(fleet === undefined ? {} : { fleet: fleet.summary }),
      art: art.art.state,
    };
  };
  const waitingForBroker = () => Math.max(0, house.audit.status.seq - mqtt.delivery.deliveredSeq);
  const context = {
    people,
    enrolment,
    access,
    door,
    otherDoors,
    fleet,
    events,
    audit: house.audit,
    keys,
    calibration: house.calibration,
    adaptation: house.adaptation,
    art: art.art,
    health,
    publicConfig: () => publicConfig(config),
    restart: options.onRestart,
  };
  const refusals = new RefusalLog({ events, clock, logger });
  const dispatcher = new Dispatcher({ context, refusals, clock, logger: logger.child({ component: "requests" }) });
  const artTopics = new ArtTopics({ topics: topicsOf(config.door.id), ...art, timers, logger });
  artTopics.start();
  running.add("art topics", () => artTopics.stop());
  const mqtt: MqttService = new MqttService({
    config: config.mqtt,
    doorId: config.door.id,
    context,
    dispatcher,
    refusals,
    signed: new SignedRequests({
      doorId: config.door.id,
      keys,
      clock,
      isClockTrusted: () => clockTrust.isClockTrusted(),
    }),
    cursor: house.mqttCursor,
    listeners: [
      new FactorTopics({
        topics: { presence: config.access.presenceTopic, badge: config.access.badgeTopic },
        factors: access,
        logger: logger.child({ component: "second-factors" }),
      }),
      ...(otherDoors === undefined ? [] : [otherDoors]),
      ...(fleet === undefined ? [] : [fleet]),
      artTopics,
      openHomeAssistant({
        ...{ config: config.mqtt, doorId: config.door.id, version: options.version, hasPicture: art.art.state.isOn },
        ...{ wiredInputs: wiredInputs(config.gpio), announcedOn: house.homeAssistantTopic, timers, random, logger },
      }),
    ],
    info: () => ({ version: options.version, config: publicConfig(config), models: vision.status.models }),
    clock,
    random,
    logger,
    credentialsDirectory: options.environment.CREDENTIALS_DIRECTORY,
  });
  running.add("mqtt", () => mqtt.stop());
  await mqtt.start();

  const { stateDirectory, operations } = config;
  const page = await openOperations(
    { stateDirectory, credentialsDirectory: options.environment.CREDENTIALS_DIRECTORY, port: operations.port },
    { dispatcher, events, door, aim, health, clock, logger: logger.child({ component: "operations" }) },
  );
  running.add("operations page", () => page.stop());

  // Last: whoever asks for the daemon's health over it finds every part there.
  const control = new ControlSocket({ stateDirectory: config.stateDirectory, dispatcher, logger });
  running.add("control socket", () => control.stop());
  await control.start();
  return { web, mqtt, health };
}
