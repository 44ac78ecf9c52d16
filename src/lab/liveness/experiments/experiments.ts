import { approach } from "./approach.ts";
import { screenBands } from "./bands.ts";
import { bentSheet } from "./bent-sheet.ts";
import { cutOutEyes } from "./cut-out-eyes.ts";
import { type Trying, tryOn } from "./experiment.ts";
import { screenGamut } from "./gamut.ts";
import { printHalftone } from "./halftone.ts";
import { hand } from "./hand.ts";
import { spaceTime } from "./space-time.ts";
import { screenTexture } from "./texture.ts";

/** Every cue that is tried out, on a track that begins. */
export function beginExperiments(): Trying[] {
  return [
    ...[tryOn(approach), tryOn(bentSheet), tryOn(cutOutEyes), tryOn(hand)],
    ...[tryOn(screenTexture), tryOn(screenBands), tryOn(screenGamut), tryOn(printHalftone), tryOn(spaceTime)],
  ];
}
