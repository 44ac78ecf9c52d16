import { createFeatureNetworks } from "../art/networks/networks.ts";
import { createPainter, type Painter } from "../art/paint.ts";
import { systemClock } from "../core/clock.ts";
import { createLogger } from "../daemon/log.ts";
import { createOnnxGraphs } from "../hal/compute/onnx-graphs.ts";
import { userModelCache } from "./defaults.ts";

/** The painter for commands: with the networks of the user's own model store, logging warnings. */
export function openPainter(threads: number): Painter {
  const networks = createFeatureNetworks({ cacheDirectory: userModelCache(process.env) });
  return createPainter({
    graphs: createOnnxGraphs({ threads }),
    networks,
    clock: systemClock,
    logger: createLogger("warn"),
  });
}
