import type { AccessService } from "./access/service.ts";
import type { Health } from "./api.ts";
import type { AppOptions } from "./app.ts";
import type { ClockTrust } from "./clock-trust.ts";
import { ControlSocket } from "./control-socket.ts";
import type { DisplayBoard } from "./display-board.ts";
import type { House } from "./house.ts";
import type { OpenInterlock } from "./interlock/open-interlock.ts";
import { SignedRequests } from "./keys/signed-requests.ts";
import { FactorTopics } from "./mqtt/factor-topics.ts";
import { MqttService } from "./mqtt/service.ts";
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
  readonly interlock: OpenInterlock;
  readonly board: DisplayBoard;
  readonly vision: VisionLink;
  readonly clockTrust: ClockTrust;
  readonly expiredPeople: ExpiredPeople;
  readonly running: Running;
}

/** Pages, requests from this machine, requests and events over MQTT. */
export async function startOutside(
  options: AppOptions,
  { house, access, interlock, board, vision, clockTrust, expiredPeople, running }: Inside,
): Promise<{ web: Web; mqtt: MqttService; health: () => Health }> {
  const { config, clock, random, timers, logger } = options;
  const { people, events, keys } = house;
  const { door, otherDoors } = interlock;
  const lobby = new LobbyBoard({ events, people, greet: config.lobby.greet, timers });
  lobby.start();
  running.add("lobby", () => lobby.stop());
  const { host, port } = config.lobby;
  const webLogger = logger.child({ component: "web" });
  const web = await startWeb({ host, port, display: board, lobby, logger: webLogger, allowOtherPort: false });
  running.add("pages", () => web.stop());

  const health = (): Health => {
    const { isReady, camera, fps, latencyMs, engine } = vision.status;
    return {
      ok: isReady && camera === "ok" && door.state.lock !== "unknown",
      version: options.version,
      lock: door.state.lock,
      vision: { isReady, camera, fps, latencyMs, engine },
      people: people.list().length,
      threshold: people.gallery.threshold,
      mqtt: { isConnected: mqtt.isConnected },
      expiredPeople: expiredPeople.status,
      audit: house.audit.status,
    };
  };
  const context = {
    people,
    access,
    door,
    otherDoors,
    events,
    audit: house.audit,
    keys,
    health,
    publicConfig: () => publicConfig(config),
    restart: options.onRestart,
  };
  const refusals = new RefusalLog({ events, clock, logger });
  const dispatcher = new Dispatcher({ context, refusals, clock, logger: logger.child({ component: "requests" }) });
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
    ],
    info: () => ({ version: options.version, config: publicConfig(config), models: vision.status.models }),
    clock,
    random,
    logger,
    credentialsDirectory: options.environment.CREDENTIALS_DIRECTORY,
  });
  running.add("mqtt", () => mqtt.stop());
  await mqtt.start();

  // Last: whoever asks for the daemon's health over it finds every part there.
  const control = new ControlSocket({ stateDirectory: config.stateDirectory, dispatcher, logger });
  running.add("control socket", () => control.stop());
  await control.start();
  return { web, mqtt, health };
}
