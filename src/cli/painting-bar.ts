import { Presets, SingleBar } from "cli-progress";
import type { PaintProgress } from "../art/paint.ts";

export interface PaintingBar {
  update(progress: PaintProgress): void;
  stop(): void;
}

/** How far a painting is, on a terminal's standard error; nothing where there is none. */
export function paintingBar(): PaintingBar {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: "{bar} {percentage} %, step {step} of {steps}, {canvas}, loss {loss}, {eta_formatted} left",
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 20,
    },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update({ step, steps, share, loss, width, height }) {
      const payload = { step, steps, canvas: `${width} x ${height}`, loss: loss.toPrecision(3) };
      if (!isStarted) bar.start(1000, 0, payload);
      bar.update(Math.round(1000 * share), payload);
      isStarted = true;
    },
    stop: () => bar.stop(),
  };
}
