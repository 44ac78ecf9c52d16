import { z } from "zod";
import { paintSettings } from "../../art/settings.ts";
import { LintelError } from "../../core/errors.ts";
import type { Art, RequestContext } from "../api.ts";
import { pictureFileName } from "../art/brief.ts";
import { defineRequest } from "./handler.ts";

const style = z
  .union([pictureFileName, z.strictObject({ file: pictureFileName, weight: z.number().min(0).max(1000).default(1) })])
  .transform((value) => (typeof value === "string" ? { file: value, weight: 1 } : value));

const deadline = z.iso
  .datetime({ offset: true, error: "must be a time such as 2027-01-31T06:00:00Z" })
  .transform((text) => new Date(text).toISOString());

/** Puts a picture into the queue. Files are names in the two folders; settings that are left out are the house's. */
export const artRender = defineRequest({
  name: "art/render",
  effect: "changes",
  input: z.strictObject({
    content: pictureFileName.optional(),
    style: style.optional(),
    styles: z.array(style).max(8).optional(),
    title: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must not hold control characters")
      .optional(),
    settings: paintSettings.partial().optional(),
    atOnce: z.boolean().default(false),
    deadline: deadline.optional(),
  }),
  handle: ({ style: one, styles = [], content, title, settings, atOnce, deadline: until }, context) => {
    const all = [...(one ? [one] : []), ...styles];
    return artOf(context).render(
      { content, title, styles: all, settings: settings ?? {}, atOnce, deadline: until ?? null },
      context.origin.name,
    );
  },
});

/** Throws `LINTEL_E_UNAVAILABLE` where this house has no art. */
export function artOf({ art }: Pick<RequestContext, "art">): Art {
  if (art) return art;
  throw new LintelError("LINTEL_E_UNAVAILABLE", "nothing is painted here");
}
