import type { PerChannel } from "./contract.ts";
import type { OptionalNetwork } from "./optional.ts";

/**
 * Stronger embedders that an operator may install. All take the 112 x 112 chip that ArcFace made common (Deng et al. 2019,
 * arXiv:1801.07698; five points, see `arcfaceChip` in pipeline/align.ts) in the order red, green, blue, have one output whatever its name,
 * and are compared by the Euclidean distance of vectors of length one.
 *
 * EdgeFace would belong here; it is left out until its licence is confirmed at its home.
 */
export interface ArcfaceNetwork extends OptionalNetwork {
  readonly dimensions: number;
  /** `pixel * scale + offset`, pixel from 0 to 255. */
  readonly range: { readonly scale: PerChannel; readonly offset: PerChannel };
  /** What others have published; this project has not measured it. */
  readonly published: string;
  /** Its distances between different people as measured by this project; nobody is recognised by it while they are unknown. */
  readonly impostors: "unknown";
}

const shared = {
  job: "face embedding",
  input: { width: 112, height: 112 },
  impostors: "unknown",
} as const;

const centred = {
  scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
  offset: [-1, -1, -1],
} as const;

/** SFace (Zhong et al. 2021, arXiv:2205.12010), as the OpenCV zoo has it: raw values from 0 to 255. */
export const sface = {
  ...shared,
  name: "sface-2021dec",
  licence: "Apache-2.0 (OpenCV zoo)",
  file: "face_recognition_sface_2021dec.onnx",
  url: "https://github.com/opencv/opencv_zoo/raw/main/models/face_recognition_sface/face_recognition_sface_2021dec.onnx",
  accepted: [
    { sha256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79", what: "OpenCV zoo, 32-bit floats" },
    { sha256: "2b0e941e6f16cc048c20aee0c8e31f569118f65d702914540f7bfdc14048d78a", what: "OpenCV zoo, 8-bit integers" },
  ],
  maxBytes: 64 * 1024 * 1024,
  outputs: { embedding: 128 },
  dimensions: 128,
  range: { scale: [1, 1, 1], offset: [0, 0, 0] },
  published: "LFW 99.40 %; L2 distance 1.128",
} as const satisfies ArcfaceNetwork;

export const auraface = {
  ...shared,
  name: "auraface-v1",
  licence: "Apache-2.0 (fal)",
  file: "glintr100.onnx",
  url: "https://huggingface.co/fal/AuraFace-v1/resolve/main/glintr100.onnx",
  accepted: [{ sha256: "a7933ea5330113b01c9b60351d8f4c33003f145d8470ac5f0e52ee2effe25c60", what: "public release" }],
  maxBytes: 384 * 1024 * 1024,
  outputs: { embedding: 512 },
  dimensions: 512,
  range: centred,
  published: "LFW 98.7 to 99.03 %",
} as const satisfies ArcfaceNetwork;

export const mobilefaceV2 = {
  ...shared,
  name: "mobileface-v2",
  licence: "MIT (yakhyo)",
  file: "mobilenetv2.onnx",
  url: "https://github.com/yakhyo/uniface/releases/download/weights/mobilenetv2.onnx",
  accepted: [{ sha256: "38b148284dd48cc898d5d4453104252fbdcbacc105fe3f0b80e78954d9d20d89", what: "public release" }],
  maxBytes: 32 * 1024 * 1024,
  outputs: { embedding: 512 },
  dimensions: 512,
  range: centred,
  published: "LFW 99.55 %, AgeDB 95.16 %, 2.29 M parameters",
} as const satisfies ArcfaceNetwork;

export const arcfaceNetworks = { "sface-2021dec": sface, "auraface-v1": auraface, "mobileface-v2": mobilefaceV2 };
