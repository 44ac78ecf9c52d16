/** What the display may shine with. Each lights one channel of the camera far more than the others. */
export const lightColours = ["red", "green", "blue"] as const;
export type LightColour = (typeof lightColours)[number];

/** One colour that the display had painted from a time on, and until when it stood; monotonic milliseconds. */
export interface LightStep {
  /** Of the challenge, and which of its steps, from 1 on. */
  readonly id: string;
  readonly step: number;
  readonly colour: LightColour;
  readonly fromMs: number;
  readonly untilMs: number;
}
