import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { type FaceComparer, fusedComparer } from "../../pipeline/matching/face-comparer.ts";
import { trainedComparer } from "../../pipeline/matching/trained.ts";
import { TrainedStore } from "./trained-store.ts";

/**
 * How this door compares faces: with the model that was trained for it, if one is in force. One that cannot be used is said and left
 * out: the door then compares as it does out of the box.
 */
export function doorComparer(stateDirectory: string, logger: Logger): FaceComparer {
  try {
    const active = new TrainedStore(stateDirectory).active();
    if (active === null) return fusedComparer;
    logger.info({ sha256: active.sha256, kind: active.model.kind }, "faces are compared with a trained model");
    return trainedComparer(active.model);
  } catch (error) {
    logger.error({ reason: errorText(error) }, "the trained model is left out");
    return fusedComparer;
  }
}
