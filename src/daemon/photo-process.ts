import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import { maxVisionLineBytes, photoAnswer } from "../vision/protocol.ts";
import { startChild } from "./child-process.ts";
import { ProcessPhotoAnalyser } from "./photo-analyser.ts";

/** Looks at photographs in `vision --photos`, a process that is started for the first one and ends when it is idle. */
export function createPhotoAnalyser(
  /** First line for the process; see `vision/config.ts`. */
  settings: object,
  deps: { readonly logger: Logger; readonly clock: Clock; readonly timers: Timers },
): ProcessPhotoAnalyser {
  const logger = deps.logger.child({ component: "vision-photos" });
  return new ProcessPhotoAnalyser({
    logger,
    open: ({ onMessage, onClosed }) => {
      const child = startChild(
        {
          name: "vision-photos",
          entry: new URL("../vision/main.js", import.meta.url),
          args: ["--photos"],
          schema: photoAnswer,
          maxLineBytes: maxVisionLineBytes,
          isExpendable: true,
          firstMessage: settings,
        },
        { onMessage, onExit: ({ reason }) => onClosed(reason) },
        { ...deps, logger },
      );
      return { send: (request) => void child.send(request), close: () => void child.stop() };
    },
  });
}
