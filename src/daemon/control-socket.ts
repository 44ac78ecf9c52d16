import { chmod, lstat, mkdtemp, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { errorText, LintelError } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import type { Logger } from "../core/logger.ts";
import type { RequestOrigin } from "./api.ts";
import type { Dispatcher, RequestAnswer } from "./requests/dispatch.ts";
import { maxPayloadBytes } from "./requests/handler.ts";

/** A line: the largest request with its envelope. */
export const maxControlLineBytes = maxPayloadBytes + 64 * 1024;
const maxClients = 16;
/** A client that has this many requests unanswered is not read from until one is answered. */
const maxPendingPerClient = 4;
/** The kernel's limit for the path of a unix socket, without the closing zero. */
const maxSocketPathBytes = 107;

const origin: RequestOrigin = { transport: "control-socket", name: "control-socket" };

export function controlSocketPath(stateDirectory: string): string {
  return join(stateDirectory, "control.sock");
}

/**
 * Requests from this machine: one JSON document a line, `{request, data, transaction?}` in, the answer out. The socket
 * is made inside a directory that only we can enter and moved into place, so at no moment can another user reach it.
 */
export class ControlSocket {
  readonly #path: string;
  readonly #stateDirectory: string;
  readonly #dispatcher: Pick<Dispatcher, "dispatch">;
  readonly #log: Logger;
  readonly #clients = new Set<Socket>();
  #server: Server | undefined;
  #inode: number | undefined;

  constructor(options: { stateDirectory: string; dispatcher: Pick<Dispatcher, "dispatch">; logger: Logger }) {
    this.#stateDirectory = options.stateDirectory;
    this.#path = controlSocketPath(options.stateDirectory);
    this.#dispatcher = options.dispatcher;
    this.#log = options.logger.child({ component: "control-socket" });
  }

  /** Throws LINTEL_E_STATE_IN_USE when another daemon answers, LINTEL_E_CONFIG when the path cannot hold a socket. */
  async start(): Promise<void> {
    if (Buffer.byteLength(this.#path) > maxSocketPathBytes) {
      throw new LintelError(
        "LINTEL_E_CONFIG",
        `the path of the control socket is longer than ${maxSocketPathBytes} bytes`,
        {
          hint: "choose a shorter stateDirectory",
        },
      );
    }
    await this.#makeWay();
    const directory = await mkdtemp(join(this.#stateDirectory, ".c-"));
    try {
      const unseen = join(directory, "s");
      const server = createServer((socket) => this.#accept(socket));
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(unseen, resolve);
      });
      this.#server = server;
      await chmod(unseen, 0o600);
      await rename(unseen, this.#path);
      this.#inode = (await lstat(this.#path)).ino;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const client of this.#clients) client.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#inode === undefined) return;
    const there = await lstat(this.#path).catch(() => undefined);
    if (there?.ino === this.#inode) await rm(this.#path, { force: true });
    this.#inode = undefined;
  }

  // --- internal ---

  /** Removes what a dead daemon left; anything that answers, or is no socket, stays. */
  async #makeWay(): Promise<void> {
    const there = await lstat(this.#path).catch(() => undefined);
    if (!there) return;
    if (!there.isSocket()) {
      throw new LintelError("LINTEL_E_CONFIG", `${this.#path} is in the way: it is no socket`, {
        hint: "move it away",
      });
    }
    if (await isAnswered(this.#path)) {
      throw new LintelError("LINTEL_E_STATE_IN_USE", `another daemon runs on ${this.#stateDirectory}`, {
        hint: "stop it first, or give this one a stateDirectory of its own",
      });
    }
  }

  #accept(socket: Socket): void {
    if (this.#clients.size >= maxClients) {
      this.#turnAway(socket);
      return;
    }
    this.#clients.add(socket);
    let pending = 0;
    const reply = (answer: RequestAnswer) => writeJsonLine(socket, answer);
    readJsonLines(socket, maxControlLineBytes, {
      onMessage: (message) => {
        pending += 1;
        if (pending >= maxPendingPerClient) socket.pause();
        this.#answer(message, reply)
          .then(reply)
          .catch((error) => this.#log.error({ error: errorText(error) }, "answer failed"))
          .finally(() => {
            pending -= 1;
            if (pending < maxPendingPerClient) socket.resume();
          });
      },
      onBadLine: (reason) => {
        reply(refusal(reason === "too-long" ? "the request is too long" : "the request is not JSON"));
      },
      onClose: () => {
        this.#clients.delete(socket);
        socket.destroy();
      },
    });
  }

  #turnAway(socket: Socket): void {
    socket.on("error", () => {});
    socket.resume();
    socket.end(`${JSON.stringify(refusal("too many clients"))}\n`, () => socket.destroy());
  }

  async #answer(message: unknown, onProgress: (progress: RequestAnswer) => void): Promise<RequestAnswer> {
    if (typeof message !== "object" || message === null || !("request" in message)) return refusal("no request named");
    const { request, data, transaction, ...rest } = message as Readonly<Record<string, unknown>>;
    if (typeof request !== "string") return refusal("request: must be a name");
    if (Object.keys(rest).length > 0) return refusal("only request, data and transaction may be given");
    const body = { data, transaction };
    return this.#dispatcher.dispatch({ name: request, body, origin, isTrusted: true, onProgress });
  }
}

/** Whether somebody accepts connections on a unix socket. */
export async function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

// --- internal ---

function refusal(error: string): RequestAnswer {
  return { data: {}, status: "error", error, code: "LINTEL_E_REQUEST" };
}
