import type { Timers } from "../../core/timers.ts";
import type { Sighting } from "../../vision/protocol.ts";

export interface ScreenLightParts {
  readonly timers: Timers;
  readonly board: {
    /** Whether the whole display is bright, whatever it shows. */
    brighten(isBright: boolean): void;
  };
}

/** Mean light of a face, 0 to 255. From 30 on faces are compared (`pipeline/quality.ts`); a head that turns away from a lamp loses a part. */
const darkBelow = 45;
/** Whoever is farther off gains nothing: light falls with the square of the distance. */
const minFaceWidthPx = 80;
/** So many dark pictures of one face in a row: no shadow that passes. */
const darkPictures = 3;
/** It stays on until nobody was near for so long, so that it never flickers by its own effect. */
export const holdMs = 3000;

/** The door display as a lamp for faces in the dark. It changes once when somebody comes, and once when they have gone. */
export class ScreenLight {
  readonly #parts: ScreenLightParts;
  #dark: { readonly trackId: number; readonly pictures: number } = { trackId: -1, pictures: 0 };
  #isOn = false;
  #callOff: () => void = () => {};

  constructor(parts: ScreenLightParts) {
    this.#parts = parts;
  }

  see({ trackId, face }: Pick<Sighting, "trackId" | "face">): void {
    if (!face || face.faceWidthPx < minFaceWidthPx) return;
    if (!this.#isOn) {
      const before = this.#dark.trackId === trackId ? this.#dark.pictures : 0;
      const pictures = face.brightness < darkBelow ? before + 1 : 0;
      this.#dark = { trackId, pictures };
      if (pictures < darkPictures) return;
      this.#isOn = true;
      this.#parts.board.brighten(true);
    }
    this.#callOff();
    this.#callOff = this.#parts.timers.after(holdMs, () => this.off());
  }

  /** Safe to call twice. */
  off(): void {
    this.#callOff();
    this.#callOff = () => {};
    this.#dark = { trackId: -1, pictures: 0 };
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#parts.board.brighten(false);
  }
}
