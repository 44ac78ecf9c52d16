import { z } from "zod";
import { systemClock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import { silentLogger } from "../../core/logger.ts";
import { systemTimers } from "../../core/timers.ts";
import { startChild } from "../../daemon/child-process.ts";
import {
  type WorldCommandInput,
  type WorldConfigInput,
  type WorldMessage,
  worldMessage,
} from "../../simulation/world-protocol.ts";

/** A running simulator; it ends with the process that started it, whatever happens. */
export interface Simulator {
  readonly pid: number | undefined;
  /** Safe to call twice. */
  stop(): Promise<unknown>;
}

export interface RunningWorld extends Simulator {
  readonly actors: readonly string[];
  command(command: WorldCommandInput): void;
  /** Resolves when nobody is in view any more. */
  untilEmpty(): Promise<void>;
}

const deps = { logger: silentLogger, clock: systemClock, timers: systemTimers };

/** The GPIO chip behind its socket; resolves when it takes connections. Rejects with `LINTEL_E_CHILD`. */
export async function startChip(socketPath: string): Promise<Simulator> {
  const ready = untilReady("simulated chip");
  const child = startChild(
    {
      name: "gpio-chip",
      entry: new URL("../../simulation/gpio-chip-main.js", import.meta.url),
      schema: z.looseObject({ type: z.string() }),
      maxLineBytes: 64 * 1024,
      firstMessage: { socketPath },
    },
    { onMessage: ({ type }) => type === "ready" && ready.resolve(), onExit: ready.ended },
    deps,
  );
  await ready.promise;
  return { pid: child.pid, stop: () => child.stop() };
}

/** The world before the camera; resolves when its socket takes cameras. Rejects with `LINTEL_E_CHILD`. */
export async function startWorld(config: WorldConfigInput): Promise<RunningWorld> {
  const ready = untilReady("simulated world");
  let actors: readonly string[] = [];
  let present: readonly string[] = [];
  let waiting: (() => void)[] = [];
  const onMessage = (message: WorldMessage) => {
    if (message.type === "ready") {
      actors = message.actors;
      ready.resolve();
    } else if (message.type === "present") {
      present = message.ids;
      if (present.length > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    }
  };
  const child = startChild<WorldMessage>(
    {
      name: "world",
      entry: new URL("../../simulation/world-main.js", import.meta.url),
      schema: worldMessage,
      maxLineBytes: 64 * 1024,
      firstMessage: config,
    },
    { onMessage, onExit: ready.ended },
    deps,
  );
  await ready.promise;
  return {
    pid: child.pid,
    actors,
    command: (command) => void child.send(command),
    untilEmpty: () =>
      present.length === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
    stop: () => child.stop(),
  };
}

// --- internal ---

function untilReady(name: string) {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onReady, onFailed) => {
    resolve = onReady;
    reject = onFailed;
  });
  const ended = ({ reason }: { reason: string }) => reject(new LintelError("LINTEL_E_CHILD", `the ${name} ${reason}`));
  return { promise, resolve: () => resolve(), ended };
}
