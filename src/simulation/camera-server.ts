import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { errorText, LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";

/**
 * Serves frames on a unix socket, back to back, to any number of readers. A reader gets whole frames only; one that has
 * not taken its last frame yet misses the next.
 */
export class CameraServer {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #readers = new Set<Socket>();
  /** Frames that no reader is still being sent. */
  readonly #free: Buffer[] = [];
  readonly #frameBytes: number;
  #server: Server | undefined;

  constructor(options: { socketPath: string; frameBytes: number; logger: Logger }) {
    this.#path = options.socketPath;
    this.#frameBytes = options.frameBytes;
    this.#logger = options.logger;
  }

  /** Throws `LINTEL_E_USAGE` when the socket cannot be made. */
  async open(): Promise<void> {
    if (this.#server) return;
    await rm(this.#path, { force: true });
    const server = createServer((socket) => this.#welcome(socket));
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(this.#path, resolve);
      });
    } catch (cause) {
      this.#server = undefined;
      throw new LintelError("LINTEL_E_USAGE", `the camera socket ${this.#path} cannot be made: ${errorText(cause)}`, {
        hint: "Choose a path of at most 107 bytes in a directory that exists and may be written.",
        cause,
      });
    }
  }

  /** Ends every connection and refuses new ones. Safe to call twice. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const reader of this.#readers) reader.destroy();
    this.#readers.clear();
    if (!server) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }

  /** Sends one frame, which `paint` fills, to every reader that is ready for it. */
  send(paint: (frame: Uint8Array) => void): void {
    const ready = [...this.#readers].filter((reader) => reader.writableLength === 0);
    if (ready.length === 0) return;
    const frame = this.#free.pop() ?? Buffer.alloc(this.#frameBytes);
    paint(frame);
    let pending = ready.length;
    for (const reader of ready) {
      reader.write(frame, () => {
        pending--;
        if (pending === 0) this.#free.push(frame);
      });
    }
  }

  #welcome(socket: Socket): void {
    this.#readers.add(socket);
    socket.on("close", () => this.#readers.delete(socket));
    socket.on("error", (error) => this.#logger.debug({ reason: errorText(error) }, "camera connection broke"));
    // Cameras have nothing to say; what comes is thrown away so that their end is noticed.
    socket.resume();
  }
}
