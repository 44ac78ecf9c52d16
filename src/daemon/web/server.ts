import { randomUUID } from "node:crypto";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type Clock, systemClock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Display } from "../api.ts";
import { addAcknowledgements, type ChallengeDesk } from "./challenge-route.ts";
import { defaultStreamLimits, EventStreams, type StreamLimits } from "./event-streams.ts";
import { listen } from "./listen.ts";
import type { Lobby } from "./lobby-board.ts";
import { securityHeaders } from "./security-headers.ts";
import { loadStaticFiles, type StaticFile } from "./static-files.ts";

/** The pages without secrets: the lobby screen (`/`) and the screen beside the door (`/door`). */

export interface WebParts {
  readonly display: Display;
  readonly lobby: Lobby;
  /** Hears which door displays are there and what they have painted; absent: nobody asks. */
  readonly desk?: (ChallengeDesk & { join(): () => void }) | undefined;
  readonly clock?: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<StreamLimits>;
}

export interface WebOptions extends WebParts {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Takes a free port when the wanted one is busy: for the demo, where the address is printed. */
  readonly allowOtherPort: boolean;
}

export interface Web {
  readonly port: number;
  /** Ends every stream and closes the port. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts the pages. Rejects with `LINTEL_E_UNAVAILABLE` (busy port) or `LINTEL_E_CONFIG` (a port one may not take). */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { app, start, stop } = await buildWeb(options);
  try {
    const port = await listen(app, { ...options, section: "lobby" });
    start();
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server before it listens; `start` begins the heartbeat and the broadcasts. */
export async function buildWeb(
  parts: WebParts,
): Promise<{ app: FastifyInstance; start: () => void; stop: () => Promise<void> }> {
  const files = await loadStaticFiles();
  const limits = { ...defaultStreamLimits, ...parts.limits };
  const streams = new EventStreams({ serverId: randomUUID(), limits, logger: parts.logger });
  const app = fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true, requestTimeout: 10_000 });
  // pages, their streams, and what a browser opens beside them
  app.server.maxConnections = limits.maxClients * 8;
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  addPages(app, files);
  const { desk, clock = systemClock } = parts;
  if (desk) addAcknowledgements(app, { desk, clock });
  addStream(app, streams, {
    ...{ path: "/door/events", channel: "door", state: () => parts.display.current },
    joined: () => desk?.join(),
  });
  addPictures(app, parts.lobby);
  addStream(app, streams, { path: "/lobby/events", channel: "lobby", state: () => parts.lobby.current });
  app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain; charset=utf-8").send("Not found.\n"));
  app.setErrorHandler((error, _request, reply) => {
    parts.logger.warn({ reason: errorText(error) }, "request failed");
    return reply.code(400).type("text/plain; charset=utf-8").send("The request cannot be answered.\n");
  });

  const unsubscribe: (() => void)[] = [];
  return {
    app,
    start: () => {
      streams.start();
      unsubscribe.push(parts.display.subscribe((state) => streams.send("door", state)));
      unsubscribe.push(parts.lobby.subscribe((state) => streams.send("lobby", state)));
    },
    stop: async () => {
      for (const end of unsubscribe.splice(0)) end();
      streams.stop();
      await app.close();
    },
  };
}

const pages: Readonly<Record<string, string>> = { "/lobby.html": "/", "/door.html": "/door" };

function addPages(app: FastifyInstance, files: ReadonlyMap<string, StaticFile>): void {
  for (const [path, file] of files) {
    app.get(pages[path] ?? path, (request, reply) => sendFile(request, reply, file));
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  // always asked for again, and mostly answered with 304: a screen must not keep the page of an older version
  reply.headers({ "cache-control": "no-cache", etag: file.etag });
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  return reply.type(file.type).send(file.body);
}

/** Painted pictures: a key stands for the same bytes for ever, so screens may keep them. */
function addPictures(app: FastifyInstance, lobby: Lobby): void {
  const send = (reply: FastifyReply, jpeg: Buffer | null, caching: string) => {
    if (!jpeg) return reply.code(404).type("text/plain; charset=utf-8").send("Not found.\n");
    return reply.header("cache-control", caching).type("image/jpeg").send(jpeg);
  };
  app.get("/art/preview.jpg", async (_request, reply) => send(reply, await lobby.preview(), "no-store"));
  app.get<{ Params: { key: string } }>("/art/:key.jpg", async ({ params }, reply) =>
    send(reply, await lobby.picture(params.key), "public, max-age=31536000, immutable"),
  );
}

function addStream(
  app: FastifyInstance,
  streams: EventStreams,
  /** `joined`: a page has come; what it returns is called when that page has gone. */
  stream: { path: string; channel: string; state: () => unknown; joined?: () => (() => void) | undefined },
): void {
  app.get(stream.path, { exposeHeadRoute: false }, (request, reply) => {
    if (!streams.hasRoomFor(request.ip)) {
      return reply.code(503).header("retry-after", "5").type("text/plain; charset=utf-8").send("Too many screens.\n");
    }
    reply.hijack();
    for (const [name, value] of Object.entries(securityHeaders)) reply.raw.setHeader(name, value);
    reply.raw.once("close", stream.joined?.() ?? (() => {}));
    streams.open(reply.raw, { channel: stream.channel, address: request.ip }, stream.state());
    return reply;
  });
}
