import type { Readable, Writable } from "node:stream";
import { errorText } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import type { Engine, OptionalEmbedderName } from "../pipeline/engine.ts";
import { type AnalysedFace, FaceAnalyser } from "../pipeline/face-analyser.ts";
import { comparisonLimits, enrolmentLimits } from "../pipeline/quality.ts";
import { decodePhoto } from "./decode-photo.ts";
import { openPhotoNetworks } from "./networks.ts";
import {
  maxVisionLineBytes,
  type PhotoAnswer,
  type PhotoFace,
  type PhotoPurpose,
  type PhotoRequest,
  packVector,
  photoRequest,
} from "./protocol.ts";

export interface PhotoParts {
  readonly engine: Engine;
  readonly models: Readonly<Record<string, string>>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly input: Readable;
  readonly output: Writable;
  /** Installed embedders whose vectors are kept beside the others; default none. */
  readonly furtherEmbedders?: readonly OptionalEmbedderName[];
  /** Ends by itself when nothing was asked for so long. */
  readonly idleMs?: number;
  /** One picture may take this long altogether. */
  readonly photoMs?: number;
}

const maxFaces = 64;

/**
 * Answers photo requests one after the other until the input closes, the signal aborts or nothing is asked for a while. A picture that
 * takes too long is refused, and the next one is looked at only when the work on it has really ended.
 */
export async function runPhotos(parts: PhotoParts, signal: AbortSignal): Promise<void> {
  const { engine, models, output } = parts;
  try {
    const networks = await openPhotoNetworks(engine, parts.furtherEmbedders);
    const analyser = new FaceAnalyser({
      detector: networks.detector,
      landmarks: networks.landmarks,
      embedders: [networks.embedder, networks.secondEmbedder, ...networks.furtherEmbedders],
    });
    writeJsonLine(output, {
      type: "ready",
      engine: engine.name,
      device: engine.device,
      precision: engine.precision ?? "float32",
      models: { ...models },
    } satisfies PhotoAnswer);
    await new PhotoDesk(parts, analyser).serve(signal);
  } finally {
    await engine.close();
  }
}

// --- internal ---

class PhotoDesk {
  readonly #parts: PhotoParts;
  readonly #analyser: FaceAnalyser;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #cancelIdle: () => void = () => {};
  #close: () => void = () => {};

  constructor(parts: PhotoParts, analyser: FaceAnalyser) {
    this.#parts = parts;
    this.#analyser = analyser;
  }

  async serve(signal: AbortSignal): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#close = resolve;
    });
    signal.addEventListener("abort", this.#close, { once: true });
    if (signal.aborted) this.#close();
    this.#rest();
    readJsonLines(this.#parts.input, maxVisionLineBytes, {
      onMessage: (message) => this.#take(message),
      onBadLine: (reason) => this.#parts.logger.warn({ reason }, "bad request line dropped"),
      onClose: this.#close,
    });
    this.#parts.input.resume();
    await closed;
    this.#cancelIdle();
  }

  #take(message: unknown): void {
    const request = photoRequest.safeParse(message);
    if (!request.success) {
      this.#parts.logger.warn({}, "unknown request dropped");
      return;
    }
    this.#cancelIdle();
    this.#waiting++;
    this.#queue = this.#queue.then(async () => {
      await this.#look(request.data);
      this.#waiting--;
      if (this.#waiting === 0) this.#rest();
    });
  }

  #rest(): void {
    this.#cancelIdle = this.#parts.timers.after(this.#parts.idleMs ?? 30_000, this.#close);
  }

  /** Answers exactly once: with the result, or with the refusal that came first. */
  async #look({ id, image, purpose }: PhotoRequest): Promise<void> {
    const photoMs = this.#parts.photoMs ?? 5000;
    let isAnswered = false;
    const answer = (message: PhotoAnswer) => {
      if (isAnswered) return;
      isAnswered = true;
      writeJsonLine(this.#parts.output, message);
    };
    const cancel = this.#parts.timers.after(photoMs, () =>
      answer({ type: "photo-refused", id, problem: "timeout", detail: `it took longer than ${photoMs / 1000} s` }),
    );
    try {
      answer(await this.#answerTo(id, Buffer.from(image, "base64"), purpose));
    } catch (error) {
      this.#parts.logger.error({ problem: errorText(error) }, "photograph could not be analysed");
      answer({ type: "photo-refused", id, problem: "corrupt", detail: "the picture could not be analysed" });
    } finally {
      cancel();
    }
  }

  async #answerTo(id: string, bytes: Uint8Array, purpose: PhotoPurpose): Promise<PhotoAnswer> {
    const decoded = await decodePhoto(bytes);
    if ("problem" in decoded) return { type: "photo-refused", id, ...decoded };
    const { image } = decoded;
    const faces = await this.#analyser.analyse(image, { limits: limitsFor[purpose] });
    return {
      type: "photo",
      id,
      width: image.width,
      height: image.height,
      faces: faces.slice(0, maxFaces).map(faceMessage),
    };
  }
}

const limitsFor = { enrolment: enrolmentLimits, comparison: comparisonLimits } as const;

function faceMessage({ detection, pose, quality, embeddings }: AnalysedFace): PhotoFace {
  const { box } = detection;
  return {
    box: [box.x, box.y, box.width, box.height],
    score: detection.score,
    pose,
    faceWidthPx: quality.faceWidthPx,
    sharpness: quality.sharpness,
    brightness: quality.brightness,
    reasons: [...quality.reasons],
    embeddings: embeddings.map(({ embedder, vector }) => ({ embedder, vector: packVector(vector) })),
  };
}
