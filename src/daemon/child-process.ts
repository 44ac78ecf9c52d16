import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import { forwardChildLog } from "./child-log.ts";
import { RateLimit } from "./rate-limit.ts";

/** What is run, and what it may say. */
export interface ChildSpec<Message> {
  readonly name: string;
  /** The compiled entry point, such as `new URL("../hal/relay-guard/main.js", import.meta.url)`. */
  readonly entry: URL;
  readonly args?: readonly string[];
  /** Programs with their arguments that are run first and become node, such as `nice -n 19`. */
  readonly launcher?: readonly string[];
  /** Options for node itself, such as a heap limit. */
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Every message is checked against it; what does not fit is dropped and logged. */
  readonly schema: z.ZodType<Message>;
  readonly maxLineBytes: number;
  /**
   * Killed with this process when it exits of its own accord without stopping its children first. Only for children that
   * have nothing to put in order: what holds a door locks it and ends by itself when its input closes.
   */
  readonly isExpendable?: boolean;
  /** Sent as the first line, before anything else: the child's configuration. */
  readonly firstMessage?: unknown;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** In words, for a log line. */
  readonly reason: string;
}

export interface ChildHandlers<Message> {
  onMessage(message: Message): void;
  /** Called once, after the last message. */
  onExit(exit: ChildExit): void;
}

/** A running child as its owner sees it. */
export interface Child {
  readonly pid: number | undefined;
  /** False when the child is gone or does not read what was sent before; the message is dropped then. */
  send(message: unknown): boolean;
  /** Ends it at once, with everything it started. */
  kill(): void;
  /** Closes its input, asks with SIGTERM after 500 ms, forces with SIGKILL after 1.5 s; resolves when it has ended. */
  stop(): Promise<ChildExit>;
}

export interface ChildDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
}

const maxUnreadBytes = 1024 * 1024;
const termAfterMs = 500;
const killAfterMs = 1500;
/** How long after its end the last words of a child may still arrive. */
const lastWordsMs = 200;

/**
 * Starts a node process with JSON Lines on its standard input and output and its log on standard error. It leads a
 * process group of its own: a Ctrl-C in the terminal reaches the parent alone, and nothing the child started (a decoder)
 * outlives it.
 */
export function startChild<Message>(
  spec: ChildSpec<Message>,
  handlers: ChildHandlers<Message>,
  deps: ChildDeps,
): Child {
  const node = [process.execPath, ...(spec.nodeOptions ?? []), fileURLToPath(spec.entry), ...(spec.args ?? [])];
  const [program = process.execPath, ...args] = [...(spec.launcher ?? []), ...node];
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { ...childEnvironment(process.env), ...spec.env },
  });
  // A pipe to a child that has just ended breaks; its exit is what counts.
  child.stdin.on("error", () => {});
  forwardChildLog(child.stderr, deps);
  readMessages(child.stdout, spec, { handlers, deps });
  const exited = untilExit(child, deps.timers);
  if (spec.isExpendable) killWithUs(child);
  void exited.then((exit) => handlers.onExit(exit));

  const send = (message: unknown): boolean => {
    const { stdin } = child;
    if (stdin.destroyed || stdin.writableEnded || stdin.writableLength > maxUnreadBytes) return false;
    writeJsonLine(stdin, message);
    return true;
  };
  if (spec.firstMessage !== undefined) send(spec.firstMessage);
  return {
    pid: child.pid,
    send,
    kill: () => killGroup(child, "SIGKILL"),
    stop: async () => {
      child.stdin.end();
      const calledOff = [
        deps.timers.after(termAfterMs, () => killGroup(child, "SIGTERM")),
        deps.timers.after(killAfterMs, () => killGroup(child, "SIGKILL")),
      ];
      const exit = await exited;
      for (const callOff of calledOff) callOff();
      return exit;
    },
  };
}

// --- internal ---

/** No child speaks to the service manager in our name. */
const serviceVariables = new Set(["CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]);

/** Children get no credentials and no overrides of the configuration: what they need is in their first message. */
function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isPrivate = (name: string) => serviceVariables.has(name) || name.startsWith("LINTEL__");
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isPrivate(name)));
}

/** Hands on what fits the schema; the rest is dropped and complained of. */
export function readMessages<Message>(
  input: Readable,
  spec: Pick<ChildSpec<Message>, "schema" | "maxLineBytes">,
  { handlers, deps }: { handlers: ChildHandlers<Message>; deps: ChildDeps },
): void {
  const complaints = new RateLimit({ burst: 5, perSecond: 0.2 });
  const complain = (reason: string) => {
    const verdict = complaints.take(deps.clock.nowMs());
    if (verdict.pass) deps.logger.warn({ reason, more: verdict.suppressed }, "message of a child dropped");
  };
  readJsonLines(input, spec.maxLineBytes, {
    onMessage: (raw) => {
      const parsed = spec.schema.safeParse(raw);
      if (parsed.success) handlers.onMessage(parsed.data);
      else complain(`${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? ""}`);
    },
    onBadLine: complain,
    onClose: () => {},
  });
}

/** Resolves when the process has ended and its pipes are read out, or shortly after its end when they stay open. */
function untilExit(child: ChildProcessWithoutNullStreams, timers: Timers): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, reason: `not started: ${error.message}` });
    });
    child.once("exit", (code, signal) => {
      killGroup(child, "SIGKILL");
      const exit = { code, signal, reason: signal ? `ended by ${signal}` : `ended with code ${code}` };
      const callOff = timers.after(lastWordsMs, () => resolve(exit));
      child.once("close", () => {
        callOff();
        resolve(exit);
      });
    });
  });
}

/** A child that hangs does not notice that its input closed. */
function killWithUs(child: ChildProcessWithoutNullStreams): void {
  const kill = () => killGroup(child, "SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}

/** Signals the child and whatever is left of its group. */
function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}
