import type { CanvasSize } from "../graph/forward.ts";

/** One size at which is painted. */
export interface Level {
  /** What will be seen of it. */
  readonly visible: CanvasSize;
  /** What is painted: the visible part, continued to the right and below to whole steps of the network. */
  readonly canvas: CanvasSize;
  readonly steps: number;
}

export interface PyramidOptions extends CanvasSize {
  readonly coarsestSize: number;
  readonly steps: number;
  /** Both sides of a canvas are multiples of it. */
  readonly canvasStep: number;
}

/**
 * Sizes from coarse to fine, each larger by the square root of 2, the last one the wanted size. The finest gets half of the steps, the
 * others share the rest alike: what is large is settled where steps are cheap.
 */
export function pyramid(options: PyramidOptions): Level[] {
  const { width, height, steps } = options;
  const longer = Math.max(width, height);
  const wanted = 1 + Math.max(0, Math.ceil(2 * Math.log2(longer / options.coarsestSize) - 1e-9));
  // Every level has a step.
  const count = Math.min(wanted, steps);
  const coarse = count === 1 ? 0 : Math.max(1, Math.floor(steps / 2 / (count - 1)));
  return Array.from({ length: count }, (_, index) => {
    const factor = Math.SQRT2 ** (index - (count - 1));
    const visible = { width: shrunk(width, factor), height: shrunk(height, factor) };
    const isFinest = index === count - 1;
    return {
      visible,
      canvas: canvasOf(visible, options.canvasStep),
      steps: isFinest ? steps - coarse * index : coarse,
    };
  });
}

/** The smallest size in whole steps that holds the other one. */
export function canvasOf({ width, height }: CanvasSize, step: number): CanvasSize {
  return { width: step * Math.ceil(width / step), height: step * Math.ceil(height / step) };
}

function shrunk(side: number, factor: number): number {
  return Math.max(1, Math.round(side * factor));
}
