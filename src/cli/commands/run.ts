import { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { exitCode } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { requireMachineTime } from "../../core/time-source.ts";
import { systemTimers } from "../../core/timers.ts";
import { type AppOptions, type RunningApp, startApp } from "../../daemon/app.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import { createLogger } from "../../daemon/log.ts";
import { ServiceWatch } from "../../daemon/service/watch.ts";
import { openServiceManager, type ServiceManager } from "../../hal/service-manager.ts";
import { defaultConfigFile } from "../defaults.ts";
import { describeFailure } from "../failure.ts";
import { packageVersion } from "../version.ts";

export function runCommand(): Command {
  return new Command("run")
    .description("The daemon: watches the camera, opens the door, serves requests. Logs are JSON on standard error.")
    .option("--config <file>", "configuration", defaultConfigFile)
    .option("--end-with-input", "end when standard input closes: for a parent that may be killed")
    .addHelpText("after", "\nExample:\n  lintel run --config config/lintel.yaml")
    .action(async (options: { config: string; endWithInput?: boolean }) => {
      const config = loadConfig(options.config, process.env);
      if (config.gpio.driver !== "simulated") requireMachineTime(process.env);
      const logger = createLogger(config.log.level);
      const ending = untilAskedToEnd();
      if (options.endWithInput === true) process.stdin.on("close", ending.end).resume();
      // Whatever escapes ends this process; the guard then finds its input closed and locks.
      for (const name of ["uncaughtException", "unhandledRejection"] as const) {
        process.on(name, (error) => {
          logger.error({ err: error }, "unexpected failure, ending");
          process.exit(exitCode.hardware);
        });
      }
      const manager = await openServiceManager(process.env, (reason) => logger.warn({ reason }, "service manager"));
      const app = await started({
        config,
        environment: process.env,
        version: packageVersion(),
        clock: systemClock,
        timers: systemTimers,
        random: Math.random,
        logger,
        onRestart: () => ending.end(),
      });
      const watch = manager && watchFor(manager, app, logger);
      watch?.start();
      await ending.asked;
      watch?.stop();
      await end(app);
      process.exit(exitCode.ok);
    });
}

// --- internal ---

/** An input that is listened to would keep a process alive that has failed to start. */
async function started(options: AppOptions): Promise<RunningApp> {
  try {
    return await startApp(options);
  } catch (error) {
    process.stdin.destroy();
    throw error;
  }
}

/** The first signal asks, the second forces. */
function untilAskedToEnd(): { asked: Promise<void>; end(): void } {
  let end: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    end = resolve;
  });
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(exitCode.hardware);
      end();
    });
  }
  return { asked, end: () => end() };
}

function watchFor(manager: ServiceManager, app: RunningApp, logger: Logger): ServiceWatch {
  const lock = () => String(app.health().lock);
  const vitals = () => app.vitals();
  return new ServiceWatch({ manager, vitals, lock, clock: systemClock, timers: systemTimers, logger });
}

async function end(app: RunningApp): Promise<void> {
  try {
    await app.stop();
  } catch (error) {
    process.stderr.write(`lintel: ${describeFailure(error).line}\n`);
  }
}
