import type { Network } from "../../../pipeline/engine.ts";
import { type FaceRegion, LandmarkFinder } from "../../../pipeline/landmarks.ts";
import type { FaceMesh, RgbImage } from "../../../pipeline/types.ts";

/** What the watcher looked at last. */
export interface LastLook {
  readonly image: RgbImage;
  readonly mesh: FaceMesh;
}

/** The door's landmarks, and the picture in which they were found last. */
export class WatchedLandmarks extends LandmarkFinder {
  #last: LastLook | null = null;

  constructor(network: Network) {
    super(network);
  }

  /** Its pixels are valid until the camera gives the next frame. */
  get last(): LastLook | null {
    return this.#last;
  }

  override async find(image: RgbImage, region: FaceRegion): Promise<FaceMesh> {
    const mesh = await super.find(image, region);
    this.#last = { image, mesh };
    return mesh;
  }
}
