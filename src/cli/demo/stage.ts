import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import { type ChipObserver, observeChip } from "../../hal/gpio/simulated-observer.ts";
import type { WorldCommandInput } from "../../simulation/world-protocol.ts";
import { userModelCache } from "../defaults.ts";
import { BrokerClient } from "./broker-client.ts";
import { type DaemonProcess, startDaemon } from "./daemon-process.ts";
import { hangDemoPictures } from "./demo-pictures.ts";
import { type Shown, watchDisplay } from "./display-watcher.ts";
import { freePort } from "./ports.ts";
import { startChip, startWorld } from "./simulators.ts";

/** The whole installation of the demo, running: world, chip, daemon, and the people who look on. */
export interface Stage {
  readonly actors: readonly string[];
  readonly doorPage: string;
  readonly lobbyPage: string;
  readonly mqttUrl: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly chip: ChipObserver;
  readonly broker: BrokerClient;
  /** What happens in front of the camera. */
  world(command: WorldCommandInput): void;
  /** Resolves when nobody is in view any more. */
  untilEmpty(): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly seed: number;
  onShown(state: Shown): void;
  /** The daemon ended by itself. */
  onDaemonEnded(reason: string): void;
}

/** Networks are compiled on the very first start. */
const startTimeoutMs = 90_000;
const doorId = "demo";

/** Starts everything, waits until the door would open for somebody, and ends everything again when a part fails. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "lintel-demo-"));
  const endings: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (let end = endings.pop(); end; end = endings.pop()) await end();
  };
  try {
    return await build(folder, options, { endings, stop });
  } catch (error) {
    // The log is what explains it: the folder stays.
    endings.shift();
    await stop();
    throw error;
  }
}

// --- internal ---

async function build(
  folder: string,
  options: StageOptions,
  { endings, stop }: { endings: (() => Promise<unknown> | unknown)[]; stop: () => Promise<void> },
): Promise<Stage> {
  const cameraSocket = join(folder, "camera.sock");
  const chipSocket = join(folder, "gpio.sock");
  const cacheDirectory = userModelCache(process.env);
  const chipChild = await startChip(chipSocket);
  endings.push(() => chipChild.stop());
  const world = await startWorld({ socketPath: cameraSocket, cacheDirectory, seed: options.seed });
  endings.push(() => world.stop());

  const [webPort, mqttPort] = [await freePort(8080), await freePort(1883)];
  const configFile = fileURLToPath(new URL("../../../config/demo.yaml", import.meta.url));
  const environment = {
    LINTEL__stateDirectory: join(folder, "state"),
    LINTEL__models__cacheDirectory: cacheDirectory,
    LINTEL__camera__socket: cameraSocket,
    LINTEL__gpio__socketPath: chipSocket,
    LINTEL__lobby__port: String(webPort),
    LINTEL__operations__port: String(await freePort(8081)),
    LINTEL__mqtt__port: String(mqttPort),
    ...(await hangDemoPictures(folder)),
  };
  const logFile = join(folder, "lintel.log");
  const daemon = startDaemon({ configFile, environment });
  daemon.log.pipe(createWriteStream(logFile, { mode: 0o600 }));
  endings.push(() => daemon.stop());
  let isStopping = false;
  void daemon.ended.then((how) => {
    if (!isStopping) options.onDaemonEnded(typeof how === "number" ? `code ${how}` : how);
  });

  const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`;
  const broker = await untilReady(() => BrokerClient.connect(mqttUrl, doorId, 1000), daemon, logFile);
  endings.push(() => broker.close());
  const chip = await observeChip(chipSocket);
  endings.push(() => chip.close());
  const looking = new AbortController();
  endings.push(() => looking.abort());
  void watchDisplay(`http://127.0.0.1:${webPort}/door/events`, looking.signal, (state) => {
    world.command({ type: "prompt", prompt: state.prompt });
    options.onShown(state);
  });
  await untilReady(() => requireHealthy(broker), daemon, logFile);
  return {
    actors: world.actors,
    doorPage: `http://127.0.0.1:${webPort}/door`,
    lobbyPage: `http://127.0.0.1:${webPort}/`,
    mqttUrl,
    configFile,
    logFile,
    environment,
    chip,
    broker,
    world: world.command,
    untilEmpty: world.untilEmpty,
    stop: () => {
      isStopping = true;
      return stop();
    },
  };
}

/** Tries until it works, the daemon has ended, or the time is over. */
async function untilReady<T>(attempt: () => Promise<T>, daemon: DaemonProcess, logFile: string): Promise<T> {
  const deadlineMs = systemClock.nowMs() + startTimeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (daemon.hasEnded || systemClock.nowMs() > deadlineMs) {
        throw new LintelError("LINTEL_E_CHILD", "the daemon did not become ready", {
          hint: `its log is ${logFile}`,
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function requireHealthy(broker: BrokerClient): Promise<void> {
  const health = await broker.request("health", {}, 2000);
  const isOk = typeof health === "object" && health !== null && "ok" in health && health.ok === true;
  if (!isOk) throw new Error("not ready yet");
}
