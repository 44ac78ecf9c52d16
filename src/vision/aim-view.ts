import type { Frame } from "../pipeline/types.ts";
import type { Sighting, VisionMessage } from "./protocol.ts";

type AimMessage = Extract<VisionMessage, { type: "aim" }>;

/** At most so many pictures a second: enough to turn a camera by, little enough to cost nothing beside the door's work. */
const everyMs = 250;
const widthPx = 480;
const maxFaces = 8;

/**
 * Pictures for the installer who aims the camera, from `until` a moment in the future only: who looks has to go on asking.
 * Nothing is kept, and a picture is made only when the one before it is done.
 */
export class AimView {
  readonly #send: (message: VisionMessage) => void;
  #untilMs = Number.NEGATIVE_INFINITY;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  #faces: { readonly sequence: number; readonly sightings: Sighting[] } = { sequence: -1, sightings: [] };

  constructor(send: (message: VisionMessage) => void) {
    this.#send = send;
  }

  until(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  /** What was seen in a frame belongs to its picture. */
  note(sighting: Sighting): void {
    if (sighting.sequence !== this.#faces.sequence) this.#faces = { sequence: sighting.sequence, sightings: [] };
    this.#faces.sightings.push(sighting);
  }

  /** Called when a frame has been looked at. Rejects when the picture cannot be made. */
  async frameDone(frame: Frame, nowMs: number): Promise<void> {
    if (this.#isBusy || nowMs >= this.#untilMs || nowMs - this.#sentAtMs < everyMs) return;
    this.#isBusy = true;
    this.#sentAtMs = nowMs;
    const seen = this.#faces.sequence === frame.sequence ? this.#faces.sightings : [];
    try {
      this.#send(await pictureOf(frame, seen));
    } finally {
      this.#isBusy = false;
    }
  }
}

// --- internal ---

async function pictureOf(frame: Frame, seen: readonly Sighting[]): Promise<AimMessage> {
  const { width, height, capturedAtMs } = frame;
  // The camera's buffer is another picture soon.
  const pixels = Uint8Array.from(frame.rgb);
  // Loaded here: a process that nobody aims does without the library.
  const { default: sharp } = await import("sharp");
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: Math.min(width, widthPx) })
    .jpeg({ quality: 60 })
    .toBuffer();
  return {
    type: "aim",
    atMs: capturedAtMs,
    image: jpeg.toString("base64"),
    frame: { width, height },
    faces: seen.slice(0, maxFaces).map(({ box, face, liveness }) => ({ box, ...(face ? { face } : {}), liveness })),
  };
}
