import type { ServerResponse } from "node:http";
import type { Logger } from "../../core/logger.ts";

/** Server-sent events (WHATWG HTML, 9.2) for a bounded number of pages. */

export interface StreamLimits {
  readonly maxClients: number;
  /** So that one machine on the network can not take every place. */
  readonly maxClientsPerAddress: number;
  /** A page that leaves so much unread is dropped; it comes back by itself. */
  readonly maxUnreadBytes: number;
  readonly heartbeatMs: number;
}

export const defaultStreamLimits: StreamLimits = {
  maxClients: 32,
  maxClientsPerAddress: 16,
  maxUnreadBytes: 64 * 1024,
  heartbeatMs: 15_000,
};

interface Client {
  readonly response: ServerResponse;
  readonly channel: string;
  readonly address: string;
}

/** The wire form of one event. `id` is that of the server's start: a page that sees another one loads itself anew. */
export function formatEvent(id: string, name: string, data: unknown): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export class EventStreams {
  readonly #serverId: string;
  readonly #limits: StreamLimits;
  readonly #logger: Logger;
  readonly #clients = new Set<Client>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: { serverId: string; limits: StreamLimits; logger: Logger }) {
    this.#serverId = options.serverId;
    this.#limits = options.limits;
    this.#logger = options.logger;
  }

  get count(): number {
    return this.#clients.size;
  }

  start(): void {
    // the comment is for proxies, the event for the page, which can not see comments
    const beat = `: heartbeat\n${formatEvent(this.#serverId, "beat", null)}`;
    this.#heartbeat ??= setInterval(() => {
      for (const client of this.#clients) this.#write(client, beat);
    }, this.#limits.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** False when there is no place left. */
  hasRoomFor(address: string): boolean {
    const { maxClients, maxClientsPerAddress } = this.#limits;
    const fromThere = [...this.#clients].filter((client) => client.address === address).length;
    return this.#clients.size < maxClients && fromThere < maxClientsPerAddress;
  }

  /** Takes the response over and sends the state as it is now. */
  open(response: ServerResponse, place: { channel: string; address: string }, state: unknown): void {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    const client: Client = { response, ...place };
    this.#clients.add(client);
    const leave = (): void => void this.#clients.delete(client);
    response.once("close", leave);
    response.once("error", leave);
    this.#write(client, `retry: 1000\n${formatEvent(this.#serverId, "state", state)}`);
  }

  send(channel: string, state: unknown): void {
    const text = formatEvent(this.#serverId, "state", state);
    for (const client of this.#clients) if (client.channel === channel) this.#write(client, text);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  #write(client: Client, text: string): void {
    client.response.write(text);
    // counts what waits in the socket too
    const unreadBytes = client.response.writableLength;
    if (unreadBytes <= this.#limits.maxUnreadBytes) return;
    this.#clients.delete(client);
    client.response.destroy();
    this.#logger.warn({ channel: client.channel, address: client.address, unreadBytes }, "slow page dropped");
  }
}
