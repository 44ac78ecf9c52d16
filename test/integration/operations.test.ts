import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { buildOperations } from "../../src/daemon/operations/server.ts";
import type { IncomingRequest } from "../../src/daemon/requests/dispatch.ts";
import { Dispatcher } from "../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../src/daemon/requests/refusal-log.ts";
import { FakeTime } from "../support/fake-time.ts";
import { type MemoryHouse, memoryHouse } from "../support/memory-house.ts";

const token = "the-token-of-this-test";
const host = "localhost:8081";
let house: MemoryHouse;
let sent: IncomingRequest[];
let isOk: boolean;
let server: Awaited<ReturnType<typeof buildOperations>>;

beforeEach(async () => {
  house = memoryHouse();
  [sent, isOk] = [[], true];
  const clock = new FakeTime();
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  const dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
  server = await buildOperations({
    token: { matches: (text) => text === token },
    dispatcher: {
      dispatch: (request) => {
        sent.push(request);
        return dispatcher.dispatch(request);
      },
    },
    events: house.events,
    door: house.door,
    aim: { look: () => () => {} },
    health: () => ({ ok: isOk, people: 3, vision: { fps: 15, latencyMs: null } }),
    files: new Map([["/operations.html", { body: Buffer.from("<!doctype html>"), type: "text/html", etag: '"1"' }]]),
    clock,
    logger: silentLogger,
  });
  server.start();
});
afterEach(() => server.stop());

const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ method: "GET", url, headers: { host, ...headers } });
const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  server.app.inject({ method: "POST", url, payload, headers: { host, ...headers } });

async function session(): Promise<Record<string, string>> {
  const answer = await post("/api/login", { token });
  return { cookie: String(answer.headers["set-cookie"]).split(";")[0] ?? "" };
}

describe("without the token", () => {
  test.each(["/api/stream", "/api/aim", "/metrics"])("%s tells nothing", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain("lintel_");
  });

  test("no request is carried out", async () => {
    expect((await post("/api/request", { name: "door/unlock", data: {} })).statusCode).toBe(401);
    expect(sent).toEqual([]);
  });

  test("a supervisor still learns whether the daemon lives and the door works, and no more", async () => {
    expect(await get("/healthz")).toMatchObject({ statusCode: 200, body: "ok\n" });
    expect(await get("/readyz")).toMatchObject({ statusCode: 200, body: "ready\n" });
    isOk = false;
    expect(await get("/readyz")).toMatchObject({ statusCode: 503, body: "not ready\n" });
  });

  test.each([{}, { token: "" }, { token: 5 }, { token: "wrong" }, { token, more: 1 }])(
    "%j is no login",
    async (body) => {
      const answer = await post("/api/login", body);
      expect([400, 401]).toContain(answer.statusCode);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    },
  );
});

describe("with the token", () => {
  test("the cookie is out of reach of scripts and of other sites", async () => {
    const answer = await post("/api/login", { token: ` ${token}\n` });
    expect(answer.headers["set-cookie"]).toMatch(/HttpOnly; SameSite=Strict$/);
  });

  test("a request is answered in lines, progress first, under a name that the log keeps", async () => {
    const data = { id: "dana", name: "Dana" };
    const answer = await post("/api/request", { name: "people/enroll", data }, await session());
    const lines = answer.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ data: expect.objectContaining({ stage: "enrolled", id: "dana" }), status: "ok" });
    expect(sent[0]?.origin).toEqual({ transport: "operations-page", name: "operations-page" });
  });

  test("what is served on the machine itself only is refused here too", async () => {
    const answer = await post("/api/request", { name: "gallery/rotate-key", data: {} }, await session());
    expect(JSON.parse(answer.body)).toMatchObject({
      status: "error",
      error: expect.stringContaining("machine itself"),
    });
  });

  test("metrics count events by type and name nobody", async () => {
    house.events.append("granted", { person: "dana" });
    house.events.append("granted", { person: "dana" });
    const { body, headers } = await get("/metrics", { authorization: `Bearer ${token}` });
    expect(headers["content-type"]).toContain("text/plain");
    expect(body).toContain('lintel_events_total{type="granted"} 2');
    expect(body).toContain("lintel_camera_fps 15");
    expect(body).not.toMatch(/^lintel_latency_p50_ms/m);
    expect(body).not.toContain("dana");
  });

  test("a session that was ended is none any more", async () => {
    const headers = await session();
    expect((await get("/metrics", headers)).statusCode).toBe(200);
    await post("/api/logout", {}, headers);
    expect((await get("/metrics", headers)).statusCode).toBe(401);
  });
});

describe("a page of another site that the operator has open", () => {
  test.each([
    ["by a name of its own that leads to this machine", { host: "evil.example:8081" }, 421],
    ["from its own origin", { host, origin: "https://evil.example" }, 403],
    ["by a form, which sends no origin but says where it is from", { host, "sec-fetch-site": "cross-site" }, 403],
  ])("%s opens no door, even with the operator's cookie", async (_, headers, statusCode) => {
    const answer = await post("/api/request", { name: "door/unlock", data: {} }, { ...(await session()), ...headers });
    expect(answer.statusCode).toBe(statusCode);
    expect(sent).toEqual([]);
  });

  test("does not read the state either", async () => {
    expect((await get("/readyz", { host: "evil.example" })).statusCode).toBe(421);
  });
});

test.each(["not json", "[]", '{"name":5}', '{"name":"health"}x'])("%s is refused in one line", async (payload) => {
  const headers = { host, "content-type": "application/json", ...(await session()) };
  const answer = await server.app.inject({ method: "POST", url: "/api/request", payload, headers });
  expect(answer.statusCode).toBe(400);
  expect(answer.body.trim().split("\n")).toHaveLength(1);
});
