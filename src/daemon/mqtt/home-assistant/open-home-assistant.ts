import type { Logger } from "../../../core/logger.ts";
import type { Random } from "../../../core/random.ts";
import type { Timers } from "../../../core/timers.ts";
import { type MqttConfig, servesRestrictedRequests } from "../config.ts";
import { topicsOf } from "../topics.ts";
import { HomeAssistantAnnouncer, type KeptText } from "./announcer.ts";

/** The door as Home Assistant sees it; attached to the MQTT service as a listener. */
export function openHomeAssistant(options: {
  readonly config: MqttConfig;
  readonly doorId: string;
  readonly version: string;
  readonly wiredInputs: readonly string[];
  readonly hasPicture: boolean;
  readonly announcedOn: KeptText;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}): HomeAssistantAnnouncer {
  const { config, doorId, version, wiredInputs, hasPicture, announcedOn, timers, random } = options;
  return new HomeAssistantAnnouncer({
    config: config.homeAssistant,
    announcement: {
      ...{ doorId, version, hasPicture, topics: topicsOf(doorId) },
      isControllable: config.requests === "open" && servesRestrictedRequests(config),
      hasContact: wiredInputs.includes("contact"),
      hasTamperSwitch: wiredInputs.includes("tamper"),
    },
    ...{ announcedOn, timers, random },
    logger: options.logger.child({ component: "home-assistant" }),
  });
}
