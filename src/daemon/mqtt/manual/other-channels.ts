import type { z } from "zod";
import { interlockMessage } from "../../interlock/messages.ts";
import { factorMessage } from "../factor-topics.ts";

/** A topic that is neither a request, an answer, nor what the door says to everybody. */
export interface OtherChannel {
  readonly name: string;
  /** Null: the configuration names it. */
  readonly address: string | null;
  readonly says: string;
  /** As seen from the door. */
  readonly action: "send" | "receive";
  readonly isRetained: boolean;
  readonly parameters: Readonly<Record<string, { readonly description: string }>>;
  readonly contentType?: string;
  /** Null: described elsewhere. */
  readonly message: z.ZodType | null;
}

const sealed =
  "Signed by a door, then sealed with the site's key (a compact JWS in a compact JWE): a text to the broker.";
const site = { description: "fleet.site of the configuration." };
const door = { description: "A door of the site." };

/** What the building, other doors, and Home Assistant say and hear. */
export const otherChannels: readonly OtherChannel[] = [
  {
    ...{ name: "presence", address: null, action: "receive", isRetained: false, parameters: {} },
    says: "The topic named in access.presenceTopic: who is in the building.",
    message: factorMessage,
  },
  {
    ...{ name: "badge", address: null, action: "receive", isRetained: false, parameters: {} },
    says: "The topic named in access.badgeTopic: a badge was held to a reader.",
    message: factorMessage,
  },
  {
    ...{ name: "interlock", address: "lintel/{door}/interlock/{from}", action: "receive", isRetained: false },
    says: "What doors of which never two may be open say to each other, each to the inbox of the other.",
    parameters: { door, from: { description: "The door that says it." } },
    message: interlockMessage,
  },
  {
    ...{ name: "fleet-person", address: "lintel-fleet/{site}/person/{digit}/{rest}", action: "send", isRetained: true },
    says: `A person of the site, for every door of it. ${sealed}`,
    parameters: {
      site,
      digit: { description: "First digit of what stands for the person; only the doors know for whom." },
      rest: { description: "The other 31 digits." },
    },
    ...{ contentType: "text/plain", message: null },
  },
  {
    ...{ name: "fleet-door", address: "lintel-fleet/{site}/door/{door}", action: "send", isRetained: true },
    says: `What a door of the site knows, by count and root hash. ${sealed}`,
    parameters: { site, door },
    ...{ contentType: "text/plain", message: null },
  },
  {
    ...{ name: "fleet-roster", address: "lintel-fleet/{site}/roster", action: "receive", isRetained: true },
    says: "Which doors belong to the site and with which keys, signed by its owner.",
    parameters: { site },
    ...{ contentType: "text/plain", message: null },
  },
  {
    ...{ name: "home-assistant", action: "send", isRetained: true },
    address: "{prefix}/device/lintel_{door}/config",
    says: "Device discovery of Home Assistant, where mqtt.homeAssistant is enabled.",
    parameters: { prefix: { description: "mqtt.homeAssistant.prefix" }, door },
    message: null,
  },
  {
    ...{ name: "home-assistant-birth", address: "{prefix}/status", action: "receive", isRetained: false },
    says: "Home Assistant says online when it has started; the door is announced again.",
    parameters: { prefix: { description: "mqtt.homeAssistant.prefix" } },
    ...{ contentType: "text/plain", message: null },
  },
];
