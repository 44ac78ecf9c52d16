import { z } from "zod";
import { cronWindow } from "../cron-window.ts";

/** Keys of the section `lobby` that are about the lobby screen alone. */
export const lobbyScreenKeys = {
  showNames: z
    .boolean()
    .default(false)
    .describe("Greets by name on the lobby page too; otherwise it says Welcome and nothing personal."),
  changeSeconds: z.int().min(5).max(86_400).default(300).describe("How long one picture is shown, in seconds."),
  blank: cronWindow
    .optional()
    .describe("When the lobby screen is dark, by the clock on the wall (zone: access.timeZone); absent: never."),
};
