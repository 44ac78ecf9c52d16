// The whole built programme before the simulated camera and chip.
import { fileURLToPath } from "node:url";
import { connectControl } from "../../dist/cli/control-client.js";
import { watchDisplay } from "../../dist/cli/demo/display-watcher.js";
import { freePort } from "../../dist/cli/demo/ports.js";
import { pause, start, withFolder } from "./process.mjs";
import { cacheDirectory } from "./setting.mjs";

const configFile = fileURLToPath(new URL("../../config/demo.yaml", import.meta.url));

/** Runs the work in a folder with the sockets of a camera, whose world is ready, and of a chip. */
export function withDoorWorld(work) {
  return withFolder(async (folder, onEnd) => {
    const config = { socketPath: `${folder}/camera.sock`, cacheDirectory };
    const world = start("simulation/world-main.js", { config });
    onEnd(() => world.stop());
    const chip = start("simulation/gpio-chip-main.js", { config: { socketPath: `${folder}/gpio.sock` } });
    onEnd(() => chip.stop());
    await world.messages.until((message) => message.type === "ready");
    return work({ folder, onEnd, world });
  });
}

/** Starts the daemon; `ms` until it answers requests, and until it says that the door would open for somebody. */
export async function startDaemon(folder, { models = cacheDirectory, state = "state", env = {} } = {}) {
  const stateDirectory = `${folder}/${state}`;
  const port = await freePort(0);
  const startedMs = performance.now();
  const daemon = start("cli/main.js", {
    args: ["run", "--config", configFile, "--end-with-input"],
    env: {
      LINTEL__stateDirectory: stateDirectory,
      LINTEL__models__cacheDirectory: models,
      LINTEL__camera__socket: `${folder}/camera.sock`,
      LINTEL__gpio__socketPath: `${folder}/gpio.sock`,
      LINTEL__lobby__port: String(port),
      LINTEL__operations__port: "0",
      LINTEL__mqtt__port: "0",
      ...env,
    },
  });
  const control = await answered(() => connectControl(stateDirectory));
  const answersMs = performance.now() - startedMs;
  await answered(() => isHealthy(control));
  const ms = { answers: answersMs, ready: performance.now() - startedMs };
  const stop = async () => {
    control.close();
    await daemon.stop();
  };
  return { pid: daemon.pid, control, port, ms, stop };
}

/** Alice is known from then on, and whoever walks up does what the display asks until the signal aborts. */
export async function enrolAlice({ daemon, world, cast }, signal) {
  void watchDisplay(`http://127.0.0.1:${daemon.port}/door/events`, signal, ({ prompt }) =>
    world.send({ type: "prompt", prompt }),
  );
  const photo = Buffer.from(await cast.photoOf(cast.alice)).toString("base64");
  await daemon.control.request("people/add", { id: "alice", name: "Alice Example", photos: [photo] });
}

/** Asks every 20 ms until there is something. */
export async function answered(attempt, limitMs = 30_000) {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const answer = await attempt();
    if (answer !== null) return answer;
    if (performance.now() > endMs) throw new Error("the daemon did not get there");
    await pause(20);
  }
}

/** True or null; a daemon that is still starting may refuse the question. */
async function isHealthy(control) {
  const health = await control.request("health", {}).catch(() => ({ ok: false }));
  return health.ok ? true : null;
}
