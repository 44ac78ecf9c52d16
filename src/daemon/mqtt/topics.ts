/** Every topic of one door, in one place. */

const segment = /^[a-zA-Z0-9_-]{1,64}$/;
/** Names as people type them; what does not match is answered nowhere. */
const requestName = /^[a-zA-Z0-9._-]{1,64}(\/[a-zA-Z0-9._-]{1,64}){0,3}$/;

export interface Topics {
  readonly base: string;
  /** Where Home Assistant looks for devices. */
  readonly discoveryPrefix: string;
  readonly availability: string;
  readonly state: string;
  readonly info: string;
  readonly health: string;
  readonly event: string;
  /** The events as they happen, without those that waited. */
  readonly live: string;
  /** The picture that was painted last. */
  readonly picture: string;
  /** Queue and progress of the painting. */
  readonly artState: string;
  /** Subscription for all requests. */
  readonly requestFilter: string;
  /** `door/unlock` from `…/request/door/unlock`; undefined for any other topic. */
  requestName(topic: string): string | undefined;
  requestTopic(name: string): string;
  /** Where the answer goes; undefined when the name is none that could be published. */
  responseTopic(name: string): string | undefined;
}

/** Throws when the door id would break out of its topic (`+`, `#`, `/`): such an id never gets past the configuration. */
export function topicsOf(doorId: string, discoveryPrefix = "homeassistant"): Topics {
  if (!segment.test(doorId)) throw new Error(`door id ${JSON.stringify(doorId)} cannot be part of a topic`);
  const base = `lintel/${doorId}`;
  const prefix = `${base}/request/`;
  return {
    base,
    discoveryPrefix,
    availability: `${base}/availability`,
    state: `${base}/state`,
    info: `${base}/info`,
    health: `${base}/health`,
    event: `${base}/event`,
    live: `${base}/live`,
    picture: `${base}/art/image`,
    artState: `${base}/art/state`,
    requestFilter: `${prefix}#`,
    requestName: (topic) => (topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined),
    requestTopic: (name) => `${prefix}${name}`,
    responseTopic: (name) => (requestName.test(name) ? `${base}/response/${name}` : undefined),
  };
}

/**
 * Whether an answer may go to a topic that the requester chose. We publish with our own rights, so a requester must not
 * borrow them: nothing of Lintel's own tree but the responses of this door, nothing of the broker's.
 */
export function isAllowedResponseTopic(topic: string, topics: Topics): boolean {
  if (topic.length === 0 || topic.length > 256) return false;
  if (/[+#]/.test(topic) || topic.includes("\0") || topic.startsWith("$")) return false;
  const reserved = ["lintel/", "lintel-fleet/", "homeassistant/", `${topics.discoveryPrefix}/`];
  if (!reserved.some((prefix) => topic.startsWith(prefix))) return true;
  return topic.startsWith(`${topics.base}/response/`);
}
