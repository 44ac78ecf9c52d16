import { silentLogger } from "../core/logger.ts";
import { openEngine } from "../hal/compute/registry.ts";
import { ModelStore } from "../models/store.ts";
import type { Engine } from "../pipeline/engine.ts";
import { userModelCache } from "./defaults.ts";

/** The networks of this machine, for work at a desk. */
export function openDeskEngine(): Promise<Engine> {
  return openEngine({
    engine: "auto",
    device: "auto",
    threads: 1,
    source: new ModelStore({ cacheDirectory: userModelCache(process.env), logger: silentLogger }),
    logger: silentLogger,
  });
}
