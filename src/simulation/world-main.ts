import { pino } from "pino";
import { systemClock } from "../core/clock.ts";
import { errorText, LintelError } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import type { Logger } from "../core/logger.ts";
import { systemTimers } from "../core/timers.ts";
import { openEngine } from "../hal/compute/registry.ts";
import { ModelStore } from "../models/store.ts";
import { FaceDetector } from "../pipeline/detect.ts";
import { LandmarkFinder } from "../pipeline/landmarks.ts";
import { type Cast, faceReader, loadCast } from "./cast.ts";
import { roles } from "./roles.ts";
import { readScenario, sceneOf } from "./scenario.ts";
import { Scene } from "./scene.ts";
import { FigureMaker } from "./species.ts";
import { World } from "./world.ts";
import { maxWorldLineBytes, type WorldConfig, type WorldMessage, worldCommand, worldConfig } from "./world-protocol.ts";

/** The world process: one configuration line on standard input, then commands; it ends when the input does. */

const logger: Logger = pino({ level: "info" }, pino.destination({ fd: 2, sync: true }));
const log = logger.child({ component: "world" });
const answer = (message: WorldMessage) => {
  writeJsonLine(process.stdout, message);
};

let world: Promise<World> | undefined;
// Commands are done in the order in which they came, also those that came before the world was ready.
let done: Promise<void> = Promise.resolve();

readJsonLines(process.stdin, maxWorldLineBytes, {
  onMessage: (message) => {
    if (world === undefined) world = begin(message);
    else obey(world, message);
  },
  onBadLine: (reason) => answer({ type: "refused", reason: `the line is ${reason}` }),
  onClose: () => void end(0),
});
process.on("SIGTERM", () => void end(0));
// A director who is gone cannot be answered; the closed input ends this process.
process.stdout.on("error", () => {});

async function begin(message: unknown): Promise<World> {
  try {
    const parsed = worldConfig.safeParse(message);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
      throw new LintelError("LINTEL_E_USAGE", `the configuration of the world is wrong: ${problems}`);
    }
    const cast = await castOf(parsed.data);
    const maker = new FigureMaker();
    const scene = await firstScene(parsed.data, cast, maker);
    const { socketPath, fps } = parsed.data;
    const made = new World({ scene, socketPath, fps, clock: systemClock, timers: systemTimers, logger: log, answer });
    await made.start();
    answer({ type: "ready", actors: [...cast.keys()] });
    rehearse(cast, maker);
    return made;
  } catch (error) {
    const hint = error instanceof LintelError ? error.hint : undefined;
    log.error({ reason: errorText(error), hint }, "the world cannot start");
    process.exit(error instanceof LintelError ? error.exit : 1);
  }
}

function obey(running: Promise<World>, message: unknown): void {
  const parsed = worldCommand.safeParse(message);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "command"}: ${issue.message}`);
    answer({ type: "refused", reason: problems.join("; ") });
    return;
  }
  done = done.then(async () => (await running).command(parsed.data));
}

/** The networks are opened only when a photograph was never measured, and closed before the scene begins. */
async function castOf(config: WorldConfig): Promise<Cast> {
  const store = new ModelStore({ cacheDirectory: config.cacheDirectory, logger: log });
  const engine = await openEngine({ engine: "auto", device: "cpu", threads: 1, source: store, logger: log });
  try {
    return await loadCast({
      cacheDirectory: config.cacheDirectory,
      openReader: async () =>
        faceReader(new FaceDetector(await engine.open("blazeface")), new LandmarkFinder(await engine.open("facemesh"))),
      logger: log,
    });
  } finally {
    await engine.close();
  }
}

async function firstScene(config: WorldConfig, cast: Cast, maker: FigureMaker): Promise<Scene> {
  const { width, height, seed, scenario } = config;
  if (scenario === undefined) return new Scene(cast, { width, height, seed, maker });
  return sceneOf(await readScenario(scenario), cast, { width, height, maker });
}

/** Builds the heads that will be wanted while nobody is there, one at a time, so that entering costs no frame. */
function rehearse(cast: Cast, maker: FigureMaker): void {
  const names: string[] = [roles.enrolled, roles.newcomer, ...roles.strangers];
  const next = () => {
    const actor = cast.get(names.shift() ?? "");
    if (!actor) return;
    maker.head(actor);
    setImmediate(next);
  };
  setImmediate(next);
}

async function end(code: number): Promise<void> {
  await (await world)?.stop();
  process.exit(code);
}
