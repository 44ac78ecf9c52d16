import { setPriority } from "node:os";
import { z } from "zod";
import { systemClock } from "../../core/clock.ts";
import { errorText, exitCode, LintelError } from "../../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../../core/json-lines.ts";
import { requireMachineTime } from "../../core/time-source.ts";
import { systemTimers } from "../../core/timers.ts";
import type { GpioLines } from "../api.ts";
import { debounceTimes, gpioConfig, openGpio, wiredSignals } from "../gpio/table.ts";
import { RelayGuard } from "./guard.ts";
import { type GuardMessage, guardCommand } from "./protocol.ts";

/**
 * The relay guard as a process: `node dist/hal/relay-guard/main.js`. The first line of standard input is
 * `{"gpio": ...}`, the following ones are commands; messages go to standard output. It locks and ends when its input
 * closes or a signal asks it to, and ends with a code other than 0 when the chip cannot be trusted; in both cases the
 * chip gets its lines back. Nothing here waits for a peer: a parent that stands still must not delay the lock.
 */
const guardConfig = z.strictObject({ gpio: gpioConfig });

const maxCommandBytes = 64 * 1024;
/** A parent that leaves this much unread has stopped; a door without a parent is locked. */
const maxBacklogBytes = 256 * 1024;
/** The process ends after this long whatever the chip does. */
const stopDeadlineMs = 500;

let lines: GpioLines | undefined;
let guard: RelayGuard | undefined;
let isConfigured = false;
let isEnding = false;

function send(message: GuardMessage): void {
  if (process.stdout.writableLength > maxBacklogBytes) void end("parent-gone");
  else writeJsonLine(process.stdout, message);
}

function fault(reason: string): void {
  send({ type: "fault", reason, atMs: systemClock.nowMs() });
}

/** Ends the process on a failure. The guard has tried to lock; exiting closes the lines, and the chip drives them safe. */
function die(code: number): void {
  isEnding = true;
  // A moment for the fault message to leave; not longer than a stop may take.
  process.stdout.end(() => process.exit(code));
  setTimeout(() => process.exit(code), 100);
}

async function start(raw: unknown): Promise<void> {
  const config = guardConfig.safeParse(raw);
  if (!config.success) {
    fault(`the configuration of the guard is wrong: ${config.error.issues[0]?.message ?? "unreadable"}`);
    return die(exitCode.config);
  }
  const { gpio } = config.data;
  try {
    if (gpio.driver !== "simulated") requireMachineTime(process.env);
    const events = {
      onEdge: (edge: Parameters<RelayGuard["edge"]>[0]) => guard?.edge(edge),
      onLost: (reason: string) => guard?.lost(reason),
    };
    lines = await openGpio(gpio, events, { timers: systemTimers });
    guard = new RelayGuard({
      driver: gpio.driver,
      lines,
      inputs: debounceTimes(gpio),
      signals: wiredSignals(gpio),
      clock: systemClock,
      timers: systemTimers,
      send,
      onFatal: () => die(exitCode.hardware),
    });
    await guard.start();
  } catch (error) {
    fault(errorText(error));
    die(error instanceof LintelError ? error.exit : exitCode.hardware);
  }
}

async function end(cause: "parent-gone" | "lock"): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  setTimeout(() => process.exit(exitCode.hardware), stopDeadlineMs);
  await guard?.stop(cause);
  await lines?.close().catch(() => {});
  process.stdout.end(() => process.exit(exitCode.ok));
}

function receive(raw: unknown): void {
  if (!isConfigured) {
    isConfigured = true;
    void start(raw);
    return;
  }
  const command = guardCommand.safeParse(raw);
  // A command that cannot be read never opens; a `lock` in it would be lost, which its lease bounds.
  if (!command.success) refuse("malformed");
  else if (!guard) refuse("not-ready");
  else guard.command(command.data);
}

function refuse(reason: string): void {
  send({ type: "refused", id: "", reason, atMs: systemClock.nowMs() });
}

try {
  setPriority(-10);
} catch {
  // Only a privileged user may: an ordinary priority is enough on a machine that is not overloaded.
}
process.stdout.on("error", () => void end("parent-gone"));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end("lock"));
readJsonLines(process.stdin, maxCommandBytes, {
  onMessage: receive,
  onBadLine: () => refuse("malformed"),
  onClose: () => void end("parent-gone"),
});
