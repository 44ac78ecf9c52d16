import { z } from "zod";
import { homeAssistantConfig } from "./home-assistant/config.ts";
import { isLoopbackUrl } from "./loopback.ts";

/** The section `mqtt` of the configuration. */

function isBrokerUrl(text: string): boolean {
  if (!/^mqtts?:\/\/[^\s/?#@\\]+\/?$/.test(text)) return false;
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

const file = z.string().min(1);

export const mqttConfig = z.strictObject({
  url: z
    .string()
    .refine(isBrokerUrl, "must be mqtt://host[:port] or mqtts://host[:port], without user name or password")
    .optional()
    .describe("The broker, mqtt://host:port or mqtts://host:port; absent: an embedded broker on 127.0.0.1."),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(1883)
    .describe("Port of the embedded broker on 127.0.0.1; 0 takes a free one."),
  username: z.string().min(1).max(256).optional().describe("User name at the broker."),
  passwordFile: file
    .optional()
    .describe("File with the password, a path or the name of a credential; default: credential mqtt.password."),
  caFile: file
    .optional()
    .describe("PEM file of the authority that signed the broker's certificate; default: the system's."),
  certFile: file.optional().describe("PEM file with the client certificate."),
  keyFile: file
    .optional()
    .describe("PEM file with the key of the client certificate, a path or the name of a credential."),
  requests: z
    .enum(["open", "signed"])
    .default("open")
    .describe("How requests are authenticated: open trusts the broker's own users; signed: docs/signed-requests.md."),
  acknowledgePlain: z
    .boolean()
    .default(false)
    .describe("Allows plain mqtt:// to another host; door, people and restart requests stay refused there."),
  clientId: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, "letters, digits, _ and - only, at most 64")
    .optional()
    .describe("Client id at the broker; default: lintel-<door.id>."),
  eventWindow: z
    .int()
    .min(1)
    .max(1000)
    .default(32)
    .describe("How many events may be on their way to the broker at once."),
  homeAssistant: homeAssistantConfig.prefault({}).describe("Home Assistant."),
});
export type MqttConfig = z.infer<typeof mqttConfig>;

/**
 * Whether requests that open the door or touch people are served over this connection: on this machine, or over TLS
 * with credentials. Anything else can be forged by whoever shares the network.
 */
export function servesRestrictedRequests(config: MqttConfig): boolean {
  if (config.url === undefined || isLoopbackUrl(config.url)) return true;
  const hasPassword = config.username !== undefined;
  const hasCertificate = config.certFile !== undefined && config.keyFile !== undefined;
  return config.url.startsWith("mqtts://") && (hasPassword || hasCertificate);
}
