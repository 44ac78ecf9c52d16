import { randomUUID } from "node:crypto";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Door, EventLog, EventRecord, Health } from "../api.ts";
import type { Dispatcher, RequestAnswer } from "../requests/dispatch.ts";
import { maxPayloadBytes } from "../requests/handler.ts";
import { defaultStreamLimits, EventStreams } from "../web/event-streams.ts";
import { securityHeaders } from "../web/security-headers.ts";
import type { StaticFile } from "../web/static-files.ts";
import type { Aim } from "./aim.ts";
import { Metrics } from "./metrics.ts";
import { isOurHost, isSameSite } from "./same-site.ts";
import { Sessions } from "./sessions.ts";
import type { OperationsToken } from "./token.ts";

export interface OperationsParts {
  readonly token: Pick<OperationsToken, "matches">;
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly events: Pick<EventLog, "subscribe">;
  readonly door: Pick<Door, "state" | "subscribe">;
  readonly aim: Pick<Aim, "look">;
  health(): Health;
  /** The page and what it loads, by path. */
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What every session sees of the door, without asking. */
export interface OperationsState {
  readonly door: Door["state"];
  readonly event?: EventRecord;
}

const sessionCookie = "lintel-session";
const origin = { transport: "operations-page", name: "operations-page" } as const;

/**
 * The page for whoever runs the door, on loopback: every request the daemon serves, live events, metrics. Without the token
 * it tells only whether the daemon is alive and the door works.
 */
export async function buildOperations(
  parts: OperationsParts,
): Promise<{ app: FastifyInstance; start: () => void; stop: () => Promise<void> }> {
  const { events, door, logger } = parts;
  const sessions = new Sessions(parts.token, parts.clock);
  const metrics = new Metrics(parts);
  const limits = { ...defaultStreamLimits, maxUnreadBytes: 512 * 1024 };
  const streams = new EventStreams({ serverId: randomUUID(), limits, logger });
  const app = fastify({ logger: false, bodyLimit: maxPayloadBytes, forceCloseConnections: true });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...securityHeaders, "cache-control": "no-store" });
    if (!isOurHost(request.headers.host)) return refuse(reply, 421, "Open this page as http://localhost.");
    if (!isSameSite(request.headers)) return refuse(reply, 403, "Another page may not use this one.");
  });
  addFiles(app, parts.files);
  addHealth(app, parts);
  addSessions(app, sessions);
  await app.register(async (inside) => {
    inside.addHook("onRequest", async (request, reply) => {
      if (!isKnown(request, sessions, parts.token)) return refuse(reply, 401, "Log in with the token first.");
    });
    addRequests(inside, parts);
    inside.get("/api/stream", { exposeHeadRoute: false }, (request, reply) =>
      stream(request, reply, { streams, door }),
    );
    inside.get("/api/aim", { exposeHeadRoute: false }, (_request, reply) => showAim(reply, parts.aim));
    inside.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, "Not found."));
  app.setErrorHandler((error, _request, reply) => {
    logger.warn({ reason: errorText(error) }, "request failed");
    return refuse(reply, 400, "The request cannot be answered.");
  });

  const send = (state: OperationsState) => streams.send("operations", state);
  const unsubscribe: (() => void)[] = [];
  return {
    app,
    start: () => {
      streams.start();
      metrics.start();
      unsubscribe.push(events.subscribe((event) => send({ door: door.state, event })));
      unsubscribe.push(door.subscribe((state) => send({ door: state })));
    },
    stop: async () => {
      for (const end of unsubscribe.splice(0)) end();
      metrics.stop();
      streams.stop();
      await app.close();
    },
  };
}

// --- internal ---

function refuse(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).type("text/plain; charset=utf-8").send(`${text}\n`);
}

function addFiles(app: FastifyInstance, files: ReadonlyMap<string, StaticFile>): void {
  for (const [path, file] of files) {
    app.get(path === "/operations.html" ? "/" : path, async (_request, reply) => reply.type(file.type).send(file.body));
  }
}

