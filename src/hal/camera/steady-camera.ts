import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";
import { AutomaticControls } from "./automatic-controls.ts";

/** What is needed of `AutomaticControls`. */
export interface HoldableControls {
  hold(): Promise<string[]>;
  free(): Promise<void>;
  close(): Promise<void>;
}

export interface SteadyCameraParts {
  /** A local camera: /dev/video0 or a link to it. */
  readonly device: string;
  readonly logger: Logger;
  /** Default: the device's own. */
  readonly openControls?: (device: string) => Promise<HoldableControls>;
}

/**
 * A local camera whose exposure, gain and white balance are held while it is told to, and automatic from its start on and whenever
 * else: also after a process that held them was killed. A camera that cannot be held gives its pictures all the same.
 */
export class SteadyCamera implements Camera {
  readonly #camera: Camera;
  readonly #parts: SteadyCameraParts;
  #controls: HoldableControls | undefined;
  #isHeld = false;
  /** One change after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(camera: Camera, parts: SteadyCameraParts) {
    this.#camera = camera;
    this.#parts = parts;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#camera.start(signal);
    const { device, openControls = AutomaticControls.open } = this.#parts;
    this.#change(async () => {
      this.#controls = await openControls(device);
      await this.#controls.free();
    });
  }

  next(signal: AbortSignal): Promise<Frame> {
    return this.#camera.next(signal);
  }

  relax(isIdle: boolean): void {
    this.#camera.relax?.(isIdle);
  }

  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#change(async () => {
      if (!isHeld) return this.#controls?.free();
      // Not opened: said when it was tried.
      const held = await this.#controls?.hold();
      if (held?.length === 0)
        throw new Error("it has no automatic exposure, gain or white balance that can be switched");
      this.#parts.logger.debug({ held }, "held while the display shines");
    });
  }

  async stop(): Promise<void> {
    this.hold(false);
    this.#change(async () => {
      await this.#controls?.close();
      this.#controls = undefined;
    });
    await Promise.all([this.#changes, this.#camera.stop()]);
  }

  #change(work: () => Promise<void>): void {
    this.#changes = this.#changes.then(work).catch((error) => {
      this.#parts.logger.warn({ reason: errorText(error) }, "the camera's exposure cannot be held");
    });
  }
}
