import { connect, type Socket } from "node:net";
import { z } from "zod";
import { type ErrorCode, errorCodes, LintelError } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import { controlSocketPath, maxControlLineBytes } from "../daemon/control-socket.ts";

/** Sends requests to the daemon that runs on a state directory. */
export interface ControlClient {
  /** The `data` of the answer. Throws a LintelError with the daemon's own code and text when it refuses. */
  request(name: string, data: unknown, onProgress?: (data: unknown) => void): Promise<unknown>;
  close(): void;
}

const isErrorCode = (code: string | undefined): code is ErrorCode => code !== undefined && code in errorCodes;

const answer = z.object({
  data: z.unknown(),
  status: z.enum(["ok", "error"]),
  error: z.string().optional(),
  code: z.string().optional(),
  progress: z.literal(true).optional(),
  transaction: z.number().optional(),
});

/** Connects to the daemon; null when none runs. Throws LINTEL_E_UNAVAILABLE when it is there but not for us. */
export async function connectControl(stateDirectory: string): Promise<ControlClient | null> {
  const path = controlSocketPath(stateDirectory);
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") return null;
    throw new LintelError("LINTEL_E_UNAVAILABLE", `the running daemon cannot be reached: ${String(code)}`, {
      hint: "run the command as the user the daemon runs as",
      cause: error,
    });
  }
  return new SocketClient(socket);
}

// --- internal ---

interface Waiting {
  readonly onProgress: ((data: unknown) => void) | undefined;
  resolve(data: unknown): void;
  reject(error: LintelError): void;
}

class SocketClient implements ControlClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #lastTransaction = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    readJsonLines(socket, maxControlLineBytes * 2, {
      onMessage: (message) => this.#answered(message),
      onBadLine: () => this.#fail("the daemon's answer could not be read"),
      onClose: () => this.#fail("the daemon ended the connection"),
    });
  }

  request(name: string, data: unknown, onProgress?: (data: unknown) => void): Promise<unknown> {
    const transaction = ++this.#lastTransaction;
    const message = { request: name, data, transaction };
    return new Promise((resolve, reject) => {
      this.#waiting.set(transaction, { resolve, reject, onProgress });
      if (this.#socket.destroyed || this.#socket.writableEnded) this.#fail("the daemon ended the connection");
      else writeJsonLine(this.#socket, message);
    });
  }

  close(): void {
    this.#socket.end();
    this.#socket.destroy();
  }

  #answered(message: unknown): void {
    const parsed = answer.safeParse(message);
    if (!parsed.success) {
      this.#fail("the daemon's answer could not be read");
      return;
    }
    const { data, status, error, code, progress, transaction } = parsed.data;
    // An answer to no request in particular is about the connection: none of those that wait will get theirs.
    if (transaction === undefined) {
      this.#fail(error ?? "the daemon refused the request");
      return;
    }
    const waiting = this.#waiting.get(transaction);
    if (progress) {
      waiting?.onProgress?.(data);
      return;
    }
    this.#waiting.delete(transaction);
    if (status === "ok") {
      waiting?.resolve(data);
      return;
    }
    const kind: ErrorCode = isErrorCode(code) ? code : "LINTEL_E_UNAVAILABLE";
    waiting?.reject(new LintelError(kind, error ?? "the daemon refused the request"));
  }

  #fail(text: string): void {
    for (const { reject } of this.#waiting.values()) reject(new LintelError("LINTEL_E_UNAVAILABLE", text));
    this.#waiting.clear();
  }
}