/** For supervisors that know no token: alive at all, and fit to open for somebody. */
function addHealth(app: FastifyInstance, { health }: Pick<OperationsParts, "health">): void {
  app.get("/healthz", async (_request, reply) => reply.type("text/plain; charset=utf-8").send("ok\n"));
  app.get("/readyz", async (_request, reply) => {
    const { ok } = health();
    return reply
      .code(ok ? 200 : 503)
      .type("text/plain; charset=utf-8")
      .send(ok ? "ready\n" : "not ready\n");
  });
}

const login = z.strictObject({ token: z.string().min(1).max(500) });

function addSessions(app: FastifyInstance, sessions: Sessions): void {
  app.post("/api/login", { bodyLimit: 4096 }, async (request, reply) => {
    const parsed = login.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, "token: is needed.");
    const answer = sessions.login(parsed.data.token.trim());
    if (answer.ok) return reply.header("set-cookie", cookieOf(answer.session)).code(204).send();
    if (answer.reason === "too-many-tries") return refuse(reply, 429, "Too many wrong tokens: wait a minute.");
    return refuse(reply, 401, "That is not the token.");
  });
  app.post("/api/logout", { bodyLimit: 4096 }, async (request, reply) => {
    const session = sessionOf(request);
    if (session !== undefined) sessions.logout(session);
    return reply
      .header("set-cookie", `${cookieOf("")}; Max-Age=0`)
      .code(204)
      .send();
  });
}

/** A browser shows its session; a program shows the token itself. */
function isKnown(request: FastifyRequest, sessions: Sessions, token: Pick<OperationsToken, "matches">): boolean {
  const bearer = /^Bearer (\S{1,500})$/.exec(request.headers.authorization ?? "")?.[1];
  return bearer === undefined ? sessions.isOpen(sessionOf(request)) : token.matches(bearer);
}

function cookieOf(session: string): string {
  return `${sessionCookie}=${session}; Path=/; HttpOnly; SameSite=Strict`;
}

function sessionOf(request: FastifyRequest): string | undefined {
  const found = (request.headers.cookie ?? "").split(";").find((part) => part.trim().startsWith(`${sessionCookie}=`));
  return found?.trim().slice(sessionCookie.length + 1);
}

const incoming = z.strictObject({ name: z.string().min(1).max(200), data: z.unknown() });

/** Any request by its name: JSON lines, each piece of progress and at last the answer. */
function addRequests(app: FastifyInstance, { dispatcher }: Pick<OperationsParts, "dispatcher">): void {
  app.post("/api/request", async (request, reply) => {
    const parsed = incoming.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, "name and data are needed.");
    const { name, data } = parsed.data;
    reply.hijack();
    reply.raw.writeHead(200, {
      ...securityHeaders,
      "content-type": "application/x-ndjson",
      "cache-control": "no-store",
    });
    const write = ({ code: _code, ...answer }: RequestAnswer) => void reply.raw.write(`${JSON.stringify(answer)}\n`);
    const sizeBytes = Number(request.headers["content-length"] ?? 0);
    const body = { data, transaction: undefined };
    write(await dispatcher.dispatch({ name, body, origin, isTrusted: true, sizeBytes, onProgress: write }));
    reply.raw.end();
    return reply;
  });
}

function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  { streams, door }: { streams: EventStreams; door: Pick<Door, "state"> },
): FastifyReply {
  if (!streams.hasRoomFor(request.ip)) return refuse(reply, 503, "Too many pages are open.");
  reply.hijack();
  for (const [name, value] of Object.entries(securityHeaders)) reply.raw.setHeader(name, value);
  streams.open(reply.raw, { channel: "operations", address: request.ip }, {
    door: door.state,
  } satisfies OperationsState);
  return reply;
}

/** A viewer that does not read gets no more pictures until it has: they are worth nothing later. */
const maxUnreadAimBytes = 512 * 1024;

/** JSON lines, one a picture, for as long as the connection stands and no longer than a look may last. */
function showAim(reply: FastifyReply, aim: Pick<Aim, "look">): FastifyReply {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...securityHeaders, "content-type": "application/x-ndjson", "cache-control": "no-store" });
  // The page learns at once that it is on, before the first picture.
  raw.write("{}\n");
  const end = aim.look(origin.name, {
    onPicture: (picture) => {
      if (raw.writableLength < maxUnreadAimBytes) raw.write(`${JSON.stringify(picture)}\n`);
    },
    onEnd: () => void raw.end(),
  });
  raw.once("close", end);
  return reply;
}
