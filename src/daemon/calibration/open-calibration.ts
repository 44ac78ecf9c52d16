import type { Calibration } from "../api.ts";
import { Calibrator, type CalibratorParts } from "./calibrator.ts";
import { type CheckParts, checkPeople } from "./check-people.ts";

export interface OpenCalibration extends Calibration {
  /** From now on the threshold follows the gallery by itself. */
  start(): void;
  stop(): void;
}

export function openCalibration(parts: CalibratorParts & CheckParts): OpenCalibration {
  const calibrator = new Calibrator(parts);
  return {
    calibrate: (options, by) => calibrator.calibrate(options, by),
    check: (id) => checkPeople(parts, id),
    start: () => calibrator.start(),
    stop: () => calibrator.stop(),
  };
}
