// What several sections need: the networks as the product opens them, and frames of the simulated door.
import { userModelCache } from "../../dist/cli/defaults.js";
import { openEngine } from "../../dist/hal/registry.js";
import { visitFrames } from "../../dist/lab/bench/frames.js";
import { ModelStore } from "../../dist/models/store.js";
import { openPhotoNetworks } from "../../dist/vision/networks.js";

export const silentLogger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger };
export const cacheDirectory = userModelCache(process.env);

/** The product's own engine, one thread. */
export function openOurEngine(precision = "float32") {
  const source = new ModelStore({ cacheDirectory, logger: silentLogger });
  return openEngine({ engine: "auto", device: "auto", threads: 1, precision, source, logger: silentLogger });
}

export async function openSetting() {
  const engine = await openOurEngine();
  const networks = await openPhotoNetworks(engine);
  const frames = await visitFrames({ cacheDirectory, networks, logger: silentLogger });
  return { engine, networks, frame: frames.at(-1) };
}

/** What a network gets for a picture: planes for ours, the same numbers interleaved for the peer's. */
export function inputsFor(contract, frame) {
  const { width, height, scale, offset } = contract.input;
  const planes = new Float32Array(3 * width * height);
  const interleaved = new Float32Array(3 * width * height);
  const pixels = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (Math.floor((y * frame.height) / height) * frame.width + Math.floor((x * frame.width) / width));
      for (let c = 0; c < 3; c++) {
        const pixel = frame.rgb[from + c];
        const value = pixel * scale[c] + offset[c];
        planes[c * width * height + y * width + x] = value;
        interleaved[3 * (y * width + x) + c] = value;
        pixels[3 * (y * width + x) + c] = pixel;
      }
    }
  }
  return { planes, interleaved, pixels };
}
