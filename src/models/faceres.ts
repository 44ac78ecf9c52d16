import type { NetworkContract } from "./contract.ts";

/**
 * MobileNet v1 trained on VGGFace2 (HSE FaceRes, Savchenko 2019), cut at its pooled features: the heads for age and
 * gender never leave the package, for nobody here is profiled.
 *
 * - `embedding`: 1024 pooled features, not negative, not normalised. Divide by their length before comparing.
 *
 * The crop is 224 x 224 minus VGGFace2's mean colour, which the network was trained on. The package's own library feeds raw values from
 * 0 to 255 instead; measured with otherwise equal crops (5,926 genuine and 410,402 impostor pairs of three sets) raw values give an
 * FNMR of 1.6 / 4.9 / 9.2 % at FMR 1e-2 / 1e-3 / 1e-4, centred ones 1.0 / 3.3 / 5.7 %, and no set was worse at 1e-3 with them.
 */
export const faceres = {
  name: "faceres",
  job: "second face descriptor",
  package: "@vladmandic/human",
  files: [
    { path: "models/faceres.json", sha256: "5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df" },
    { path: "models/faceres.bin", sha256: "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b" },
  ],
  licence: "MIT as packaged (derived from HSE FaceRes)",
  recipe: {
    kind: "tfjs-graph",
    graph: "models/faceres.json",
    outputs: { embedding: ["global_pooling/Mean"] },
  },
  input: { width: 224, height: 224, scale: [1, 1, 1], offset: [-131.0912, -103.8827, -91.4953] },
  outputs: { embedding: 1024 },
} as const satisfies NetworkContract;
