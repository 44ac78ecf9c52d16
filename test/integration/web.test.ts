import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import type { DisplayState } from "../../src/daemon/api.ts";
import type { StreamLimits } from "../../src/daemon/web/event-streams.ts";
import type { LobbyState } from "../../src/daemon/web/lobby-board.ts";
import { startWeb, type Web } from "../../src/daemon/web/server.ts";

const idle: DisplayState = { kind: "idle", title: "", detail: "", prompt: null };
const turn: DisplayState = { kind: "prompt", title: "Please turn your head", detail: "", prompt: "turn" };
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Something with a current state that tells its listeners when it changes. */
function source<T>(first: T) {
  const listeners = new Set<(state: T) => void>();
  return {
    current: first,
    listeners,
    subscribe: (listener: (state: T) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(state: T) {
      this.current = state;
      for (const listener of listeners) listener(state);
    },
  };
}

const lobbyState = (greeting: string | null): LobbyState => ({
  greeting,
  wall: { pictures: [], shown: null, painting: null },
  blank: { isBlank: false, changesAt: null },
  changeSeconds: 300,
});

async function serve(limits: Partial<StreamLimits> = {}, more: { port?: number; allowOtherPort?: boolean } = {}) {
  const display = source(idle);
  const lobby = { ...source(lobbyState(null)), picture: async () => null, preview: async () => null };
  const parts = { host: "127.0.0.1", port: 0, allowOtherPort: false, display, lobby, logger: silentLogger, limits };
  const web = await startWeb({ ...parts, ...more });
  cleanUps.push(() => web.stop());
  return { web, display, lobby };
}

async function open(web: Web, path: string): Promise<IncomingMessage> {
  const request = get({ host: "127.0.0.1", port: web.port, path, agent: false });
  request.on("error", () => {});
  const [response] = await once(request, "response");
  cleanUps.push(async () => request.destroy());
  return response;
}

/** Reads a stream until its text fulfils the condition. */
async function readUntil(response: IncomingMessage, isEnough: (text: string) => boolean): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  while (!isEnough(text)) {
    const [chunk] = await once(response, "data", { signal: AbortSignal.timeout(5000) });
    text += chunk;
  }
  return text;
}

const idOf = (text: string): string | undefined => /^id: (\S+)$/m.exec(text)?.[1];

describe("the event stream", () => {
  it("begins with the state as it is, then tells each change", async () => {
    const { web, display } = await serve();
    display.set(turn);
    const response = await open(web, "/door/events");
    expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(await readUntil(response, (text) => text.endsWith("\n\n"))).toContain(`data: ${JSON.stringify(turn)}\n\n`);
    const change = readUntil(response, (text) => text.endsWith("\n\n"));
    display.set(idle);
    expect(await change).toMatch(/^id: \S+\nevent: state\ndata: \{"kind":"idle".*\}\n\n$/);
  });

  it("keeps the lobby and the door apart", async () => {
    const { web, display, lobby } = await serve();
    const response = await open(web, "/lobby/events");
    await readUntil(response, (text) => text.includes('{"greeting":null'));
    const change = readUntil(response, (text) => text.endsWith("\n\n"));
    display.set(turn);
    lobby.set(lobbyState("Welcome\nid: forged"));
    const text = await change;
    expect(text).toContain('data: {"greeting":"Welcome\\nid: forged",');
    expect(text).not.toContain("turn");
  });

  it("has another id with each start of the server, the same for all its streams", async () => {
    const ids: (string | undefined)[] = [];
    for (let start = 0; start < 2; start++) {
      const { web } = await serve();
      for (const path of ["/door/events", "/lobby/events"]) {
        ids.push(idOf(await readUntil(await open(web, path), (text) => text.endsWith("\n\n"))));
      }
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it("beats, so that a page notices a server that hangs", async () => {
    const { web } = await serve({ heartbeatMs: 20 });
    const text = await readUntil(await open(web, "/door/events"), (so) => so.includes("event: beat\ndata: null\n\n"));
    expect(text).toContain("\n: heartbeat\n");
  });

  it("has a bounded number of places, and gives back those that are left", async () => {
    const { web } = await serve({ maxClients: 3 });
    const open3 = [await open(web, "/door/events"), await open(web, "/lobby/events"), await open(web, "/door/events")];
    const refused = await open(web, "/door/events");
    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("5");
    open3[0]?.destroy();
    await expect.poll(async () => (await open(web, "/door/events")).statusCode, { timeout: 5000 }).toBe(200);
  });

  it("does not let one address take every place", async () => {
    const { web } = await serve({ maxClientsPerAddress: 1 });
    expect((await open(web, "/door/events")).statusCode).toBe(200);
    expect((await open(web, "/door/events")).statusCode).toBe(503);
  });

  it("drops a page that does not read, and nobody else", async () => {
    const { web, display } = await serve({ maxUnreadBytes: 64 * 1024 });
    const slow = connect(web.port, "127.0.0.1").pause();
    slow.on("error", () => {});
    cleanUps.push(async () => slow.destroy());
    slow.write("GET /door/events HTTP/1.1\r\nhost: a\r\n\r\n");
    const quick = await open(web, "/door/events");
    let last = "";
    quick.setEncoding("utf8").on("data", (chunk: string) => {
      last = (last + chunk).slice(-4096);
    });
    // more than the kernel keeps for a connection that nobody reads
    for (let i = 0; i < 10_000; i++) {
      display.set({ ...turn, detail: `${i} ${"x".repeat(2000)}` });
      if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    display.set({ ...turn, detail: "the end" });
    await expect.poll(() => last.includes("the end"), { timeout: 5000 }).toBe(true);
    let received = "";
    slow.setEncoding("utf8").on("data", (chunk: string) => {
      received = chunk;
    });
    slow.resume();
    await once(slow, "close", { signal: AbortSignal.timeout(5000) });
    expect(received).not.toContain("the end");
  });

  it("ends with the server, which stops at once and twice", async () => {
    const { web, display, lobby } = await serve();
    const response = await open(web, "/door/events");
    const ended = once(response.resume(), "close", { signal: AbortSignal.timeout(5000) });
    await web.stop();
    await ended;
    await web.stop();
    expect([display.listeners.size, lobby.listeners.size]).toEqual([0, 0]);
  });
});

describe("a busy port", () => {
  async function busyPort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  it("is a clear error", async () => {
    const port = await busyPort();
    await expect(serve({}, { port })).rejects.toMatchObject({
      code: "LINTEL_E_UNAVAILABLE",
      message: `Port ${port} on 127.0.0.1 is in use by another program.`,
      hint: expect.stringContaining("lobby.port"),
    });
  });

  it("is passed over where another will do", async () => {
    const port = await busyPort();
    const { web } = await serve({}, { port, allowOtherPort: true });
    expect(web.port).not.toBe(port);
    expect((await open(web, "/door")).statusCode).toBe(200);
  });
});
