import { gaussian } from "../core/random.ts";
import { randomFor, seedFor } from "./chance.ts";

/** Sums of a grey level and a grain of noise, from -128 on, cut off at black and white. */
const clamped = Uint8Array.from({ length: 511 }, (_, n) => Math.max(0, Math.min(255, n - 128)));

/** What the light and the sensor do to a finished picture: exposure, then noise. A pure function of frame and seed. */
export class Sensor {
  readonly #grain: Int8Array;
  readonly #tone: Uint8Array;
  readonly #seed: number;

  /** `exposure`: 1 is right, 0.3 dim. `noise`: standard deviation in grey levels at full exposure; dim scenes have more. */
  constructor(options: { seed: number; exposure: number; noise: number }) {
    const { exposure, noise } = options;
    this.#seed = options.seed;
    const random = randomFor(options.seed, "sensor");
    const sigma = noise / Math.sqrt(Math.max(0.1, Math.min(1, exposure)));
    // Prime length: rows of a frame never meet the same piece of grain.
    this.#grain = Int8Array.from({ length: 262_147 }, () => Math.max(-127, Math.min(127, sigma * gaussian(random))));
    this.#tone = Uint8Array.from({ length: 256 }, (_, v) => Math.min(255, v * exposure));
  }

  expose(rgb: Uint8Array, tMs: number): void {
    const grain = this.#grain;
    const tone = this.#tone;
    let k = seedFor(this.#seed, String(Math.round(tMs * 8))) % grain.length;
    for (let i = 0; i < rgb.length; i++) {
      rgb[i] = clamped[tone[rgb[i]!]! + grain[k]! + 128]!;
      if (++k === grain.length) k = 0;
    }
  }
}
