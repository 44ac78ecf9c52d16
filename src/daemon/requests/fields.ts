import { z } from "zod";
import { maxPhotoBytes } from "../../vision/protocol.ts";

/** The parts that requests have in common. */

/** An id is also part of a topic and of a file name: plain characters only. */
export const personId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    "an id is 1 to 64 lower-case letters, digits, dots, _ or -, starting with a letter or digit",
  );

/** Opening time in whole seconds. */
export const openSeconds = z.int("must be a whole number from 1 to 255").min(1).max(255);

/** How a person is greeted on the screens. */
export const greetingStyle = z.enum(["name", "first-name", "none"]);

const printable = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must not hold control characters");

/** ISO 8601 with a time zone, kept as UTC. */
const moment = z.iso
  .datetime({ offset: true, error: "must be a time such as 2027-01-31T18:00:00Z" })
  .transform((text) => new Date(text).toISOString());

export const personName = printable(100);
export const personFields = {
  groups: z.array(z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/, "letters, digits, dots, _ and - only")).max(32),
  consent: printable(200),
  validFrom: moment,
  validUntil: moment,
};

/** Refuses a validity that ends before it starts. */
export function isOrdered(fields: {
  validFrom?: string | null | undefined;
  validUntil?: string | null | undefined;
}): boolean {
  return !fields.validFrom || !fields.validUntil || fields.validFrom < fields.validUntil;
}
export const unorderedText = "validUntil must be later than validFrom";

/** Standard base64 (line breaks allowed, as `base64` prints them) to the bytes of one picture. */
export const photoBytes = z.string().transform(decodePhoto);

/** Reports what is wrong to `context`, as zod's transforms do. */
export function decodePhoto(text: string, context: z.RefinementCtx): Uint8Array {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  const bytes = Buffer.from(compact, "base64");
  const padding = compact.endsWith("==") ? 2 : compact.endsWith("=") ? 1 : 0;
  const isWhole = compact.length % 4 === 0 && bytes.length === (compact.length / 4) * 3 - padding;
  if (compact.length === 0 || !isWhole) {
    context.addIssue({ code: "custom", message: "must be a picture in base64" });
    return z.NEVER;
  }
  if (bytes.length > maxPhotoBytes) {
    context.addIssue({ code: "custom", message: `must be at most ${maxPhotoBytes / 1024 / 1024} MiB` });
    return z.NEVER;
  }
  return bytes;
}
