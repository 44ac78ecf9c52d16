import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { Acknowledgement } from "../../../../src/daemon/api.ts";
import { buildWeb, type WebParts } from "../../../../src/daemon/web/server.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const display = { current: { kind: "idle", title: "", detail: "", prompt: null } as const, subscribe: () => () => {} };
const lobby: WebParts["lobby"] = {
  current: {
    ...{ greeting: null, wall: { pictures: [], shown: null, painting: null }, changeSeconds: 60 },
    blank: { isBlank: false, changesAt: null },
  },
  subscribe: () => () => {},
  picture: async () => null,
  preview: async () => null,
};
const good = { challenge: "ab".repeat(16), step: 1, nonce: "cd".repeat(16) };

let clock: ManualClock;
let taken: Acknowledgement[];
let web: Awaited<ReturnType<typeof buildWeb>>;

beforeEach(async () => {
  clock = new ManualClock();
  taken = [];
  const acknowledge = (given: Acknowledgement) => {
    taken.push(given);
    return taken.length === 1;
  };
  web = await buildWeb({ display, lobby, clock, logger: silentLogger, desk: { join: () => () => {}, acknowledge } });
});
afterEach(() => web.stop());

const post = (body: unknown, options: { headers?: Record<string, string>; remoteAddress?: string } = {}) =>
  web.app.inject({
    method: "POST",
    url: "/door/acknowledgements",
    payload: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...options.headers },
    remoteAddress: options.remoteAddress ?? "127.0.0.1",
  });

describe("an acknowledgement over http", () => {
  it("is handed on, and answered 204 once", async () => {
    expect((await post(good)).statusCode).toBe(204);
    expect(taken).toEqual([good]);
    expect((await post(good)).statusCode).toBe(409);
  });

  it("may say that a colour was not painted, for the sake of less motion", async () => {
    expect((await post({ ...good, calm: true })).statusCode).toBe(204);
    expect(taken).toEqual([{ ...good, calm: true }]);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", []],
    ["nothing", {}],
    ["a field too many", { ...good, admin: true }],
    ["a nonce that is none", { ...good, nonce: "../../etc/passwd" }],
    ["a short nonce", { ...good, nonce: "ab" }],
    ["a step that is no number", { ...good, step: "1" }],
    ["a step that no challenge has", { ...good, step: 1e9 }],
    ["a step between two", { ...good, step: 1.5 }],
    ["a wish for calm that is no yes or no", { ...good, calm: "yes" }],
    ["more than a kilobyte", { ...good, nonce: "a".repeat(2000) }],
  ])("%s is refused and reaches nobody", async (_name, body) => {
    expect((await post(body)).statusCode).toBe(400);
    expect(taken).toEqual([]);
  });

  it("as a form, as a page elsewhere could send it, is refused", async () => {
    const answer = await post("challenge=1", { headers: { "content-type": "application/x-www-form-urlencoded" } });
    expect(answer.statusCode).toBe(400);
    expect(taken).toEqual([]);
  });

  it.each(["http://evil.example", "null", "http://localhost:80:80"])("from a page of %s is refused", async (origin) => {
    expect((await post(good, { headers: { origin } })).statusCode).toBe(403);
    expect(taken).toEqual([]);
  });

  it("from our own page is taken", async () => {
    expect(
      (await post(good, { headers: { origin: "http://door.local:8080", host: "door.local:8080" } })).statusCode,
    ).toBe(204);
  });

  it("by the hundred is held back, from that address alone", async () => {
    const codes = [];
    for (let n = 0; n < 100; n++) codes.push((await post(good)).statusCode);
    expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(90);
    expect((await post(good, { remoteAddress: "10.0.0.9" })).statusCode).toBe(409);
    clock.advance(2000);
    expect((await post(good)).statusCode).toBe(409);
  });

  it("is nothing that can be read", async () => {
    expect((await web.app.inject({ method: "GET", url: "/door/acknowledgements" })).statusCode).toBe(404);
  });
});

it("where nobody asks for any, there is no such place", async () => {
  const plain = await buildWeb({ display, lobby, logger: silentLogger });
  const answer = await plain.app.inject({ method: "POST", url: "/door/acknowledgements", payload: good });
  expect(answer.statusCode).toBe(404);
  await plain.stop();
});
