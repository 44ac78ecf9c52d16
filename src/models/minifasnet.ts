import type { OptionalNetwork } from "./optional.ts";

/**
 * MiniFASNet V2 and V1SE (Minivision, Silent-Face-Anti-Spoofing, 2020): is the face in this crop a living one, by its texture and its
 * surroundings. V2 looks at 2.7 times the detector's box, V1SE at 4 times; the crop rule is in `pipeline/liveness/face-crop.ts`.
 *
 * - Input: 80 x 80 in the order **blue, green, red**, raw values from 0 to 255. Traps: scaled to 0..1 the networks answer about the
 *   same for every picture; in the order red, green, blue they take replays for people.
 * - `output`: three logits; after softmax, number 1 is the probability of a living face, 0 and 2 are two kinds of attack.
 *
 * V2 alone let through single frames of replays; use the mean of both.
 */
const shared = {
  job: "anti-spoofing",
  licence: "Apache-2.0 (Minivision)",
  /** Both are 1.7 MB. */
  maxBytes: 8 * 1024 * 1024,
  input: { width: 80, height: 80 },
  outputs: { output: 3 },
} as const;

const home = "https://github.com/yakhyo/face-anti-spoofing/releases/download/weights";

export const minifasnetV2 = {
  ...shared,
  name: "minifasnet-v2",
  file: "MiniFASNetV2.onnx",
  url: `${home}/MiniFASNetV2.onnx`,
  accepted: [
    { sha256: "b32929adc2d9c34b9486f8c4c7bc97c1b69bc0ea9befefc380e4faae4e463907", what: "public release" },
    {
      sha256: "e83c9798add56101d31b49751746cccf589b576842e60d23b4e7d933e941013c",
      what: "conversion of 2.7_80x80_MiniFASNetV2.pth",
    },
  ],
  cropScale: 2.7,
} as const satisfies OptionalNetwork & { cropScale: number };

export const minifasnetV1se = {
  ...shared,
  name: "minifasnet-v1se",
  file: "MiniFASNetV1SE.onnx",
  url: `${home}/MiniFASNetV1SE.onnx`,
  accepted: [
    { sha256: "ebab7f90c7833fbccd46d3a555410e78d969db5438e169b6524be444862b3676", what: "public release" },
    {
      sha256: "882cc7c1c4e024f394ab786f17756ce3ef0020b401123b7b395ce4c5a30463e7",
      what: "conversion of 4_0_0_80x80_MiniFASNetV1SE.pth",
    },
  ],
  cropScale: 4,
} as const satisfies OptionalNetwork & { cropScale: number };
