import type { QualityReason } from "../../pipeline/types.ts";
import type { PhotoProblem } from "../../vision/protocol.ts";
import type { PhotoRefusal } from "../api.ts";

/** Why a picture was not taken. `already-enrolled` and those after it are about the person, the others about the picture. */
export type RefusalReason =
  | PhotoProblem
  | QualityReason
  | "no-face"
  | "several-faces"
  | "already-enrolled"
  | "does-not-match-person"
  | "same-picture"
  | "enough-templates";

const sentences: Readonly<Record<RefusalReason, string>> = {
  empty: "The file is empty: send it again.",
  "not-an-image": "The file is no picture: send a JPEG, PNG or WebP.",
  corrupt: "The picture cannot be read to its end: save or send it again.",
  "too-large": "The file is too large: send at most 8 MiB.",
  "too-many-pixels": "The picture has too many pixels: scale it down, 1000 pixels across are plenty.",
  animated: "The picture moves: send a still one.",
  timeout: "Looking at the picture took too long: scale it down and send it again.",
  "too-small": "The face is too small: come closer, or cut the picture to the head and shoulders.",
  "too-close": "The face fills the picture: step back until the whole head is visible.",
  "cut-off": "The face is cut off: the whole head must be in the picture.",
  blurred: "The face is blurred: hold still, with more light.",
  "too-dark": "The face is too dark: take the picture with light from the front.",
  "too-bright": "The face is too bright: take the picture out of the glare.",
  "turned-away": "The face is turned away: look straight into the camera.",
  "not-a-face": "What was found is no clear face: take a picture of the face from the front.",
  "no-face": "No face was found: take a picture of one face, from the front, well lit.",
  "several-faces": "More than one face was found: cut the picture to the person meant.",
  "already-enrolled": "This face is already enrolled under another id.",
  "does-not-match-person": "This face does not look like the person's other pictures: check whose picture it is.",
  "same-picture": "The person already has this picture: send a different one.",
  "enough-templates": "The person has as many templates as allowed: remove the person and enrol anew to replace them.",
};

/** A refusal with its sentence; `detail` says it more exactly where there is more to say. */
export function refusal(file: string, reason: RefusalReason, detail = sentences[reason]): PhotoRefusal {
  return { file, reason, detail };
}
