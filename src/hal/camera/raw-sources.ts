import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { RawSource } from "./raw-protocol.ts";

export interface RawSourceEvents {
  onData(chunk: Uint8Array): void;
  /** Called once at the latest when the source is gone; `detail` is what a program said last on its standard error. */
  onEnd(reason: string, detail?: string): void;
}

export interface RawSourceHandle {
  /** Ends the source and waits for it. Safe to call twice. */
  close(): Promise<void>;
}

const terminateGraceMs = 400;
const connectRetryMs = 50;

export function openRawSource(source: RawSource, events: RawSourceEvents): RawSourceHandle {
  return source.kind === "command" ? openCommand(source, events) : openSocket(source.path, events);
}

/**
 * The command line that dies with the thread that starts it. A program that writes ends by itself (its pipe is broken), but
 * one that hangs in the driver of a frozen camera never writes; the kernel's parent-death signal ends that one too.
 */
export function boundToParent(
  command: string,
  args: readonly string[],
  setpriv: string | null = findSetpriv(),
): { command: string; args: string[] } {
  if (setpriv === null) return { command, args: [...args] };
  return { command: setpriv, args: ["--pdeathsig", "KILL", "--", command, ...args] };
}

/** Part of util-linux. */
function findSetpriv(): string | null {
  const path = "/usr/bin/setpriv";
  return existsSync(path) ? path : null;
}

function openCommand(source: Extract<RawSource, { kind: "command" }>, events: RawSourceEvents): RawSourceHandle {
  const bound = boundToParent(source.command, source.args);
  const further: ("pipe" | "ignore")[] = source.frameDescriptor === 3 ? ["ignore", "pipe", "pipe"] : ["pipe", "pipe"];
  const child = spawn(bound.command, bound.args, {
    stdio: [source.input === undefined ? "ignore" : "pipe", ...further],
  });
  // A program that ended before it read says why elsewhere.
  child.stdin?.on("error", () => {});
  child.stdin?.end(source.input);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.stdio[source.frameDescriptor]?.on("data", (chunk: Uint8Array) => events.onData(chunk));
  const closed = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      events.onEnd(`${source.command} did not start`, error.message);
      resolve();
    });
    // "close" comes after the last byte of both pipes, so that the reason is complete
    child.once("close", (code, signal) => {
      events.onEnd(`${source.command} ended (${signal ?? `exit code ${code}`})`, tellingLine(said));
      resolve();
    });
  });
  return {
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return closed;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), terminateGraceMs);
      await closed;
      clearTimeout(force);
    },
  };
}

/** Keeps trying until the socket is there: whoever serves the pictures may be starting at the same time. */
function openSocket(path: string, events: RawSourceEvents): RawSourceHandle {
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;
  const attempt = (): void => {
    let isConnected = false;
    let problem = "";
    const current = connect(path);
    socket = current;
    current.once("connect", () => {
      isConnected = true;
    });
    current.on("data", (chunk) => events.onData(chunk));
    current.on("error", (error) => {
      problem = error.message;
    });
    current.once("close", () => {
      if (isClosed) return;
      if (isConnected) events.onEnd(`the picture socket ${path} was closed`, problem);
      else retry = setTimeout(attempt, connectRetryMs);
    });
  };
  attempt();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      socket?.destroy();
    },
  };
}

/** The line that says why: GStreamer marks its errors and goes on with details, ffmpeg's last line is the one. */
export function tellingLine(text: string): string {
  const lines = text.trim().split("\n");
  return lines.find((line) => /^(?:ERROR|WARNING): /.test(line)) ?? lines.at(-1) ?? "";
}
