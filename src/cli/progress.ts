import { Presets, SingleBar } from "cli-progress";

/** What a long piece of work tells its progress to. */
export interface Progress {
  /** So many more of the total are done. */
  add(done: number): void;
  /** The bar is gone; safe to call twice. */
  stop(): void;
}

/**
 * A bar on standard error, on a terminal only: a log file is spared it. `what` names the units ("pictures").
 */
export function progressBar(total: number, what: string): Progress {
  const bar = new SingleBar(
    {
      format: `[{bar}] {value}/{total} ${what}, {eta_formatted} left`,
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: false,
      stopOnComplete: false,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { add: (done) => bar.increment(done), stop: () => bar.stop() };
}
