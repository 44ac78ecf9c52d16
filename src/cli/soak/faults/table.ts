import { brokerGone } from "./broker-gone.ts";
import { cameraStuck } from "./camera-stuck.ts";
import { artKilled, guardKilled, memoryPressure, photosKilled, visionKilled } from "./children-killed.ts";
import { clockJump } from "./clock-jump.ts";
import { diskFull } from "./disk-full.ts";
import type { Fault } from "./fault.ts";
import { modelDamaged, stateCorrupted } from "./files-damaged.ts";

/** Everything that is broken on purpose. */
export const faults: readonly Fault[] = [
  brokerGone,
  diskFull,
  cameraStuck,
  clockJump,
  memoryPressure,
  visionKilled,
  guardKilled,
  photosKilled,
  artKilled,
  stateCorrupted,
  modelDamaged,
];
