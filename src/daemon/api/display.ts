import type { ChallengeAction } from "../../pipeline/liveness/challenge/actions.ts";
import type { LightColour } from "../../pipeline/liveness/light/colours.ts";

/** What the screen beside the door shows. Texts are whole sentences to a person, without secrets. */
export interface DisplayState {
  readonly kind: "idle" | "prompt" | "granted" | "refused" | "closed";
  readonly title: string;
  readonly detail: string;
  /** A prompt's instruction as one word, for the picture shown with it and for the simulated walker. */
  readonly prompt:
    | ("turn" | "come-closer" | "step-back" | "look-here" | "more-light" | "hold-still" | "badge")
    | ChallengeAction
    | null;
  /** Present while the prompt is a step of a challenge. */
  readonly challenge?: ChallengeShown;
  /** The whole display is bright besides: somebody stands before it in the dark. */
  readonly isBright?: true;
}

/** A step of a challenge as the page shows it. */
export interface ChallengeShown {
  readonly id: string;
  /** From 1 on, of so many. */
  readonly step: number;
  readonly steps: number;
  /** Sent back once this step is painted. */
  readonly nonce: string;
  /** The step was acknowledged and its time runs. */
  readonly isRunning: boolean;
  /** Of the step's time, when this was sent. */
  readonly remainingMs: number;
  readonly limitMs: number;
  /** Present while the whole display shines in a colour. */
  readonly light?: LightColour;
}

/** What a page sends when it has painted a step. */
export interface Acknowledgement {
  readonly challenge: string;
  readonly step: number;
  readonly nonce: string;
  /** A colour was not painted, since the display is set to less motion. */
  readonly calm?: boolean | undefined;
}

export interface Display {
  readonly current: DisplayState;
  subscribe(listener: (state: DisplayState) => void): () => void;
}
