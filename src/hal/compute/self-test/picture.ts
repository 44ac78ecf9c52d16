import type { Network, NetworkName } from "../../../pipeline/engine.ts";

/** What the numbers at the input of a network run from and to, about. */
const ranges: Readonly<Record<NetworkName, readonly [low: number, high: number]>> = {
  blazeface: [-0.5, 1.5],
  facemesh: [0, 1],
  dlib: [-0.5, 0.5],
  faceres: [-128, 128],
  "minifasnet-v2": [0, 255],
  "minifasnet-v1se": [0, 255],
  "sface-2021dec": [0, 255],
  "auraface-v1": [-1, 1],
  "mobileface-v2": [-1, 1],
};

/**
 * The picture that a network is tested on: nobody's face, the same numbers on every machine (whole numbers and powers of two alone), with
 * edges and slopes in all directions so that every kernel has something to do.
 */
export function testPicture(
  name: NetworkName,
  network: Pick<Network, "inputLayout" | "inputWidth" | "inputHeight">,
): Float32Array {
  const { inputLayout, inputWidth: width, inputHeight: height } = network;
  const [low, high] = ranges[name];
  const area = width * height;
  const picture = new Float32Array(3 * area);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const level = (2 * wave(x + 2 * y + 60 * c) + wave(4 * x - 2 * y + 1024) + wave((x * y) >> 5)) >> 2;
        const place = y * width + x;
        picture[inputLayout === "nchw" ? c * area + place : 3 * place + c] =
          low + ((high - low) * (64 + (level >> 1))) / 256;
      }
    }
  }
  return picture;
}

// --- internal ---

/** Up from 0 to 255 and down again. */
function wave(n: number): number {
  const at = n & 511;
  return at < 256 ? at : 511 - at;
}
