import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import { visionEnvironment } from "../vision/environment.ts";
import { maxVisionLineBytes, type PhotoAnswer, photoAnswer } from "../vision/protocol.ts";
import { type ChildHandlers, startChild } from "./child-process.ts";
import { connectChild } from "./child-socket.ts";
import { ProcessPhotoAnalyser } from "./photo-analyser.ts";

/** Looks at photographs in `vision --photos`, a process that is started for the first one and ends when it is idle. */
export function createPhotoAnalyser(
  /** First line for the process; see `vision/config.ts`. */
  settings: object,
  deps: {
    readonly logger: Logger;
    readonly clock: Clock;
    readonly timers: Timers;
    /** Where a service for photographs listens; absent: the process is spawned. */
    readonly socketPath?: string | undefined;
  },
): ProcessPhotoAnalyser {
  const { socketPath } = deps;
  const logger = deps.logger.child({ component: "vision-photos" });
  return new ProcessPhotoAnalyser({
    logger,
    open: ({ onMessage, onClosed }) => {
      const spec = {
        name: "vision-photos",
        entry: new URL("../vision/main.js", import.meta.url),
        args: ["--photos"],
        env: visionEnvironment,
        schema: photoAnswer,
        maxLineBytes: maxVisionLineBytes,
        isExpendable: true,
        firstMessage: settings,
      };
      const handlers: ChildHandlers<PhotoAnswer> = { onMessage, onExit: ({ reason }) => onClosed(reason) };
      const childDeps = { ...deps, logger };
      const child =
        socketPath === undefined
          ? startChild(spec, handlers, childDeps)
          : connectChild(socketPath, spec, { handlers, deps: childDeps });
      return { send: (request) => void child.send(request), close: () => void child.stop() };
    },
  });
}
