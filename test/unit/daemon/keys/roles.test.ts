import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { type KeyRole, keyRoles } from "../../../../src/daemon/api.ts";
import { permits, roleFor } from "../../../../src/daemon/keys/roles.ts";
import { Dispatcher } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { requestHandlers } from "../../../../src/daemon/requests/table.ts";
import { type MemoryHouse, memoryHouse, smallJpeg } from "../../../support/memory-house.ts";

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

describe("a key that may enrol brings faces and does not say what they may do", () => {
  const photos = [smallJpeg.toString("base64")];
  const dana = { id: "dana", name: "Dana" };
  const standing = { groups: ["staff"], validUntil: "2030-01-01T00:00:00.000Z", openSeconds: 20 };
  const newcomer = { id: "eve", name: "Eve", photos };
  const cases: [request: string, data: object, may: boolean][] = [
    ["people/add", newcomer, true],
    ["people/add", { ...newcomer, consent: "form 7" }, true],
    ["people/add", { ...newcomer, groups: [] }, true],
    ["people/add", { ...newcomer, validUntil: "2027-01-01T00:00:00Z" }, true],
    ["people/add", { ...newcomer, groups: ["admins"] }, false],
    ["people/add", { ...dana, photos }, true],
    ["people/add", { ...dana, groups: ["staff"], validUntil: "2030-01-01T01:00:00+01:00", photos }, true],
    ["people/add", { ...dana, groups: ["staff", "admins"], photos }, false],
    ["people/add", { ...dana, validUntil: "2040-01-01T00:00:00Z", photos }, false],
    ["people/add", { ...dana, validFrom: "2020-01-01T00:00:00Z", photos }, false],
    ["people/update", { id: "dana", name: "Dana Doe", consent: "form 8" }, true],
    ["people/update", { id: "dana", enabled: false }, true],
    ["people/update", { id: "dana", ...standing }, true],
    ["people/update", { id: "dana", groups: ["admins"] }, false],
    ["people/update", { id: "dana", groups: [] }, false],
    ["people/update", { id: "dana", openSeconds: 255 }, false],
    ["people/update", { id: "dana", openSeconds: null }, false],
    ["people/update", { id: "dana", validUntil: null }, false],
    ["people/update", { id: "dana", validUntil: "2030-01-01T00:00:01Z" }, false],
    ["people/update", { id: "dana", validFrom: "2020-01-01T00:00:00Z" }, false],
    ["people/update", { id: "dana", name: "Dana Doe", enabled: false, groups: ["admins"] }, false],
    ["people/update", { id: "gone", enabled: true }, false],
    ["people/update", { id: "gone", enabled: false, name: "Gone" }, true],
    ["people/remove", { id: "dana" }, true],
    ["access/badge/put", { id: "dana", badge: "04A2" }, false],
  ];

  const arrange = async () => {
    const pictures = [{ file: "a.jpg", bytes: smallJpeg }];
    await house.people.add("dana", { name: "Dana", groups: ["staff"], validUntil: standing.validUntil }, pictures, "x");
    house.people.update("dana", { openSeconds: 20 }, "x");
    await house.people.add("gone", { name: "Gone" }, pictures, "x");
    house.people.update("gone", { enabled: false }, "x");
  };
  const ask = async (name: string, data: object, roles: readonly KeyRole[] | undefined) => {
    await arrange();
    const before = JSON.stringify(house.people.list());
    const origin = { transport: "mqtt", name: "key:desk", roles } as const;
    const answer = await dispatcher.dispatch({ name, body: { data, transaction: 1 }, isTrusted: true, origin });
    return { ...answer, isUntouched: JSON.stringify(house.people.list()) === before };
  };

  test.each(cases)("%s %j: %s", async (name, data, may) => {
    const { status, error, isUntouched } = await ask(name, data, ["enrol", "open", "read"]);
    expect(status).toBe(may ? "ok" : "error");
    if (may) return;
    expect(isUntouched).toBe(true);
    expect(error).toMatch(/beyond the roles of this key/);
    expect(house.events.ofType("request-refused")).toMatchObject([{ request: name, by: "key:desk" }]);
  });

  test.each(cases.filter(([name]) => name.startsWith("people/")))(
    "%s %j is for a key that may configure, and for whoever may send it unsigned",
    async (name, data) => {
      expect(await ask(name, data, ["configure"])).toMatchObject({ status: "ok" });
      house = memoryHouse();
      const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
      dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
      expect(await ask(name, data, undefined)).toMatchObject({ status: "ok" });
    },
  );
});
