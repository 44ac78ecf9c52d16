import { LintelError } from "../../core/errors.ts";
import type { ChallengeRefusal, TrackChallenges } from "../admission/parts.ts";

/** The challenges of the door, as far as an enrolment needs them. */
export interface EnrolmentChallenges extends Pick<TrackChallenges, "sighted" | "ask" | "release"> {
  /** Whether a display is connected that could show one. */
  readonly hasDisplay: boolean;
}

/**
 * For whom a challenge of an enrolment is asked: nobody the door knows, so that it neither counts against them nor proves
 * anything of them. No person's id has a colon.
 */
export function claimOf(id: string): string {
  return `enrolment:${id}`;
}

/** Why what stands at the door is not enrolled. */
export type SeatRefusal = Exclude<ChallengeRefusal, "ask-somebody"> | "not-live" | "another-face";

const sentences: Readonly<Record<SeatRefusal, readonly [message: string, hint: string]>> = {
  "not-live": ["what stands before the camera does not seem to be alive", "ask again, without a picture"],
  "another-face": [
    "another-face: somebody else stood there than the views show; nothing was kept",
    "ask again, and let one person alone stay before the camera",
  ],
  "challenge-failed": [
    "challenge-failed: what the display asked for was not done in time; nothing was kept",
    "ask again when the person sees the display and has time",
  ],
  "locked-out": [
    "locked-out: too many enrolments under this id ended while the display asked for proof of life",
    "wait a minute, then ask again",
  ],
  "display-missing": [
    "display-missing: no door display asks for the proof of life of this level; nothing was kept",
    "open the page /door on the display beside the door, or enrol from photographs with people/add",
  ],
};

/** What the requester is told, and what to do. */
export function refusalOf(reason: SeatRefusal): LintelError {
  const [message, hint] = sentences[reason];
  return new LintelError("LINTEL_E_CONFLICT", message, { hint });
}
