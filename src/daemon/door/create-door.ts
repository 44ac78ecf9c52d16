import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import { type GpioConfig, mayKeepLevel } from "../../hal/gpio/table.ts";
import { driveSafe } from "../../hal/relay-guard/lock-once.ts";
import { type GuardMessage, guardMessage } from "../../hal/relay-guard/protocol.ts";
import type { EventLog, EventType } from "../api.ts";
import { type ChildSpec, startChild } from "../child-process.ts";
import { Supervisor } from "../supervisor.ts";
import { DoorController } from "./controller.ts";
import type { CarriedOver } from "./machine.ts";
import type { DoorRules } from "./types.ts";

/** A door with its guard process. */
export interface DoorWithGuard {
  readonly door: DoorController;
  readonly guard: Supervisor<GuardMessage>;
  /** When the guard last said how it reads the strike, on the monotonic clock; null before the first time. */
  readonly readBackMs: number | null;
  /** When the present guard was started. */
  readonly guardStartedMs: number;
  start(): void;
  /** Locks, then ends the guard, which locks by itself as well. */
  stop(): Promise<void>;
}

/** The guard answers a probe a second; this many missed ones mean that it hangs. */
const guardSilenceMs = 3000;
/** Starting node takes a second on a small or busy board; nothing can be open meanwhile. */
const guardStartupMs = 10_000;

/** What the red light beside the door is for. A silent alarm (`duress`) shows nowhere. */
const refusals: ReadonlySet<EventType> = new Set<EventType>(["denied", "unknown", "spoof", "lockout"]);

/** Puts the controller and the supervised relay guard together. `gpio` goes to the guard alone. */
export function createDoor(options: {
  readonly gpio: GpioConfig;
  readonly rules: DoorRules;
  /** From before the restart (`carried-over.ts`). */
  readonly carriedOver?: CarriedOver;
  readonly events: EventLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
}): DoorWithGuard {
  const { gpio, clock, timers, logger, events } = options;
  const door = new DoorController({
    ...options,
    logger: logger.child({ component: "door" }),
    guard: { send: (command) => guard.send(command), replace: (reason) => guard.replace(reason) },
  });
  const spec: ChildSpec<GuardMessage> = {
    name: "relay-guard",
    entry: new URL("../../hal/relay-guard/main.js", import.meta.url),
    // A small heap: the guard keeps nothing, and small heaps have short pauses.
    nodeOptions: ["--max-old-space-size=32", "--max-semi-space-size=1"],
    schema: guardMessage,
    maxLineBytes: 64 * 1024,
    firstMessage: { gpio },
  };
  const guardLogger = logger.child({ component: "relay-guard" });
  const guard = new Supervisor<GuardMessage>({
    name: spec.name,
    launch: (handlers) => startChild(spec, handlers, { logger: guardLogger, clock, timers }),
    silenceMs: guardSilenceMs,
    startupMs: guardStartupMs,
    onMessage: (message) => {
      if (message.type === "state" || message.type === "strike") readBackMs = clock.nowMs();
      door.guardSaid(message);
    },
    onUp: () => {
      guardStartedMs = clock.nowMs();
    },
    onDown: (exit) => {
      door.guardGone(`the relay guard ${exit.reason}`);
      if (mayKeepLevel(gpio)) void lockAfterGuard(gpio, guardLogger);
    },
    clock,
    timers,
    logger: guardLogger,
  });
  let endRefusals = () => {};
  let readBackMs: number | null = null;
  let guardStartedMs = 0;
  return {
    door,
    guard,
    get readBackMs() {
      return readBackMs;
    },
    get guardStartedMs() {
      return guardStartedMs;
    },
    start: () => {
      endRefusals = events.subscribe(({ type }) => {
        if (refusals.has(type)) door.showRefusal();
      });
      door.start();
      guard.start();
    },
    stop: async () => {
      endRefusals();
      door.stop();
      await guard.stop();
    },
  };
}

// --- internal ---

/** A dead guard may have left the strike energised. The next guard would lock it too, but only once it has started. */
async function lockAfterGuard(gpio: GpioConfig, logger: Logger): Promise<void> {
  try {
    await driveSafe(gpio);
  } catch (error) {
    logger.warn({ reason: errorText(error) }, "the lines could not be driven safe after the relay guard ended");
  }
}
