import { accessBadge, accessBadgePut, accessBadgeRemove, accessLeft } from "./access-badges.ts";
import { accessExplain } from "./access-explain.ts";
import { accessRulePut, accessRuleRemove, accessRules } from "./access-rules.ts";
import {
  accessHolidaysPut,
  accessHolidaysRemove,
  accessSchedulePut,
  accessScheduleRemove,
} from "./access-schedules.ts";
import { alarmsAcknowledge } from "./alarms-acknowledge.ts";
import { artList } from "./art-list.ts";
import { artRender } from "./art-render.ts";
import { artShow } from "./art-show.ts";
import { configShow } from "./config-show.ts";
import { doorCommand } from "./door-command.ts";
import { doorLock } from "./door-lock.ts";
import { doorMode } from "./door-mode.ts";
import { doorUnlock } from "./door-unlock.ts";
import { eventsReplay } from "./events-replay.ts";
import { eventsVerify } from "./events-verify.ts";
import { fleetRoster, fleetStatus } from "./fleet.ts";
import { galleryCalibrate } from "./gallery-calibrate.ts";
import { galleryRotateKey } from "./gallery-rotate-key.ts";
import type { RequestHandler } from "./handler.ts";
import { health } from "./health.ts";
import { keysAdd, keysList, keysRemove } from "./keys.ts";
import { peopleAdapted, peopleAdaptedDrop } from "./people-adapted.ts";
import { peopleAdd } from "./people-add.ts";
import { peopleCheck } from "./people-check.ts";
import { peopleEnroll, peopleEnrollCancel } from "./people-enroll.ts";
import { peopleExport } from "./people-export.ts";
import { peopleIdentify } from "./people-identify.ts";
import { peopleList } from "./people-list.ts";
import { peoplePhoto } from "./people-photo.ts";
import { peopleRemove } from "./people-remove.ts";
import { peopleShow } from "./people-show.ts";
import { peopleUpdate } from "./people-update.ts";
import { peopleVerify } from "./people-verify.ts";
import { restart } from "./restart.ts";

/** Every request that is served. A new one is a file and a line here. */
export const requestHandlers: readonly RequestHandler[] = [
  doorUnlock,
  doorLock,
  doorCommand,
  doorMode,
  alarmsAcknowledge,
  peopleAdd,
  peoplePhoto,
  peopleEnroll,
  peopleEnrollCancel,
  peopleList,
  peopleShow,
  peopleUpdate,
  peopleRemove,
  peopleExport,
  peopleVerify,
  peopleIdentify,
  peopleCheck,
  peopleAdapted,
  peopleAdaptedDrop,
  galleryRotateKey,
  galleryCalibrate,
  accessExplain,
  accessRules,
  accessRulePut,
  accessRuleRemove,
  accessSchedulePut,
  accessScheduleRemove,
  accessHolidaysPut,
  accessHolidaysRemove,
  accessBadge,
  accessBadgePut,
  accessBadgeRemove,
  accessLeft,
  eventsReplay,
  eventsVerify,
  artRender,
  artList,
  artShow,
  configShow,
  health,
  restart,
  keysAdd,
  keysList,
  keysRemove,
  fleetStatus,
  fleetRoster,
];

export interface FoundRequest {
  readonly handler: RequestHandler;
  /** What stands for `<id>` in the name. */
  readonly id: string | undefined;
}

/** The handler of a request by its name as it arrived. */
export function findRequest(name: string): FoundRequest | undefined {
  for (const handler of requestHandlers) {
    if (handler.name === name) return { handler, id: undefined };
    if (!handler.name.endsWith("/<id>")) continue;
    const prefix = handler.name.slice(0, -"<id>".length);
    if (name.startsWith(prefix)) return { handler, id: name.slice(prefix.length) };
  }
  return undefined;
}
