import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import { chipRequest, maxChipLineBytes } from "../hal/gpio/simulated-protocol.ts";
import { type ChipPeer, GpioChip } from "./gpio-chip.ts";

/** A peer that does not read is dropped when this much waits for it. */
const maxBacklogBytes = 8 * 1024 * 1024;

export interface GpioChipServer {
  /** Ends every connection, frees the socket. */
  stop(): Promise<void>;
}

/**
 * Puts a chip on a unix socket (mode 0600). A socket file left behind by a dead chip is replaced; a living one is not:
 * rejects with `LINTEL_E_GPIO`.
 */
export async function serveGpioChip(options: {
  readonly socketPath: string;
  readonly lines: number;
  readonly clock: Clock;
}): Promise<GpioChipServer> {
  const { socketPath } = options;
  if (await isAlive(socketPath)) {
    throw new LintelError("LINTEL_E_GPIO", `a simulated chip already listens on ${socketPath}`, {
      hint: "stop it or choose another gpio.socketPath",
    });
  }
  rmSync(socketPath, { force: true });
  const chip = new GpioChip(options);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(chip, socket);
  });
  await listen(server, socketPath);
  chmodSync(socketPath, 0o600);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

// --- internal ---

function serve(chip: GpioChip, socket: Socket): void {
  const peer: ChipPeer = {
    send: (message) => {
      if (socket.writableLength > maxBacklogBytes) socket.destroy();
      else writeJsonLine(socket, message);
    },
  };
  readJsonLines(socket, maxChipLineBytes, {
    onMessage: (raw) => {
      const parsed = chipRequest.safeParse(raw);
      if (parsed.success) chip.handle(peer, parsed.data);
      else peer.send({ type: "error", id: idOf(raw), reason: "malformed" });
    },
    onBadLine: () => peer.send({ type: "error", id: 0, reason: "malformed" }),
    onClose: () => {
      chip.drop(peer);
      socket.destroy();
    },
  });
}

function idOf(raw: unknown): number {
  const id = typeof raw === "object" && raw !== null && "id" in raw ? raw.id : 0;
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : 0;
}

function isAlive(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new LintelError("LINTEL_E_GPIO", `cannot listen on ${socketPath}`, { hint: "is its folder writable?", cause }),
      ),
    );
    server.listen(socketPath, resolve);
  });
}
