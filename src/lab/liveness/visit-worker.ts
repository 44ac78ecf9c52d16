import { parentPort, workerData } from "node:worker_threads";
import { silentLogger } from "../../core/logger.ts";
import { faceReader, loadCast } from "../../simulation/cast.ts";
import { FigureMaker } from "../../simulation/species.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../vision/networks.ts";
import { defaultPolicy, defaultVision } from "./door-defaults.ts";
import { presentation } from "./presentations.ts";
import { type RehearseParts, rehearse } from "./rehearse.ts";
import type { VisitThreadSettings } from "./visit-thread.ts";
import type { Visit } from "./visits.ts";

/** The body of a `VisitThread`: it is told of a visit, and answers with what the door said. */
const port = parentPort;
if (port) {
  const parts = openParts(workerData as VisitThreadSettings);
  port.on("message", async ({ kind, seed }: Visit) => {
    port.postMessage(await rehearse(await parts, presentation(kind, seed)));
  });
}

async function openParts({ modelCacheDirectory, level }: VisitThreadSettings): Promise<RehearseParts> {
  const vision = defaultVision(modelCacheDirectory);
  const { engine } = await openConfiguredEngine(vision, silentLogger);
  const networks = await openDoorNetworks(engine);
  const cast = await loadCast({
    cacheDirectory: vision.modelCacheDirectory,
    openReader: async () => faceReader(networks.detector, networks.landmarks),
    logger: silentLogger,
  });
  const { limits, scheduling } = vision;
  return { limits, scheduling, policy: defaultPolicy, networks, cast, maker: new FigureMaker(), level };
}
