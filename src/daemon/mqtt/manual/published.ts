import type { z } from "zod";
import {
  artStateMessage,
  availabilityMessage,
  eventMessage,
  healthMessage,
  infoMessage,
  liveMessage,
  stateMessage,
} from "../messages.ts";
import type { Topics } from "../topics.ts";

/** A topic on which the door speaks. */
export interface PublishedTopic {
  readonly name: string;
  readonly topic: keyof Topics &
    ("availability" | "state" | "info" | "health" | "event" | "live" | "picture" | "artState");
  readonly isRetained: boolean;
  readonly says: string;
  /** Null: not JSON but a JPEG. */
  readonly message: z.ZodType | null;
  /** Shortened. */
  readonly example: unknown;
}

const head = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const opened = { seq: 41, time: "2031-05-01T08:00:00.000Z", type: "opened", source: "strike", by: "request" };

/** Every topic on which the door speaks, apart from answers. */
export const publishedTopics: readonly PublishedTopic[] = [
  {
    ...{ name: "availability", topic: "availability", isRetained: true, message: availabilityMessage },
    says: "Whether the daemon is connected. The last will says `offline` when it is not any more.",
    example: { state: "online" },
  },
  {
    ...{ name: "state", topic: "state", isRetained: true, message: stateMessage },
    says: "How the door is. `lock` is read back from the chip; `unknown` while the guard does not answer.",
    example: {
      ...{ lock: "locked", contact: "unknown", mode: "normal", alarms: [], alarmDetails: [] },
      ...{ since: "2031-05-01T08:00:00.000Z", people: 2 },
    },
  },
  {
    ...{ name: "info", topic: "info", isRetained: true, message: infoMessage },
    says: "Version, configuration without secrets, networks with their hashes.",
    example: { version: "0.1.0", config: { door: { id: "front", openSeconds: 5 } }, models: {} },
  },
  {
    ...{ name: "health", topic: "health", isRetained: true, message: healthMessage },
    says: "How the parts are, every minute and when one fails or recovers. `mqtt` says how far the broker has been told.",
    example: {
      ...{ ok: false, lock: "locked", vision: { isReady: false, camera: "unknown", fps: null, latencyMs: null } },
      mqtt: { isConnected: true, deliveredSeq: 40, missed: null, problem: null, waiting: 0 },
      audit: { seq: 40, hash: head },
    },
  },
  {
    ...{ name: "event", topic: "event", isRetained: false, message: eventMessage },
    says: "Every event of the audit log, at least once, in order, also after an outage ([events](events.md)).",
    example: { ...opened, hash: head },
  },
  {
    ...{ name: "live", topic: "live", isRetained: false, message: liveMessage },
    says: "The same event at the moment it happens, without those that waited: for what reacts to the moment.",
    example: { ...opened, hash: head, event_type: "opened" },
  },
  {
    ...{ name: "picture", topic: "picture", isRetained: true, message: null },
    says: "The picture that the lobby shows: a JPEG of at most 512 kB, where pictures are painted.",
    example: null,
  },
  {
    ...{ name: "painting", topic: "artState", isRetained: true, message: artStateMessage },
    says: "What is painted, what waits and what is shown; every five seconds while it changes.",
    example: { isOn: true, waiting: 1, painting: null, pictures: 0, shown: null, lastFailure: null },
  },
];
