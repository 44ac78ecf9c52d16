import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { maxPayloadBytes } from "../requests/handler.ts";

export interface EmbeddedBrokerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** A busy port is an error unless another one will do (demo). */
  readonly allowOtherPort: boolean;
  readonly logger: Logger;
  /**
   * Names the topics on which nothing may be retained. A message sent there with the retain flag is not stored; it is
   * replaced by an empty one, which also clears what may lie there, and reported to `onRetainedRefused`.
   */
  isUnretainable?(topic: string): boolean;
  onRetainedRefused?(topic: string): void;
}

/** A small MQTT 3.1.1 broker inside the daemon, for this machine alone. Nothing in it survives the process. */
export class EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  #port = 0;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  /** Throws LINTEL_E_UNAVAILABLE when the port is busy. */
  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({ connectTimeout: 10_000 });
    aedes.authorizePublish = (_client, packet, callback) => {
      if (packet.topic.startsWith("$SYS/")) callback(new Error("$SYS is reserved"));
      else if (packet.payload.length > maxPayloadBytes) callback(new Error("message too large"));
      else {
        this.#stripRetained(packet);
        callback(null);
      }
    };
    aedes.on("clientError", (_client, error) =>
      this.#options.logger.debug({ error: errorText(error) }, "client error"),
    );
    aedes.on("connectionError", (_client, error) => {
      this.#options.logger.debug({ error: errorText(error) }, "connection error");
    });
    this.#aedes = aedes;
    try {
      this.#server = await this.#listen(aedes, this.#options.port);
    } catch (error) {
      await this.stop();
      throw error;
    }
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.#port = address.port;
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    const server = this.#server;
    this.#aedes = undefined;
    this.#server = undefined;
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  // --- internal ---

  #stripRetained(packet: { topic: string; retain: boolean; payload: string | Buffer }): void {
    if (!packet.retain || packet.payload.length === 0 || !this.#options.isUnretainable?.(packet.topic)) return;
    packet.payload = Buffer.alloc(0);
    this.#options.onRetainedRefused?.(packet.topic);
  }

  async #listen(aedes: Aedes, port: number): Promise<Server> {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: "127.0.0.1", port, exclusive: true }, resolve);
      });
      return server;
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (isBusy && this.#options.allowOtherPort && port !== 0) return this.#listen(aedes, 0);
      throw new LintelError(
        "LINTEL_E_UNAVAILABLE",
        `the embedded broker cannot listen on port ${port}: ${errorText(error)}`,
        {
          hint: "set mqtt.port to a free port, or mqtt.url to the broker that runs there",
          cause: error,
        },
      );
    }
  }
}
