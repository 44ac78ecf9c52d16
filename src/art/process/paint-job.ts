import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { writeWholeFile } from "../../models/whole-file.ts";
import { decodeCheckpoint, encodeCheckpoint, type PaintingState } from "../checkpoint.ts";
import type { Painter, PaintInputs, Painting, PaintProgress } from "../paint.ts";
import { isDiskFull } from "./disk-full.ts";
import { jpegOf, writePicture } from "./finished-picture.ts";
import { keepInputs, smallCopy } from "./inputs.ts";
import { type ArtMessage, type ArtOrder, jobFiles } from "./protocol.ts";

export interface PaintJobParts {
  readonly order: ArtOrder;
  /** Made only once the inputs may be painted: it loads the network. */
  openPainter(): Painter;
  send(message: ArtMessage): void;
  /** Fulfilled by `go`. */
  readonly mayBegin: Promise<void>;
  /** Aborted by `rest`, by a closed input and by signals: end after a checkpoint. */
  readonly rest: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

const previewSidePx = 960;

/** Paints one picture from its order to its files, through as many attempts as it takes. */
export class PaintJob {
  readonly #parts: PaintJobParts;
  readonly #checkpointFile: string;
  readonly #ending = new AbortController();
  #checkpointMs: number;
  #previewMs: number;
  #isPreviewing = false;

  constructor(parts: PaintJobParts) {
    this.#parts = parts;
    this.#checkpointFile = join(parts.order.jobDirectory, jobFiles.checkpoint);
    this.#checkpointMs = parts.clock.nowMs();
    this.#previewMs = parts.clock.nowMs();
  }

  /** Says how it ended: `done`, `resting` or `failed`. Never rejects. */
  async run(): Promise<void> {
    const { send, logger } = this.#parts;
    try {
      await this.#run();
    } catch (error) {
      if (!(error instanceof LintelError) && !isDiskFull(error)) logger.error({ err: error }, "painting failed");
      const reason = isDiskFull(error) ? "the disk is full" : reasonOf(error);
      send({ type: "failed", reason: reason.slice(0, 500), mayHelpLater: isDiskFull(error) });
    }
  }

  // --- internal ---

  async #run(): Promise<void> {
    const { order, send, mayBegin, rest } = this.#parts;
    await mkdir(order.jobDirectory, { recursive: true, mode: 0o700 });
    const inputs = await keepInputs(order);
    await this.#showInputs(inputs);
    await Promise.race([mayBegin, aborted(rest)]);
    if (rest.aborted) return send({ type: "resting", step: 0 });
    const painting = await this.#paint(inputs);
    if (!painting.isFinished) return send({ type: "resting", step: painting.provenance.steps });
    const written = await writePicture(order.pictureBase, order.title, painting);
    send({ type: "done", ...written, seconds: painting.provenance.seconds });
  }

  /** Each input that must be looked at, small; also finds out whether it is a picture at all. */
  async #showInputs({ content, styles }: PaintInputs): Promise<void> {
    const { order, send } = this.#parts;
    const all = [
      ...(content && order.content ? [{ file: content.file, mustLook: order.content.mustLook }] : []),
      ...styles.map(({ file }, index) => ({ file, mustLook: order.styles[index]?.mustLook ?? true })),
    ];
    for (const { file, mustLook } of all) {
      const image = await smallCopy(file);
      if (mustLook) send({ type: "look", file: basename(file), image: image.toString("base64") });
    }
    send({ type: "looked-all" });
  }

  async #paint(inputs: PaintInputs): Promise<Painting> {
    const { order, openPainter, logger } = this.#parts;
    const painter = openPainter();
    const options = {
      signal: this.#ending.signal,
      checkpointEverySteps: 1,
      onStep: (progress: PaintProgress) => this.#stepped(progress),
      onCheckpoint: (state: PaintingState) => this.#mayKeep(state),
    };
    const resumeFrom = await this.#readCheckpoint();
    if (resumeFrom) {
      try {
        return await painter.paint(order.settings, inputs, { ...options, resumeFrom });
      } catch (error) {
        if (!(error instanceof LintelError) || error.code !== "LINTEL_E_CONFLICT") throw error;
        logger.warn({ reason: errorText(error) }, "checkpoint is of another painting, beginning anew");
      }
    }
    return painter.paint(order.settings, inputs, options);
  }

  #stepped(progress: PaintProgress): void {
    const { send, clock, order } = this.#parts;
    const { step, steps, width, height, loss } = progress;
    send({ type: "progress", step, steps, width, height, loss });
    if (this.#isPreviewing || clock.nowMs() - this.#previewMs < order.previewEveryMs) return;
    this.#previewMs = clock.nowMs();
    this.#isPreviewing = true;
    void this.#preview(progress).finally(() => {
      this.#isPreviewing = false;
    });
  }

  async #preview(progress: PaintProgress): Promise<void> {
    const { send, order, logger } = this.#parts;
    try {
      const jpeg = await jpegOf(progress.preview(), 82, previewSidePx);
      await writeWholeFile(join(order.jobDirectory, jobFiles.preview), [jpeg]);
      send({ type: "preview" });
    } catch (error) {
      logger.debug({ reason: errorText(error) }, "preview not written");
    }
  }

  /** After each step: keeps it when it is time to, or when this is the last one for now. */
  async #mayKeep(state: PaintingState): Promise<void> {
    const { rest, clock, order, send } = this.#parts;
    const isDue = state.step % order.checkpointEverySteps === 0;
    const isSoon = clock.nowMs() - this.#checkpointMs < order.checkpointPauseMs;
    if ((!isDue || isSoon) && !rest.aborted) return;
    this.#checkpointMs = clock.nowMs();
    try {
      await writeWholeFile(this.#checkpointFile, [encodeCheckpoint(state)]);
      send({ type: "checkpoint", step: state.step });
    } catch (error) {
      // The checkpoint before this one is whole, and painting goes on: it is only work that may have to be done again.
      const reason = isDiskFull(error) ? "the disk is full" : errorText(error);
      send({ type: "trouble", reason: `checkpoint not written: ${reason}`.slice(0, 500) });
    }
    if (rest.aborted) this.#ending.abort();
  }

  async #readCheckpoint(): Promise<PaintingState | null> {
    const { logger } = this.#parts;
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.#checkpointFile);
    } catch {
      return null;
    }
    try {
      return decodeCheckpoint(bytes);
    } catch (error) {
      logger.warn({ reason: errorText(error) }, "checkpoint cannot be read, beginning anew");
      await rm(this.#checkpointFile, { force: true });
      return null;
    }
  }
}

// --- internal ---

function reasonOf(error: unknown): string {
  if (error instanceof LintelError && error.hint !== undefined) return `${error.message} (${error.hint})`;
  return errorText(error);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
