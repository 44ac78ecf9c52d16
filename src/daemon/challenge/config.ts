import { z } from "zod";

/** What the section `liveness` says about the challenge. */
export const challengeKeys = {
  withoutDisplay: z
    .enum(["refuse", "ask"])
    .default("refuse")
    .describe(
      "At active and strict, when no door display is connected. refuse: nobody enters by face; ask: a visitor event names who it seems to be, for a human to answer with door/unlock.",
    ),
};
