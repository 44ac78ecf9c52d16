import { z } from "zod";

/** The part `mqtt.homeAssistant` of the configuration. */
export const homeAssistantConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("Announces the door to Home Assistant; with mqtt.requests: signed it can look on only."),
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}(\/[a-zA-Z0-9_-]{1,64}){0,3}$/, "letters, digits, _, - and / only")
    .default("homeassistant")
    .describe("Discovery prefix, as set in Home Assistant."),
});
export type HomeAssistantConfig = z.infer<typeof homeAssistantConfig>;
