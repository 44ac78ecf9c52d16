// The built vision process before the simulated camera.
import { visionEnvironment } from "../../dist/vision/environment.js";
import { start, withFolder } from "./process.mjs";
import { cacheDirectory } from "./setting.mjs";

/** Runs the work with a camera of the simulated world and a vision process that is ready. */
export async function withVision({ fps, env = {} }, work) {
  return withFolder(async (folder, onEnd) => {
    const socket = `${folder}/camera.sock`;
    const world = start("simulation/world-main.js", { config: { socketPath: socket, fps, cacheDirectory } });
    onEnd(() => world.stop());
    await world.messages.until((message) => message.type === "ready");
    const camera = { driver: "simulated", socket };
    const vision = await startVision(camera, { env });
    onEnd(() => vision.stop());
    return work({ world, vision, folder });
  });
}

export async function startVision(camera, { env = {} } = {}) {
  const vision = start("vision/main.js", {
    config: { camera, modelCacheDirectory: cacheDirectory, logLevel: "error" },
    env: { ...visionEnvironment, ...env },
  });
  await vision.messages.until((message) => message.type === "ready");
  return vision;
}
