import type { Sighting } from "../../vision/protocol.ts";

/** A track seen within this time is still there. */
const inViewMs = 500;

/** Which tracks are before the camera, and how large. */
export class FacesInView {
  readonly #faces = new Map<number, { atMs: number; widthPx: number }>();

  get tracks(): Iterable<number> {
    return this.#faces.keys();
  }

  note({ trackId, face, box }: Sighting, nowMs: number): void {
    this.#faces.set(trackId, { atMs: nowMs, widthPx: face?.faceWidthPx ?? box[2] });
  }

  forget(trackId: number): void {
    this.#faces.delete(trackId);
  }

  clear(): void {
    this.#faces.clear();
  }

  /** Whether a face of at least that width is in view beside the given track. */
  isAnotherNear(trackId: number, { nowMs, minWidthPx }: { nowMs: number; minWidthPx: number }): boolean {
    for (const [other, { atMs, widthPx }] of this.#faces) {
      if (other !== trackId && nowMs - atMs <= inViewMs && widthPx >= minWidthPx) return true;
    }
    return false;
  }
}
