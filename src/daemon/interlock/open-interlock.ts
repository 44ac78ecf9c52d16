import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { Door, EventLog } from "../api.ts";
import type { LintelConfig } from "../config/schema.ts";
import { configuredInterlock } from "./config.ts";
import { obeyingExitButton } from "./exit-button.ts";
import { InterlockedDoor } from "./interlocked-door.ts";
import { Interlock } from "./service.ts";

/** The door as everybody but its guard sees it, and the interlock if there is one. */
export interface OpenInterlock {
  readonly door: Door;
  readonly otherDoors: Interlock | undefined;
  stop(): void;
}

/** Puts the door under the interlock of the configuration; without one it stays what it is. */
export function openInterlock(options: {
  readonly config: Pick<LintelConfig, "door" | "interlock">;
  readonly door: Door;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}): OpenInterlock {
  const { config, door, events, clock, timers } = options;
  const rules = configuredInterlock(config.door.id, config.interlock);
  if (rules === null) return { door, otherDoors: undefined, stop: () => {} };
  const logger = options.logger.child({ component: "interlock" });
  const otherDoors = new Interlock({ rules, door, clock, timers, logger });
  otherDoors.start();
  const interlocked = new InterlockedDoor({ door, interlock: otherDoors, logger });
  const doesButtonOpen = config.door.requestToExitOpens && config.interlock.requestToExit === "obeys";
  const endButton = doesButtonOpen ? obeyingExitButton({ events, door: interlocked, otherDoors }) : () => {};
  return {
    door: interlocked,
    otherDoors,
    stop: () => {
      endButton();
      otherDoors.stop();
    },
  };
}
