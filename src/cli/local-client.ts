import { systemClock } from "../core/clock.ts";
import { errorCodes, LintelError } from "../core/errors.ts";
import { systemTimers } from "../core/timers.ts";
import type { Door } from "../daemon/api.ts";
import { loadConfig } from "../daemon/config/load.ts";
import type { LintelConfig } from "../daemon/config/schema.ts";
import { openHouse } from "../daemon/house.ts";
import { createLogger } from "../daemon/log.ts";
import { createPhotoAnalyser } from "../daemon/photo-process.ts";
import { publicConfig } from "../daemon/public-config.ts";
import { Dispatcher } from "../daemon/requests/dispatch.ts";
import { RefusalLog } from "../daemon/requests/refusal-log.ts";
import { photoSettingsOf } from "../daemon/vision-settings.ts";
import type { RequestClient } from "./commands/with-client.ts";
import { connectControl } from "./control-client.ts";

/**
 * Whoever answers requests for this configuration: the daemon that runs, through its control socket, or, when none does,
 * this very process on the daemon's database, under the same lock. Both understand the same requests.
 */
export async function connectHouse(configFile: string): Promise<RequestClient> {
  const config = loadConfig(configFile, process.env);
  return (await connectControl(config.stateDirectory)) ?? openLocally(config);
}

// --- internal ---

/** There is no door without a daemon. */
const noDoor: Door = {
  state: {
    ...{ lock: "unknown", contact: "unknown", mode: "normal", alarms: [], alarmDetails: [] },
    since: new Date(0).toISOString(),
  },
  unlock: () => ({ ok: false, reason: "no daemon runs" }),
  lock: () => {},
  setMode: () => {
    throw new LintelError("LINTEL_E_UNAVAILABLE", "no daemon runs", { hint: "start it with lintel run" });
  },
  acknowledge: () => false,
  subscribe: () => () => {},
};

function openLocally(config: LintelConfig): RequestClient {
  const logger = createLogger("warn");
  const deps = { logger, clock: systemClock, timers: systemTimers };
  const analyser = createPhotoAnalyser(photoSettingsOf(config), deps);
  const house = openHouse({ config, environment: process.env, analyser, clock: systemClock, logger });
  const context = {
    people: house.people,
    // Without a daemon nobody watches the clock: what is asked here changes no door.
    access: house.openAccess({ isClockTrusted: () => true }),
    door: noDoor,
    events: house.events,
    audit: house.audit,
    keys: house.keys,
    calibration: house.calibration,
    adaptation: house.adaptation,
    health: () => ({ ok: false, daemon: "not running" }),
    publicConfig: () => publicConfig(config),
    restart: () => {},
  };
  const refusals = new RefusalLog({ events: house.events, clock: systemClock, logger });
  const dispatcher = new Dispatcher({ context, refusals, clock: systemClock, logger });
  return {
    request: async (name, data) => {
      const answer = await dispatcher.dispatch({
        name,
        body: { data, transaction: undefined },
        origin: { transport: "control-socket", name: "command-line" },
        isTrusted: true,
      });
      if (answer.status === "ok") return answer.data;
      const code = answer.code !== undefined && answer.code in errorCodes ? answer.code : "LINTEL_E_UNAVAILABLE";
      throw new LintelError(code, answer.error ?? "the request failed");
    },
    close: () => {
      analyser.stop();
      house.close();
    },
  };
}
