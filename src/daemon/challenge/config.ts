import { z } from "zod";

/** What the section `liveness` says about the challenge. */
export const challengeKeys = {
  withoutDisplay: z
    .enum(["refuse", "ask"])
    .default("refuse")
    .describe(
      "At active and strict, when no door display is connected. refuse: nobody enters by face; ask: a visitor event names who it seems to be, for a human to answer with door/unlock.",
    ),
  colouredLight: z
    .enum(["off", "deny"])
    .default("off")
    .describe(
      "Experimental, at active and strict. deny: the display also shines in a drawn order of colours, and a face that does not answer them as a head does is refused. Never lets anybody in.",
    ),
};
