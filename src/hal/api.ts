import type { Frame } from "../pipeline/types.ts";

/** The hardware, on one page. Drivers are reached through `registry.ts` only and loaded when they are chosen. */

/** A source of pictures. It keeps the newest frame only; a reader that is late loses frames, never gains old ones. */
export interface Camera {
  /** Opens the device. Resolves once it runs; rejects with `LINTEL_E_CAMERA_LOST` when it cannot. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * The newest frame that was not handed out yet, waiting for it if need be. Rejects with `LINTEL_E_CAMERA_LOST` when
   * the source has ended, failed or been silent for too long; the camera must then be stopped and made anew.
   */
  next(signal: AbortSignal): Promise<Frame>;
  /** Nobody is to be seen, or again: until then a camera that is faster than needed may leave pictures out (none for 0.1 s). */
  relax?(isIdle: boolean): void;
  /** While held, exposure, gain and white balance keep the values that they have; a camera that cannot leaves them automatic. */
  hold?(isHeld: boolean): void;
  /** Frees everything, children included. Safe to call at any time and more than once. */
  stop(): Promise<void>;
}

/** Lights and sounders: what a person sees and hears. None of them ever moves the strike. */
export const signalLines = ["alarm", "greenLight", "redLight", "buzzer"] as const;
export type SignalLine = (typeof signalLines)[number];
/** Lines of a door. Names are logical; which chip and offset stand behind them, and the polarity, is configuration. */
export type OutputLine = "strike" | SignalLine;
export type InputLine = "contact" | "requestToExit" | "tamper";

export interface LineEdge {
  readonly line: InputLine;
  /** The logical level after the edge (polarity already applied). */
  readonly isActive: boolean;
  /** Monotonic milliseconds, from the kernel where it gives them. */
  readonly atMs: number;
}

/**
 * GPIO lines owned by this process alone. Opening them leaves every output inactive (the door locked). Calls take effect
 * in the order they are made, also when nobody waits for the one before.
 */
export interface GpioLines {
  setOutput(line: OutputLine, isActive: boolean): Promise<void>;
  /** The level as the chip reports it, not as we last set it. */
  readOutput(line: OutputLine): Promise<boolean>;
  readInput(line: InputLine): Promise<boolean>;
  /** Inputs that the kernel debounces by itself; the others are debounced by whoever owns the lines. */
  readonly debouncedInputs?: ReadonlySet<InputLine>;
  /** Drives every output inactive and gives the lines back. */
  close(): Promise<void>;
}

export interface GpioEvents {
  onEdge(edge: LineEdge): void;
  /** The chip is gone; nothing may be believed any more. */
  onLost(reason: string): void;
}
