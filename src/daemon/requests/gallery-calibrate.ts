import { z } from "zod";
import { defineRequest } from "./handler.ts";

export const galleryCalibrate = defineRequest({
  name: "gallery/calibrate",
  effect: "changes",
  input: z.strictObject({ strangersPerDay: z.number().positive().max(100_000).optional() }),
  handle: (options, { calibration, origin }) => calibration.calibrate(options, origin.name),
});
