import { apply, boxOfMesh, fitSimilarity, meshIndex, meshPoint } from "./geometry.ts";
import type { Detection, FaceMesh } from "./types.ts";

/** Below this a mesh is no witness of where the face went. */
const minConfidence = 0.8;
/** A face that has gone further since it was detected, in its own widths, is looked for anew; so is one that has grown or shrunk more. */
const maxShiftInWidths = 0.3;
const maxScale = 1.15;

const landmarks = Object.values(meshIndex);

/**
 * Where a detected face is now, without the detector: the detection moves as the landmarks have moved since (the similarity that fits them
 * best). The landmark network is given the same crop of the face as if it had been detected, one frame late; a crop around the
 * mesh itself would be of another size, and landmarks differ between the two by more than a head's depth moves them.
 *
 * `from` was found in the frame of the detection, `to` in the newest. Null where the landmarks are no witness: the detector must look.
 */
export function carryDetection(detection: Detection, from: FaceMesh, to: FaceMesh): Detection | null {
  // Written so that a confidence that is no number is none.
  if (!(from.confidence >= minConfidence && to.confidence >= minConfidence)) return null;
  const { width } = boxOfMesh(from);
  if (!(width > 0)) return null;
  const map = fitSimilarity(
    landmarks.map((index) => meshPoint(from, index)),
    landmarks.map((index) => meshPoint(to, index)),
  );
  const { box, keypoints, score } = detection;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const centre = apply(map, middle.x, middle.y);
  const scale = Math.hypot(map.a, map.d);
  const shift = Math.hypot(centre.x - middle.x, centre.y - middle.y) / width;
  if (!(shift <= maxShiftInWidths && scale <= maxScale && scale >= 1 / maxScale)) return null;
  const at = (point: { readonly x: number; readonly y: number }) => apply(map, point.x, point.y);
  return {
    score,
    box: {
      x: centre.x - (box.width * scale) / 2,
      y: centre.y - (box.height * scale) / 2,
      width: box.width * scale,
      height: box.height * scale,
    },
    keypoints: {
      rightEye: at(keypoints.rightEye),
      leftEye: at(keypoints.leftEye),
      nose: at(keypoints.nose),
      mouth: at(keypoints.mouth),
      rightEar: at(keypoints.rightEar),
      leftEar: at(keypoints.leftEar),
    },
  };
}
