import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { Lobby } from "../../../../src/daemon/web/lobby-board.ts";
import { buildWeb } from "../../../../src/daemon/web/server.ts";

const display = { current: { kind: "idle", title: "", detail: "", prompt: null } as const, subscribe: () => () => {} };
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
const lobby: Lobby = {
  current: {
    greeting: null,
    wall: { pictures: [], shown: null, painting: null },
    blank: { isBlank: false, changesAt: null },
    changeSeconds: 300,
  },
  subscribe: () => () => {},
  picture: async (key) => (key === "7-0123abcd" ? jpeg : null),
  preview: async () => null,
};
let web: Awaited<ReturnType<typeof buildWeb>>;

beforeAll(async () => {
  web = await buildWeb({ display, lobby, logger: silentLogger });
});
afterAll(() => web.stop());

const get = (url: string, headers: Record<string, string> = {}) => web.app.inject({ method: "GET", url, headers });

describe("the pages", () => {
  it.each([
    ["/", "text/html; charset=utf-8"],
    ["/door", "text/html; charset=utf-8"],
    ["/sw.js", "text/javascript; charset=utf-8"],
    ["/assets/door.js", "text/javascript; charset=utf-8"],
    ["/assets/door.css", "text/css; charset=utf-8"],
    ["/assets/icon.svg", "image/svg+xml"],
  ])("%s is served as %s", async (url, type) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe(type);
  });

  it.each(["/", "/door", "/assets/door.js", "/nowhere"])(
    "%s may load nothing from elsewhere and run nothing inline",
    async (url) => {
      const { headers } = await get(url);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["x-frame-options"]).toBe("DENY");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["permissions-policy"]).toContain("camera=()");
    },
  );

  it.each(["/", "/door"])("%s holds no inline code, no inline style and no address of another host", async (url) => {
    const { body } = await get(url);
    expect(body).toContain('lang="en-GB"');
    expect(body).not.toMatch(/<script(?![^>]*src=)/);
    expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|https?:\/\//);
  });

  it("gives a painted picture away for ever, for its name never means another one", async () => {
    const answer = await get("/art/7-0123abcd.jpg");
    expect(answer.rawPayload).toEqual(jpeg);
    expect(answer.headers).toMatchObject({
      "content-type": "image/jpeg",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
  });

  it.each([
    "/art/8-0123abcd.jpg",
    "/art/..%2f..%2fetc%2fpasswd.jpg",
    "/art/.jpg",
    "/art/7-0123abcd.png",
    "/art/preview.jpg",
  ])("%s is no picture", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("refers only to files that are there", async () => {
    for (const url of ["/", "/door"]) {
      const { body } = await get(url);
      const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
      expect(files.length).toBeGreaterThan(3);
      for (const file of files) expect((await get(file)).statusCode, file).toBe(200);
    }
  });

  it("keeps every page that a screen needs without the server", async () => {
    const { body } = await get("/sw.js");
    const shell = [...body.matchAll(/^ {2}"([^"]+)",$/gm)].map((match) => match[1] ?? "");
    for (const file of shell) expect((await get(file)).statusCode, file).toBe(200);
    for (const page of ["/", "/door"]) {
      const files = [...(await get(page)).body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
      expect(shell).toEqual(expect.arrayContaining(files));
    }
    for (const module of shell.filter((file) => file.endsWith(".js"))) {
      const imports = [...(await get(module)).body.matchAll(/from "\.\/([^"]+)"/g)].map(
        (match) => `/assets/${match[1]}`,
      );
      expect(shell).toEqual(expect.arrayContaining(imports));
    }
  });

  it("are not sent again while they have not changed", async () => {
    const first = await get("/door");
    expect(first.headers["cache-control"]).toBe("no-cache");
    const again = await get("/door", { "if-none-match": String(first.headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe("");
  });

  it.each([
    "/lobby.html",
    "/assets/",
    "/assets/../server.js",
    "/assets/..%2f..%2fserver.js",
    "/%2e%2e/%2e%2e/package.json",
    "/assets/door.js%00",
    "/package.json",
    "//etc/passwd",
  ])("answer 404 to %s", async (url) => {
    expect((await get(url)).statusCode).toBe(404);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"] as const)("take no %s", async (method) => {
    for (const url of ["/", "/door", "/door/events"]) {
      const answer = await web.app.inject({ method, url, payload: "x".repeat(10) });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
    }
  });
});
