import type { Sighting } from "../../vision/protocol.ts";
import type { DisplayState } from "../api.ts";

type Prompt = NonNullable<DisplayState["prompt"]>;

const adviceFor = {
  "too-close": "step-back",
  "cut-off": "step-back",
  "too-dark": "more-light",
  "too-bright": "more-light",
  blurred: "hold-still",
  "turned-away": "look-here",
} as const;

/**
 * What somebody whose face is not yet fit to be judged can do about it; null: nothing. Nothing is said to people so far off
 * that they need not mean the door.
 */
export function advice(face: Sighting["face"], minFaceWidthPx: number): Prompt | null {
  if (!face || face.faceWidthPx < minFaceWidthPx * 0.5) return null;
  if (face.faceWidthPx < minFaceWidthPx) return "come-closer";
  for (const reason of face.reasons) {
    if (reason in adviceFor) return adviceFor[reason as keyof typeof adviceFor];
  }
  return null;
}
