import type { LintelConfig } from "./config/schema.ts";

/** The configuration as others may see it: where secrets lie and how to reach the camera is nobody's business. */
export function publicConfig(config: LintelConfig): Readonly<Record<string, unknown>> {
  const { door, interlock, liveness, recognition, compute, privacy, lobby } = config;
  return {
    door,
    interlock,
    liveness,
    recognition,
    compute,
    privacy,
    fleet: { site: config.fleet.site ?? null, groups: config.fleet.groups ?? null },
    lobby: { greet: lobby.greet },
    camera: { driver: config.camera.driver },
    gpio: { driver: config.gpio.driver },
    mqtt: { requests: config.mqtt.requests, isEmbedded: config.mqtt.url === undefined },
  };
}
