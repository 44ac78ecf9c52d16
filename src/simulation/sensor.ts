import { gaussian } from "../core/random.ts";
import { randomFor, seedFor } from "./chance.ts";

/** What the light and the sensor do to a finished picture: exposure, then noise. A pure function of frame and seed. */
export class Sensor {
  /**
   * Noise in grey levels, from -127 to 127, as the place in `#tones` where its levels begin. Prime length: rows of a frame never meet the
   * same piece.
   */
  readonly #grain = new Uint16Array(262_147);
  /** For each grain of noise what becomes of each of the 256 grey levels. */
  readonly #tones = new Uint8Array(65_536);
  readonly #seed: number;

  /** `exposure`: 1 is right, 0.3 dim. `noise`: standard deviation in grey levels at full exposure; dim scenes have more. */
  constructor(options: { seed: number; exposure: number; noise: number }) {
    const { exposure, noise } = options;
    this.#seed = options.seed;
    const random = randomFor(options.seed, "sensor");
    const sigma = noise / Math.sqrt(Math.max(0.1, Math.min(1, exposure)));
    for (let i = 0; i < this.#grain.length; i++) {
      const grain = Math.trunc(Math.max(-127, Math.min(127, sigma * gaussian(random))));
      this.#grain[i] = (grain + 128) << 8;
    }
    for (let place = 0; place < this.#tones.length; place++) {
      const exposed = Math.floor(Math.min(255, (place & 255) * exposure));
      this.#tones[place] = Math.max(0, Math.min(255, exposed + (place >> 8) - 128));
    }
  }

  expose(rgb: Uint8Array, tMs: number): void {
    const tones = this.#tones;
    let from = seedFor(this.#seed, String(Math.round(tMs * 8))) % this.#grain.length;
    for (let done = 0; done < rgb.length; from = 0) {
      // To the end of the grain, which then begins again.
      const grain = this.#grain.subarray(from, from + rgb.length - done);
      const part = rgb.subarray(done, done + grain.length);
      for (let i = 0; i < part.length; i++) part[i] = tones[grain[i]! | part[i]!]!;
      done += part.length;
    }
  }
}
