import type { NetworkContract } from "./contract.ts";

/**
 * MediaPipe BlazeFace, back camera (Bazarevsky et al. 2019, arXiv:1907.05047): 896 anchors on a picture of 256 x 256.
 *
 * - `scores`: a logit for each anchor. First the 512 of stride 16 (16 x 16 cells row by row, two anchors a cell), then the
 *   384 of stride 32 (8 x 8 cells, six anchors a cell). Anchor centre = (cell + 0.5) * stride; probability = sigmoid(logit).
 * - `boxes`: 16 numbers for each anchor in the same order, in pixels of the 256 grid relative to the anchor's centre:
 *   centre x, centre y, width, height, then x, y of right eye, left eye, nose, mouth, right ear, left ear.
 *   Width and height are absolute sizes.
 */
export const blazeface = {
  name: "blazeface",
  job: "face detection",
  package: "@vladmandic/human",
  files: [
    {
      path: "models/blazeface.json",
      sha256: "cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f",
    },
    { path: "models/blazeface.bin", sha256: "dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72" },
  ],
  licence: "Apache-2.0 (MediaPipe)",
  recipe: {
    kind: "tfjs-graph",
    graph: "models/blazeface.json",
    outputs: { scores: ["Identity", "Identity_1"], boxes: ["Identity_2", "Identity_3"] },
  },
  // Not -1..1, as one would expect of this family: these weights work with -0.5..1.5.
  input: {
    width: 256,
    height: 256,
    scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
    offset: [-0.5, -0.5, -0.5],
  },
  outputs: { scores: 896, boxes: 896 * 16 },
} as const satisfies NetworkContract;
