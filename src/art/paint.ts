import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { PaintingState } from "./checkpoint.ts";
import { type CanvasSize, canvasStep, layersUpTo } from "./graph/forward.ts";
import type { GraphRuntime } from "./graph-runtime.ts";
import { openInputs, paintingSize } from "./inputs.ts";
import { layersOf, planLosses } from "./losses.ts";
import type { FeatureNetworks } from "./networks/feature-network.ts";
import { pyramid } from "./optimise/pyramid.ts";
import { PaintingRun } from "./painting-run.ts";
import type { Picture } from "./picture.ts";
import type { Provenance } from "./provenance.ts";
import { maxPixelsOf, type PaintSettings, paintingHash } from "./settings.ts";

/** A picture file on disk: JPEG, PNG, WebP, TIFF or AVIF. */
export interface PictureInput {
  readonly file: string;
}

export interface StyleInput extends PictureInput {
  /** Its share among the styles, not negative; only proportions count. */
  readonly weight: number;
  /** A picture file that is white where this style is wanted, black where not; grey is something between. */
  readonly mask?: string;
}

export interface PaintInputs {
  /** Needed for all modes but `texture`. */
  readonly content?: PictureInput;
  /** Needed for the modes `style` and `texture`. Those of weight 0 are read but have no part. */
  readonly styles: readonly StyleInput[];
  /** Needed when `start` is `picture`. */
  readonly start?: PictureInput;
}

export interface PaintProgress {
  /** Steps done, from 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** The part of the work that is done, 0 to 1: steps at large sizes count more. */
  readonly share: number;
  /** J = alpha content + beta style + total variation, each relative: 1 is about what an unrelated picture has. */
  readonly loss: number;
  readonly content: number;
  readonly style: number;
  /** Pixels that are painted now; they grow from level to level. */
  readonly width: number;
  readonly height: number;
  /** The picture as it is now. Costs a conversion of all pixels: ask now and then. */
  preview(): Picture;
}

export interface PaintOptions {
  /** Ends after the running step; what there is comes back with `isFinished: false`. */
  readonly signal?: AbortSignal;
  /** Goes on where the checkpoint was taken. Throws `LINTEL_E_CONFLICT` when it is of another painting. */
  readonly resumeFrom?: PaintingState;
  /** Waited for before each step: a gate for who must yield. */
  readonly beforeStep?: () => Promise<void>;
  readonly onStep?: (progress: PaintProgress) => void;
  readonly checkpointEverySteps?: number;
  /** The arrays are the painter's own: encode or copy them before the promise is fulfilled. */
  readonly onCheckpoint?: (state: PaintingState) => Promise<void>;
}

export interface Painting {
  readonly picture: Picture;
  readonly isFinished: boolean;
  readonly provenance: Provenance;
}

export interface Painter {
  /**
   * Paints one picture. Throws `LINTEL_E_UNREADABLE` for an input that is no picture, `LINTEL_E_USAGE` for settings that do
   * not fit each other or the inputs, `LINTEL_E_MODEL` when the network is not there, `LINTEL_E_PAINTING` when the loss
   * stays without a number at smaller and smaller steps.
   */
  paint(settings: PaintSettings, inputs: PaintInputs, options?: PaintOptions): Promise<Painting>;
}

export interface PainterParts {
  readonly graphs: GraphRuntime;
  readonly networks: FeatureNetworks;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createPainter(parts: PainterParts): Painter {
  return {
    async paint(settings, files, options = {}) {
      checkOptimiser(settings);
      const inputs = await openInputs(settings, files);
      const network = await parts.networks.load(settings.network);
      const plan = planLosses(settings, network);
      const { content, style } = layersOf(plan);
      const step = canvasStep(layersUpTo(network, [...content, ...style]));
      const size = paintingSize(settings, inputs);
      checkSize(size, settings);
      const levels = pyramid({ ...size, ...settings, canvasStep: step });
      const identity = paintingHash({ settings, inputs: inputs.record, networkSha256: network.sha256 });
      const scene = { graphs: parts.graphs, network, plan, settings, inputs, canvasStep: step };
      return new PaintingRun({ ...parts, scene, levels, paintingHash: identity, options }).paint();
    },
  };
}

// --- internal ---

/** Throws `LINTEL_E_USAGE`: a dream is looked at from another side at each step, which a line search cannot stand. */
function checkOptimiser({ mode, optimiser }: PaintSettings): void {
  if (mode !== "dream" || optimiser === "adam") return;
  throw new LintelError("LINTEL_E_USAGE", `a dream is not painted with ${optimiser}`, { hint: "Use adam for it." });
}

/** Throws `LINTEL_E_USAGE` for a painting that would not fit into memory. */
function checkSize({ width, height }: CanvasSize, { optimiser }: PaintSettings): void {
  const most = maxPixelsOf[optimiser];
  if (width * height <= most) return;
  const longest = Math.floor(Math.max(width, height) * Math.sqrt(most / (width * height)));
  const message = `${width} x ${height} pixels need more memory with ${optimiser} than painting may take`;
  throw new LintelError("LINTEL_E_USAGE", message, {
    hint: `Set the size to ${longest} at most${optimiser === "lbfgs" ? ", or the optimiser to adam" : ""}.`,
  });
}
