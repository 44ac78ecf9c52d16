import { z } from "zod";

/** Keys of the section `recognition`. */
export const adaptationKeys = {
  adaptTemplates: z
    .enum(["off", "guarded"])
    .default("off")
    .describe(
      "guarded: a look that strong visits confirm on several days becomes a template beside the enrolled ones.",
    ),
};
