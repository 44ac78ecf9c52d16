import { createHmac } from "node:crypto";

/** Where the records of a site lie at the broker, all of them retained. */
export interface FleetTopics {
  readonly roster: string;
  /**
   * Sixteen, by the first digit of the topic id, subscribed one after the other: a broker queues only so many messages for
   * one client (mosquitto: 1000) and drops the rest of what it had kept.
   */
  readonly personFilters: readonly string[];
  readonly doorFilter: string;
  person(topicId: string): string;
  door(doorId: string): string;
  /** What a topic is about; null for one that is not ours. */
  read(topic: string): { readonly kind: "roster" | "person" | "door"; readonly id: string } | null;
}

const idPatterns = { person: /^[0-9a-f]\/[0-9a-f]{31}$/, door: /^[a-zA-Z0-9_-]{1,64}$/ } as const;
const firstDigits = [..."0123456789abcdef"];

export function fleetTopics(site: string): FleetTopics {
  const base = `lintel-fleet/${site}`;
  return {
    roster: `${base}/roster`,
    personFilters: firstDigits.map((digit) => `${base}/person/${digit}/+`),
    doorFilter: `${base}/door/+`,
    person: (topicId) => `${base}/person/${topicId.slice(0, 1)}/${topicId.slice(1)}`,
    door: (doorId) => `${base}/door/${doorId}`,
    read: (topic) => {
      if (topic === `${base}/roster`) return { kind: "roster", id: "" };
      for (const kind of ["person", "door"] as const) {
        const prefix = `${base}/${kind}/`;
        if (!topic.startsWith(prefix)) continue;
        const id = topic.slice(prefix.length);
        return idPatterns[kind].test(id) ? { kind, id: id.replace("/", "") } : null;
      }
      return null;
    },
  };
}

/**
 * What stands for a person in topics: HMAC-SHA-256 of the id with a key that only the doors have, cut to 128 bits (RFC 2104,
 * 5). The broker can neither read the id nor try out ids it guesses.
 */
export function topicIdOf(personId: string, topicKey: Uint8Array): string {
  return createHmac("sha256", topicKey).update(`person\n${personId}`, "utf8").digest("hex").slice(0, 32);
}
