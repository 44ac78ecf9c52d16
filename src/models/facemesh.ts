import type { NetworkContract } from "./contract.ts";

/**
 * MediaPipe FaceMesh (Kartynnik et al. 2019, arXiv:1907.06724): 468 points on a square crop of 192 x 192, levelled by the eyes.
 *
 * - `points`: x, y, z for each point, in pixels of the crop; smaller z is nearer.
 * - `confidence`: the probability that there is a face in the crop (the graph ends in a sigmoid).
 */
export const facemesh = {
  name: "facemesh",
  job: "face landmarks",
  package: "@vladmandic/human",
  files: [
    { path: "models/facemesh.json", sha256: "b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7" },
    { path: "models/facemesh.bin", sha256: "3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b" },
  ],
  licence: "Apache-2.0 (MediaPipe)",
  recipe: {
    kind: "tfjs-graph",
    graph: "models/facemesh.json",
    outputs: { points: ["Identity_2"], confidence: ["Identity_1"] },
  },
  input: { width: 192, height: 192, scale: [1 / 255, 1 / 255, 1 / 255], offset: [0, 0, 0] },
  outputs: { points: 1404, confidence: 1 },
} as const satisfies NetworkContract;
