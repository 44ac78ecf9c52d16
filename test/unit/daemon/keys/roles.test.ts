import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { type KeyRole, keyRoles } from "../../../../src/daemon/api.ts";
import { permits, roleFor } from "../../../../src/daemon/keys/roles.ts";
import { Dispatcher } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { requestHandlers } from "../../../../src/daemon/requests/table.ts";
import { type MemoryHouse, memoryHouse } from "../../../support/memory-house.ts";

const clock = { nowMs: () => 0, date: () => new Date(0) };
let house: MemoryHouse;
let dispatcher: Dispatcher;

beforeEach(() => {
  house = memoryHouse();
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
});

test.each(requestHandlers.map((handler) => [handler.name, handler] as const))(
  "%s: somebody has thought of the role it needs",
  (name, handler) => {
    const role = roleFor(name);
    expect(role).toBeDefined();
    expect(role === "local").toBe(handler.isLocal);
    if (handler.effect !== "reads") expect(role).not.toBe("read");
  },
);

test.each(["", "door", "door/open", "__proto__", "constructor", "toString", "hasOwnProperty"])(
  "%s, which is in no table, is refused to every role",
  (name) => {
    expect(permits(keyRoles, name)).toBe(false);
  },
);

describe("each role may what it is for and nothing beside", () => {
  const may: [request: string, roles: readonly KeyRole[]][] = [
    ["people/list", ["read", "enrol", "open", "configure"]],
    ["people/add", ["enrol", "configure"]],
    ["people/remove", ["enrol", "configure"]],
    ["door/unlock", ["open", "configure"]],
    ["door/command", ["open", "configure"]],
    ["door/mode", ["configure"]],
    ["restart", ["configure"]],
    ["keys/add", []],
  ];
  test.each(may)("%s: %j", (request, roles) => {
    expect(keyRoles.filter((role) => permits([role], request))).toEqual(roles);
    expect(permits([], request)).toBe(false);
  });
});

test("several roles add up", () => {
  expect(permits(["read", "open"], "door/unlock")).toBe(true);
  expect(permits(["read", "enrol"], "door/unlock")).toBe(false);
});

test("a request beyond the key's roles does nothing and is in the event log under the key's name", async () => {
  const ask = (name: string, roles: readonly KeyRole[]) =>
    dispatcher.dispatch({
      ...{ name, body: { data: {}, transaction: "t" }, isTrusted: true },
      origin: { transport: "mqtt", name: "key:hall", roles },
    });
  expect(await ask("door/unlock", ["read", "enrol"])).toMatchObject({
    status: "error",
    error: expect.stringMatching(/beyond the roles/),
  });
  expect(await ask("restart", ["open"])).toMatchObject({ status: "error", transaction: "t" });
  expect([house.door.unlocks, house.restarts()]).toEqual([[], 0]);
  expect(house.events.ofType("request-refused")).toMatchObject([
    { request: "door/unlock", by: "key:hall", reason: "door/unlock is beyond the roles of this key" },
    { request: "restart", by: "key:hall" },
  ]);
  expect(await ask("door/unlock", ["open"])).toMatchObject({ status: "ok" });
});
