import type { AddResult, PersonFields } from "./people.ts";

/** Who is to be enrolled at the door, and how long there is time for it. */
export interface EnrolmentRequest {
  readonly id: string;
  readonly fields: Pick<PersonFields, "name" | "consent">;
  /** 10 to 600. */
  readonly seconds: number;
  readonly by: string;
}

/** What happens meanwhile, as it is told to whoever asked. */
export type EnrolmentProgress =
  | { readonly stage: "started"; readonly id: string; readonly seconds: number }
  /** Somebody nobody knows stands before the camera and is being asked to look. */
  | { readonly stage: "seen" }
  | { readonly stage: "view"; readonly view: string; readonly taken: number; readonly of: number }
  /** The views are taken; the display asks for what proves a living person at the levels `active` and `strict`. */
  | { readonly stage: "challenge" }
  /** The person went away, or somebody else came: it starts again. */
  | { readonly stage: "lost" }
  /** More than one face is in view: nothing is taken. */
  | { readonly stage: "not-alone" }
  /** The person in view is known already, as somebody else. */
  | { readonly stage: "known"; readonly person: string };

export interface EnrolmentResult extends AddResult {
  readonly stage: "enrolled";
  /** Whether the door knew the person at the next look; null: they were gone before it. */
  readonly recognised: boolean | null;
}

/** Enrolment of a person who stands at the door. */
export interface LiveEnrolment {
  /**
   * Opens a window in which the next person before the camera is led through the views and enrolled. Throws
   * `LINTEL_E_CONFLICT` when one is open already, when nobody was enrolled in time, when it is cancelled, or when the person
   * is refused; the message says why.
   */
  enrol(request: EnrolmentRequest, onProgress: (progress: EnrolmentProgress) => void): Promise<EnrolmentResult>;
  /** False: none was open. */
  cancel(): boolean;
}
