import { z } from "zod";
import { cameraProblem } from "../../vision/protocol.ts";
import { eventTypes } from "../api.ts";

/**
 * What we publish, as whoever reads it may rely on it: for the manual, for docs/asyncapi.yaml, and for the tests that hold
 * the daemon to it. Fields may be added, so none of these is closed.
 */

const time = z.iso.datetime().describe("ISO 8601, UTC");
const seq = z.int().min(0);

export const availabilityMessage = z
  .strictObject({ state: z.enum(["online", "offline"]) })
  .describe("Whether the daemon is connected; `offline` is its last will.");

export const stateMessage = z
  .looseObject({
    lock: z.enum(["locked", "unlocked", "unknown"]).describe("As read back from the chip, never as hoped for."),
    contact: z.enum(["open", "closed", "unknown"]),
    mode: z.enum(["normal", "passage", "lockdown"]),
    alarms: z
      .array(z.string())
      .describe("Alarms whose cause is there: forced, held, held-warning, tamper, lock-fault."),
    alarmDetails: z.array(
      z.looseObject({
        alarm: z.string(),
        state: z.enum(["raised", "acknowledged", "resolved"]),
        since: time,
        by: z.string().nullable().describe("Who acknowledged it."),
      }),
    ),
    people: z.int().min(0).describe("How many the door knows."),
    since: time.describe("Since when the lock is as it is."),
  })
  .describe("How the door is.");

export const infoMessage = z
  .looseObject({
    version: z.string(),
    config: z.looseObject({}).describe("The configuration without secrets."),
    models: z.record(z.string(), z.string()).describe("The networks with their hashes; empty until vision is ready."),
  })
  .describe("What runs here.");

export const healthMessage = z
  .looseObject({
    ok: z.boolean().describe("Vision is ready, the camera gives pictures, the lock is known."),
    lock: z.enum(["locked", "unlocked", "unknown"]),
    vision: z.looseObject({
      isReady: z.boolean(),
      camera: z.enum(["ok", "lost", "unknown"]),
      cameraProblem: cameraProblem
        .nullable()
        .optional()
        .describe(
          "Why nobody can be recognised: lost, another device, a stuck picture, no light, something before the lens.",
        ),
      fps: z.number().nullable(),
      latencyMs: z.looseObject({ p50: z.number(), p95: z.number() }).nullable(),
    }),
    mqtt: z.looseObject({
      isConnected: z.boolean(),
      deliveredSeq: seq.describe("Every event up to this number has been acknowledged by the broker."),
      waiting: z.int().min(0).describe("Events that the broker has not been told of yet."),
      missed: z
        .looseObject({ from: seq, through: seq, events: z.int() })
        .nullable()
        .describe("Removed by age before the broker could be told, since the start."),
      problem: z.string().nullable().describe("Why nothing is delivered though the broker is there."),
    }),
    audit: z.looseObject({ seq: seq.describe("The newest event."), hash: z.string().describe("Its hash.") }),
  })
  .describe("How the parts are; every minute and when one fails or recovers.");

export const eventMessage = z
  .looseObject({
    seq: seq.describe("Numbers have no gaps; one that was seen before is the same event."),
    time,
    type: z.enum(eventTypes),
    hash: z.string().describe("Link of the chain (docs/events.md)."),
    gapBefore: z
      .looseObject({ from: seq, through: seq })
      .optional()
      .describe(
        "Events right before this one that retention removed undelivered; no part of the log, nor of the hash.",
      ),
  })
  .describe("One event of the audit log; the fields of each type are in docs/events.md.");

export const liveMessage = eventMessage
  .omit({ gapBefore: true })
  .extend({ event_type: z.enum(eventTypes).describe("The type once more, as Home Assistant reads it.") })
  .describe("The same event at the moment it happens, only to who is connected then.");

export const artStateMessage = z
  .looseObject({
    isOn: z.boolean().describe("False: no folders are configured."),
    waiting: z.int().min(0),
    painting: z.looseObject({ title: z.string(), step: z.int(), steps: z.int() }).nullable(),
    pictures: z.int().min(0).describe("Finished ones that are kept."),
    shown: z.looseObject({ id: z.int(), title: z.string() }).nullable(),
  })
  .describe("How the painting goes.");

export const answerMessage = z
  .looseObject({
    data: z.looseObject({}).describe("What was asked for; `{}` with an error."),
    status: z.enum(["ok", "error"]),
    error: z.string().optional().describe("One line: what is wrong, and what to do."),
    transaction: z.union([z.string(), z.number()]).optional().describe("As in the request."),
  })
  .describe("Answer to a request.");
