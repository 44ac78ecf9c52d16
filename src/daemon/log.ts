import { type DestinationStream, pino } from "pino";
import type { Logger } from "../core/logger.ts";

/** Fields that never leave the process, wherever they stand in a record. */
const secretFields = [
  "password",
  "passphrase",
  "token",
  "key",
  "vector",
  "vectors",
  "embedding",
  "image",
  "photo",
  "photos",
];

/**
 * The log of a process: JSON Lines on standard error, so that standard output stays free for answers. What could hold a
 * secret, a face template or a picture is cut out by name, at the top of a record and one level below.
 */
export function createLogger(level: string, destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
    },
    destination,
  );
}
