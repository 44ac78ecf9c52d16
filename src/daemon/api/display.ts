/** What the screen beside the door shows. Texts are whole sentences to a person, without secrets. */
export interface DisplayState {
  readonly kind: "idle" | "prompt" | "granted" | "refused" | "closed";
  readonly title: string;
  readonly detail: string;
  /** A prompt's instruction as one word, for the picture shown with it and for the simulated walker. */
  readonly prompt: "turn" | "come-closer" | "step-back" | "look-here" | "more-light" | "hold-still" | "badge" | null;
}

export interface Display {
  readonly current: DisplayState;
  subscribe(listener: (state: DisplayState) => void): () => void;
}
