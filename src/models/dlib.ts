import type { NetworkContract } from "./contract.ts";

/**
 * dlib's face recognition network (King 2017, a 29-layer relative of ResNet-34, He et al. 2015, arXiv:1512.03385) on an
 * aligned chip of 150 x 150.
 *
 * - `embedding`: 128 numbers, compared by Euclidean distance as they are; not normalised.
 */
export const dlib = {
  name: "dlib",
  job: "face embedding",
  package: "@vladmandic/face-api",
  files: [
    {
      path: "model/face_recognition_model-weights_manifest.json",
      sha256: "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b",
    },
    {
      path: "model/face_recognition_model.bin",
      sha256: "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589",
    },
  ],
  licence: "public domain (dlib-models), packaged under MIT",
  recipe: { kind: "dlib-weights", manifest: "model/face_recognition_model-weights_manifest.json" },
  // (pixel - mean) / 255
  input: {
    width: 150,
    height: 150,
    scale: [1 / 255, 1 / 255, 1 / 255],
    offset: [-122.782 / 255, -117.001 / 255, -104.298 / 255],
  },
  outputs: { embedding: 128 },
} as const satisfies NetworkContract;
