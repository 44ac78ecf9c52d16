import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import type { Camera } from "../hal/api.ts";
import type { Frame } from "../pipeline/types.ts";

/**
 * A stream that is stuck repeats its last picture to the bit, which no sensor does: its noise makes every picture of the stillest scene
 * another one. Video coding may hide the noise of an empty scene from one key frame to the next, so that longer is waited where nobody
 * is to be seen; repeats within a slow shot or two say nothing.
 */
const frozenAfterMs = { watched: 5_000, idle: 30_000 };
const minRepeats = 8;
/** A camera that was opened anew may take this long until its picture moves. */
const startMs = 1_000;

/** The last picture, kept over the life of a camera: one that is opened anew and still shows the same is still stuck. */
export class LastPicture {
  #rgb = Buffer.alloc(0);
  #repeats = 0;
  #sinceMs = 0;

  /** False: the same picture again, since when and how often tells `stuckMs`. */
  isNews({ rgb, capturedAtMs }: Frame): boolean {
    if (rgb.length === this.#rgb.length && this.#rgb.equals(rgb)) {
      this.#repeats++;
      return false;
    }
    if (rgb.length !== this.#rgb.length) this.#rgb = Buffer.alloc(rgb.length);
    this.#rgb.set(rgb);
    this.#repeats = 0;
    this.#sinceMs = capturedAtMs;
    return true;
  }

  /** For how long the picture has been the same; 0 until it was repeated often enough to say so. */
  stuckMs(nowMs: number): number {
    return this.#repeats < minRepeats ? 0 : nowMs - this.#sinceMs;
  }
}

export interface FreshCameraParts {
  readonly last: LastPicture;
  /** Somebody is in view: sooner in doubt. */
  isWatched(): boolean;
  /** Nobody is, and nothing has moved for a while: not every picture is needed. */
  isStill(): boolean;
  /** The display shines in colours before somebody: the camera should not adjust to them. */
  isLit(): boolean;
  readonly clock: Clock;
}

/**
 * Hands out pictures that differ from the one before, and leaves repeats out: what was seen already is evidence of nothing, and grows
 * stale as it must. A picture that is repeated for too long ends as `LINTEL_E_CAMERA_FROZEN`.
 */
export class FreshCamera implements Camera {
  readonly #camera: Camera;
  readonly #parts: FreshCameraParts;
  #firstFrameMs: number | undefined;

  constructor(camera: Camera, parts: FreshCameraParts) {
    this.#camera = camera;
    this.#parts = parts;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#camera.start(signal);
  }

  async next(signal: AbortSignal): Promise<Frame> {
    const { last, isWatched, isStill, isLit, clock } = this.#parts;
    this.#camera.relax?.(isStill());
    this.#camera.hold?.(isLit());
    for (;;) {
      const frame = await this.#camera.next(signal);
      const nowMs = clock.nowMs();
      this.#firstFrameMs ??= nowMs;
      if (last.isNews(frame)) return frame;
      const limitMs = isWatched() ? frozenAfterMs.watched : frozenAfterMs.idle;
      if (last.stuckMs(nowMs) < limitMs || nowMs - this.#firstFrameMs < startMs) continue;
      throw new LintelError("LINTEL_E_CAMERA_FROZEN", `Camera lost: the same picture for ${limitMs / 1000} s`, {
        hint: "The camera or the stream is stuck: switch it off and on. A still picture cannot serve as a camera.",
      });
    }
  }

  stop(): Promise<void> {
    return this.#camera.stop();
  }
}
