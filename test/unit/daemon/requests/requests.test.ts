import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { ruleDefinition, scheduleDefinition } from "../../../../src/daemon/access/definitions.ts";
import { keyRoles } from "../../../../src/daemon/api.ts";
import { Dispatcher, type RequestAnswer } from "../../../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../../../src/daemon/requests/refusal-log.ts";
import { requestHandlers } from "../../../../src/daemon/requests/table.ts";
import { type MemoryHouse, memoryHouse, smallJpeg } from "../../../support/memory-house.ts";

const clock = { nowMs: () => 0, date: () => new Date(0) };
const photo = smallJpeg.toString("base64");
const id = "dana";
const spare = { id: "spare", timeZone: "UTC" };
const key = { name: "gate", roles: ["open"] };

const overMqtt = { transport: "mqtt", name: "mqtt" } as const;
const onMachine = { transport: "control-socket", name: "control-socket" } as const;

let house: MemoryHouse;
let dispatcher: Dispatcher;

beforeEach(async () => {
  house = memoryHouse();
  const refusals = new RefusalLog({ events: house.events, clock, logger: silentLogger });
  dispatcher = new Dispatcher({ context: house.context, refusals, clock, logger: silentLogger });
  await house.context.keys.add("spare", { name: "spare", roles: ["read"] }, "test");
  await house.people.add("dana", { name: "Dana" }, [{ file: "a.jpg", bytes: smallJpeg }], "test");
});

function send(name: string, payload: unknown, options: { isTrusted?: boolean } = {}): Promise<RequestAnswer> {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
  const isLocal = requestHandlers.find((handler) => handler.name === name)?.isLocal ?? false;
  const origin = isLocal ? onMachine : overMqtt;
  return dispatcher.dispatch({ name, body: { bytes }, origin, isTrusted: options.isTrusted ?? true });
}

/** What a request is to find. */
function arrange(name: string): void {
  const { access } = house.context;
  if (name === "access/rule/remove") access.putRule(ruleDefinition.parse({ id: "guests", groups: ["guests"] }), "test");
  if (name === "access/schedule/remove") access.putSchedule(scheduleDefinition.parse({ ...spare, weekly: [] }), "test");
  if (name === "access/holidays/remove") access.putHolidays({ id: "spare", days: [] }, "test");
  if (name === "alarms/acknowledge") house.door.raise("held");
  if (name.startsWith("access/badge")) access.putBadge("00FF11", { person: id, isDuress: false }, "test");
}

describe("a valid request is carried out", () => {
  const cases: [string, unknown, unknown][] = [
    ["door/unlock", {}, { openSeconds: 5 }],
    ["door/unlock", { seconds: 255 }, { openSeconds: 255 }],
    ["door/lock", {}, {}],
    ["door/command", { action: "lock" }, {}],
    ["door/command", { action: "unlock", seconds: 1 }, { openSeconds: 1 }],
    ["door/mode", { mode: "lockdown" }, { mode: "lockdown" }],
    ["alarms/acknowledge", { alarm: "held" }, { alarm: "held" }],
    ["people/add", { id: "eve", name: "Eve", photos: [photo] }, { id: "eve", templates: 1, refused: [] }],
    [
      "people/add",
      { id: "eve", name: "Eve", photos: [{ file: "e.jpg", data: Buffer.from("no").toString("base64") }] },
      { id: "eve", templates: 0, refused: [{ file: "e.jpg", reason: "corrupt", detail: "the file is no picture" }] },
    ],
    ["people/photo/frank", smallJpeg, { id: "frank", templates: 1, refused: [] }],
    ["people/photo/dana", smallJpeg, { id: "dana", templates: 2, refused: [] }],
    ["people/enroll", { id: "eve", name: "Eve" }, expect.objectContaining({ stage: "enrolled", id: "eve" })],
    ["people/enroll/cancel", {}, { cancelled: false }],
    ["people/list", {}, { people: [expect.objectContaining({ id: "dana", name: "Dana", templates: 1 })] }],
    ["people/show", { id }, expect.objectContaining({ id: "dana" })],
    ["people/update", { id, enabled: false }, expect.objectContaining({ enabled: false, name: "Dana" })],
    ["people/remove", { id }, expect.objectContaining({ id, person: id, digest: expect.any(String), event: 2 })],
    ["people/export", { id }, expect.objectContaining({ format: "lintel-person-1", nextEvent: null })],
    ["gallery/rotate-key", {}, expect.objectContaining({ damaged: 0 })],
    ["gallery/calibrate", { strangersPerDay: 5 }, expect.objectContaining({ threshold: 0.4, strangersPerDay: 5 })],
    ["people/check", {}, { people: [] }],
    ["people/adapted", {}, { people: [] }],
    ["people/adapted/drop", { id }, { id, dropped: 0 }],
    ["people/identify", { photo }, { faces: [expect.objectContaining({ person: null, reason: "unknown" })] }],
    ["people/verify", { id, photo }, { match: true, distance: 0.2, threshold: 0.4, reason: null }],
    ["events/replay", { from: 1 }, { events: [expect.objectContaining({ seq: 1, type: "enrolled" })], next: null }],
    ["events/verify", {}, expect.objectContaining({ ok: true, brokenAt: null })],
    ["access/rules", {}, { rules: [], schedules: [], holidays: [], damaged: [] }],
    [
      "access/rule/put",
      { id: "staff", groups: ["staff"] },
      {
        ...{ id: "staff", groups: ["staff"], doors: ["*"], schedule: null },
        ...{ secondFactor: "none", persons: 1, passback: null, enabled: true },
      },
    ],
    ["access/rule/remove", { id: "guests", allowEveryone: true }, { id: "guests" }],
    [
      "access/schedule/put",
      { id: "office", weekly: [{ days: ["mon"], from: "08:00", until: "18:00" }] },
      expect.objectContaining({ id: "office", timeZone: "Europe/Berlin", holidays: [], onHolidays: [] }),
    ],
    ["access/schedule/remove", { id: "spare" }, { id: "spare" }],
    ["access/holidays/put", { id: "house", days: [] }, { id: "house", days: [] }],
    ["access/holidays/remove", { id: "spare" }, { id: "spare" }],
    ["access/badge", { person: id }, {}],
    ["access/badge", { badge: "00:ff:11" }, {}],
    ["access/badge/put", { badge: "04:A2", person: id }, { person: id }],
    ["access/badge/remove", { badge: "00ff11" }, {}],
    ["access/left", { person: id }, { person: id }],
    ["access/explain", { person: id }, expect.objectContaining({ person: id, door: "demo", ok: true, rules: [] })],
    ["art/render", { content: "lake.jpg", style: "whirls.jpg" }, expect.objectContaining({ id: 1, state: "waiting" })],
    ["art/list", {}, { jobs: [], pictures: [expect.objectContaining({ title: "Lake" })] }],
    ["art/show", { id: 1 }, { shown: expect.objectContaining({ id: 1 }) }],
    ["art/show", {}, { shown: null }],
    ["fleet/status", {}, expect.objectContaining({ site: "hq", door: "demo", state: "caught-up", doors: [] })],
    ["fleet/roster", { roster: "x.y.z" }, { version: 2, doors: ["demo"], isMember: true }],
    ["config/show", {}, { door: { id: "demo" } }],
    ["health", {}, { ok: true, fps: 15 }],
    ["restart", {}, {}],
    ["keys/add", { ...key, publicKey: "x" }, expect.objectContaining({ id: "x", name: "gate", roles: ["open"] })],
    ["keys/list", {}, { keys: [expect.objectContaining({ id: "spare" })] }],
    ["keys/remove", { key: "spare" }, expect.objectContaining({ id: "spare" })],
  ];
  test.each(cases)("%s %j", async (name, payload, data) => {
    arrange(name);
    expect(await send(name, payload)).toEqual({ data, status: "ok" });
  });

  test("and every request of the table has such a case", () => {
    const covered = (name: string) =>
      cases.some(([sent]) => sent === name || sent.startsWith(name.replace("<id>", "")));
    expect(requestHandlers.filter((handler) => !covered(handler.name))).toEqual([]);
  });
});

describe("bad input is refused with one clear line and changes nothing", () => {
  const open = { mode: "passage" };
  const cases: [string, unknown, RegExp][] = [
    ["door/unlock", { seconds: 0 }, /^seconds: /],
    ["door/unlock", { seconds: 256 }, /^seconds: /],
    ["door/unlock", { seconds: 1.5 }, /whole number/],
    ["door/unlock", { seconds: "5" }, /^seconds: /],
    ["door/unlock", { seconds: null }, /^seconds: /],
    ["door/unlock", { second: 5 }, /Unrecognized key.*second/],
    ["door/unlock", JSON.parse('{"__proto__":{"seconds":5}}'), /Unrecognized key/],
    ["door/lock", { now: true }, /Unrecognized key/],
    ["door/command", {}, /^action: /],
    ["door/command", { action: "open" }, /^action: /],
    ["door/command", { action: "lock", seconds: 5 }, /Unrecognized key/],
    ["door/mode", {}, /^mode: /],
    ["door/mode", { mode: "open" }, /^mode: /],
    ["door/mode", { ...open, seconds: 1 }, /Unrecognized key/],
    ["people/add", { name: "Eve", photos: [photo] }, /^id: /],
    ["people/add", { id: "../eve", name: "Eve", photos: [photo] }, /^id: an id is/],
    ["people/add", { id: "e".repeat(65), name: "Eve", photos: [photo] }, /^id: an id is/],
    ["people/add", { id: "eve+", name: "Eve", photos: [photo] }, /^id: an id is/],
    ["people/add", { id: "eve", photos: [photo] }, /^name: /],
    ["people/add", { id: "eve", name: "  ", photos: [photo] }, /^name: /],
    ["people/add", { id: "eve", name: "E\nve", photos: [photo] }, /^name: .*control/],
    ["people/add", { id: "eve", name: "Eve" }, /^photos: /],
    ["people/add", { id: "eve", name: "Eve", photos: [] }, /^photos: /],
    ["people/add", { id: "eve", name: "Eve", photos: photo }, /^photos: /],
    ["people/add", { id: "eve", name: "Eve", photos: ["not base64!"] }, /^photos\.0: must be a picture in base64/],
    ["people/add", { id: "eve", name: "Eve", photos: [`data:image/jpeg;base64,${photo}`] }, /^photos\.0: must be/],
    ["people/add", { id: "eve", name: "Eve", photos: [5] }, /^photos\.0: must be/],
    ["people/add", { id: "eve", name: "Eve", photos: Array(33).fill(photo) }, /^photos: /],
    ["people/add", { id: "eve", name: "Eve", photos: [photo], admin: true }, /Unrecognized key/],
    ["people/add", { id: "eve", name: "Eve", photos: [photo], groups: "all" }, /^groups: /],
    ["people/add", { id: "eve", name: "Eve", photos: [photo], validFrom: "tomorrow" }, /^validFrom: must be a time/],
    [
      "people/add",
      {
        id: "eve",
        name: "Eve",
        photos: [photo],
        validFrom: "2027-01-02T00:00:00Z",
        validUntil: "2027-01-01T00:00:00Z",
      },
      /validUntil must be later/,
    ],
    ["people/photo/", smallJpeg, /^id: /],
    ["people/photo/a/b", smallJpeg, /^id: /],
    ["people/photo/eve", Buffer.from("hello"), /^corrupt: the file is no picture$/],
    ["people/list", { all: true }, /Unrecognized key/],
    ["people/show", {}, /^id: /],
    ["people/show", { id: "nobody" }, /nobody has the id nobody/],
    ["people/update", { id }, /names nothing to change/],
    ["people/update", { id, enabled: "no" }, /^enabled: /],
    ["people/update", { id, templates: 5 }, /Unrecognized key/],
    ["people/update", { id: "nobody", enabled: true }, /nobody has the id/],
    ["people/remove", {}, /^id: /],
    ["people/remove", { id: "nobody" }, /nobody has the id/],
    ["people/verify", { id }, /^photo: is needed/],
    ["people/verify", { photo }, /^id: /],
    ["access/explain", {}, /^person: /],
    ["access/explain", { person: "nobody" }, /nobody is enrolled as nobody/],
    ["access/explain", { person: id, time: "2026-01-01" }, /^time: must be a time/],
    ["access/explain", { person: id, time: "2026-01-01T00:00:00" }, /^time: must be a time/],
    ["access/rules", { all: true }, /Unrecognized key/],
    ["access/rule/put", { id: "r" }, /^groups: /],
    ["access/rule/put", { id: "r", groups: ["*"], schedule: "office" }, /there is no schedule office/],
    ["access/rule/put", { id: "r", groups: ["*"], allow: true }, /Unrecognized key/],
    ["access/rule/remove", { id: "r" }, /there is no rule r/],
    ["access/schedule/put", { id: "s", weekly: [{ days: ["mon"], from: "8", until: "9" }] }, /^weekly\.0\.from: /],
    ["access/schedule/put", { id: "s", weekly: [], timeZone: "+01:00" }, /^timeZone: must be an IANA/],
    ["access/schedule/put", { id: "s", weekly: [], holidays: ["x"] }, /there is no calendar of holidays x/],
    ["access/schedule/remove", { id: "s" }, /there is no schedule s/],
    ["access/holidays/put", { id: "h", days: [{ date: "2026-02-30" }] }, /^days\.0\.date: /],
    ["access/holidays/remove", { id: "h" }, /there is no calendar of holidays h/],
    ["access/badge", {}, /^give either badge or person$/],
    ["access/badge", { badge: "0000", person: id }, /^give either badge or person$/],
    ["access/badge", { badge: "0000" }, /nobody has this badge/],
    ["access/badge", { badge: "0000 OR 1=1" }, /^badge: must be/],
    ["access/left", { person: "nobody" }, /nobody is enrolled/],
    ["access/badge/put", { badge: "0000", person: "nobody" }, /nobody is enrolled/],
    ["access/badge/remove", { badge: "0000" }, /nobody has this badge/],
    ["events/replay", {}, /^from: /],
    ["events/replay", { from: -1 }, /^from: /],
    ["events/replay", { from: "1" }, /^from: /],
    ["events/verify", { from: 1 }, /Unrecognized key/],
    ["art/render", { content: "../../etc/passwd", style: "whirls.jpg" }, /^content: must be the name/],
    ["art/render", { content: "/etc/shadow.png", style: "whirls.jpg" }, /^content: must be the name/],
    ["art/render", { content: ".hidden.jpg", style: "whirls.jpg" }, /^content: must be the name/],
    ["art/render", { content: "lake.jpg", styles: ["a\\b.png"] }, /^styles\.0: /],
    ["art/render", { content: "lake.svg", style: "whirls.jpg" }, /^content: must be the name/],
    ["art/render", { content: "lake.jpg", style: { file: "whirls.jpg", weight: -1 } }, /^style/],
    ["art/render", { content: "lake.jpg", style: "whirls.jpg", settings: { size: 100_000 } }, /^settings\.size: /],
    ["art/render", { content: "lake.jpg", style: "whirls.jpg", settings: { seed: 0.5 } }, /^settings\.seed: /],
    ["art/render", { content: "lake.jpg", style: "whirls.jpg", deadline: "tomorrow" }, /^deadline: must be a time/],
    ["art/render", { content: "lake.jpg", style: "whirls.jpg", title: "a\nb" }, /^title: must not hold/],
    ["art/show", { id: 0 }, /^id: /],
    ["art/list", { all: true }, /Unrecognized key/],
    ["config/show", { secrets: true }, /Unrecognized key/],
    ["health", { deep: true }, /Unrecognized key/],
    ["restart", { now: true }, /Unrecognized key/],
    ["door/open", {}, /^there is no request door\/open$/],
    ["", {}, /^there is no request/],
    ["__proto__", {}, /^there is no request/],
    ["door/unlock/now", {}, /^there is no request/],
  ];
  test.each(cases)("%s %j", async (name, payload, error) => {
    const before = JSON.stringify(house.people.list());
    const answer = await send(name, payload);
    expect(answer).toMatchObject({ data: {}, status: "error", error: expect.stringMatching(error) });
    expect(answer.error).not.toMatch(/[\n\r]/);
    expect(house.door.unlocks).toEqual([]);
    expect(house.door.locks).toEqual([]);
    expect(house.door.state.mode).toBe("normal");
    if (name !== "people/photo/eve") expect(JSON.stringify(house.people.list())).toBe(before);
  });
});

describe("what is no JSON object is refused by every request that takes one", () => {
  const json = requestHandlers.filter((handler) => handler.payload === "json").map((handler) => handler.name);
  const bombs: [string, Buffer, RegExp][] = [
    ["text", Buffer.from("unlock"), /not JSON/],
    ["half an object", Buffer.from('{"seconds":'), /not JSON/],
    ["two objects", Buffer.from("{}{}"), /not JSON/],
    ["a number", Buffer.from("5"), /not a JSON object/],
    ["null", Buffer.from("null"), /not a JSON object/],
    ["a list", Buffer.from("[{}]"), /not a JSON object/],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x7d, 0xff]), /not UTF-8/],
    ["a picture", smallJpeg, /not UTF-8/],
    ["lists in lists", Buffer.from("[".repeat(8000) + "]".repeat(8000)), /not a JSON object/],
    ["objects in objects", Buffer.from(`${'{"a":'.repeat(2500)}1${"}".repeat(2500)}`), /./],
    ["thousands of keys", Buffer.from(`{${Array.from({ length: 1500 }, (_, i) => `"k${i}":1`).join()}}`), /./],
  ];
  test.each(json)("%s", async (name) => {
    for (const [, payload, error] of bombs) {
      const answer = await send(name, payload);
      expect(answer).toMatchObject({ status: "error", error: expect.stringMatching(error) });
      expect(answer.error?.length).toBeLessThanOrEqual(400);
    }
    const limit = requestHandlers.find((handler) => handler.name === name)?.maxBytes ?? 0;
    const huge = Buffer.alloc(limit + 1, 0x20);
    expect(await send(name, huge)).toMatchObject({
      status: "error",
      error: `the payload is larger than ${limit} bytes`,
    });
    expect(house.door.unlocks).toEqual([]);
  });
});

test.each([
  ["an empty payload", ""],
  ["blanks", " \n "],
])("%s means {}", async (_what, payload) => {
  expect(await send("door/lock", Buffer.from(payload))).toEqual({ data: {}, status: "ok" });
});

test("the transaction is echoed only when given, on success and on error", async () => {
  expect(await send("health", { transaction: "t1" })).toMatchObject({ status: "ok", transaction: "t1" });
  expect(await send("door/unlock", { transaction: 0, seconds: 0 })).toMatchObject({ status: "error", transaction: 0 });
  expect(await send("door/open", { transaction: "x" })).toMatchObject({ status: "error", transaction: "x" });
  expect(await send("health", {})).not.toHaveProperty("transaction");
});

test.each([[{}], [[1]], [null], [true], ["x".repeat(201)]])(
  "a transaction of %j is refused and not sent back",
  async (bad) => {
    const answer = await send("door/unlock", { transaction: bad });
    expect(answer).toMatchObject({ status: "error", error: expect.stringMatching(/^transaction: /) });
    expect(answer).not.toHaveProperty("transaction");
    expect(house.door.unlocks).toEqual([]);
  },
);

test("where the requester cannot be trusted, door, people and restart are refused and the rest is served", async () => {
  for (const handler of requestHandlers) {
    const answer = await send(handler.name.replace("<id>", "dana"), {}, { isTrusted: false });
    const isRefused = !/^(health|config\/show|events\/replay|art\/.*)$/.test(handler.name);
    expect(answer.error ?? "").toMatch(isRefused ? /not served over this connection/ : /^(from: .*)?$/);
  }
  expect([house.door.unlocks, house.door.locks, house.restarts()]).toEqual([[], [], 0]);
});

test("what belongs on the machine is refused over MQTT, signed by whatever key", async () => {
  const local = requestHandlers.filter((handler) => handler.isLocal);
  expect(local.map(({ name }) => name)).toEqual(expect.arrayContaining(["keys/add", "keys/remove"]));
  for (const { name } of local) {
    for (const origin of [overMqtt, { ...overMqtt, roles: keyRoles }]) {
      const body = { data: { ...key, publicKey: "x", key: "spare" }, transaction: undefined };
      const answer = await dispatcher.dispatch({ name, body, origin, isTrusted: true });
      expect(answer.error).toMatch(/on the machine itself only/);
    }
  }
  expect(house.context.keys.list()).toHaveLength(1);
});

test("a door that refuses is an error with its reason", async () => {
  house.door.setMode("lockdown");
  expect(await send("door/unlock", {})).toMatchObject({ status: "error", error: "the door refuses: lockdown" });
});

test("an unexpected failure gives no detail away", async () => {
  house.door.lock = () => {
    throw new Error("secret path /var/lib");
  };
  expect(await send("door/lock", {})).toEqual({ data: {}, status: "error", error: "internal error" });
});

test("changes to people never run beside each other, and a failed one does not stop the next", async () => {
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, (_, i) => send("people/add", { id: `p${i}`, name: "P", photos: [photo] })),
    send("people/remove", { id: "nobody" }),
    send("people/photo/dana", smallJpeg),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual(["ok", "ok", "ok", "ok", "ok", "error", "ok"]);
  expect(house.people.mostRunning).toBe(1);
});

test("a request that expires while others are carried out is not carried out", async () => {
  let nowMs = 0;
  const moving = { nowMs: () => nowMs, date: () => new Date(0) };
  const refusals = new RefusalLog({ events: house.events, clock: moving, logger: silentLogger });
  const late = new Dispatcher({ context: house.context, refusals, clock: moving, logger: silentLogger });
  const origin = { transport: "mqtt", name: "mqtt" } as const;
  const remove = (expiresAtMs: number) =>
    late.dispatch({
      name: "people/remove",
      body: { data: { id }, transaction: 1 },
      origin,
      isTrusted: true,
      expiresAtMs,
    });
  const slow = late.dispatch({ name: "people/photo/dana", body: { bytes: smallJpeg }, origin, isTrusted: true });
  const waiting = remove(1000);
  nowMs = 1000;
  await slow;
  expect(await waiting).toMatchObject({ status: "error", error: "the request has expired", transaction: 1 });
  expect(house.people.get(id)).toBeDefined();
});

test("more photographs than the memory is for are told to come back", async () => {
  const big = Buffer.alloc(8 * 1024 * 1024, 1);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => send(`people/photo/p${i}`, big)));
  const busy = answers.filter((answer) => answer.error?.startsWith("too many requests are waiting"));
  expect(busy.length).toBe(2);
  expect(await send("people/photo/dana", smallJpeg)).toMatchObject({ status: "ok" });
});

describe("the log of refusals", () => {
  test("holds what touches the door or people, and nothing of the payload", async () => {
    await send("door/unlock", { seconds: "hunter2" });
    await send("events/replay", { from: "hunter2" });
    const refused = house.events.ofType("request-refused");
    expect(refused).toEqual([expect.objectContaining({ request: "door/unlock", transport: "mqtt", by: "mqtt" })]);
    expect(JSON.stringify(refused)).not.toContain("hunter2");
  });
});

test("a photograph of more than 8 MiB is refused", async () => {
  const large = Buffer.alloc(8 * 1024 * 1024 + 1);
  const refused = { status: "error", error: expect.stringMatching(/must be at most 8 MiB/) };
  expect(await send("people/photo/eve", large)).toMatchObject(refused);
  expect(await send("people/verify", { id, photo: large.toString("base64") })).toMatchObject(refused);
});

test("base64 as command line tools wrap it is read", async () => {
  const wrapped = `${photo.slice(0, 8)}\n${photo.slice(8)}\n`;
  expect(await send("people/add", { id: "eve", name: "Eve", photos: [wrapped] })).toMatchObject({ status: "ok" });
});

test("a pasted eleven megabyte picture is read in reasonable time and memory", async () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 7);
  large.set([0xff, 0xd8]);
  const answer = await send("people/add", { id: "eve", name: "Eve", photos: [large.toString("base64")] });
  expect(answer).toMatchObject({ status: "ok", data: { templates: 1 } });
});

test("validity is kept in UTC", async () => {
  await send("people/update", { id, validUntil: "2027-01-01T02:00:00+02:00" });
  expect(house.people.get(id)?.validUntil).toBe("2027-01-01T00:00:00.000Z");
});

test("restart happens after the answer", async () => {
  expect(await send("restart", {})).toEqual({ data: {}, status: "ok" });
  expect(house.restarts()).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(house.restarts()).toBe(1);
});

test("an alarm that is not there cannot be acknowledged, nor one that there never is", async () => {
  expect(await send("alarms/acknowledge", { alarm: "held" })).toMatchObject({ error: expect.stringMatching(/waits/) });
  house.door.raise("held");
  for (const data of [{}, { alarm: "fire" }, { alarm: 7 }, { alarm: "held", all: true }]) {
    expect(await send("alarms/acknowledge", data)).toMatchObject({ status: "error" });
  }
  expect(await send("alarms/acknowledge", { alarm: "held" })).toMatchObject({ status: "ok" });
});

test("a passage that the door refuses is no success", async () => {
  house.door.isSound = false;
  expect(await send("door/mode", { mode: "passage" })).toMatchObject({ status: "error", code: "LINTEL_E_CONFLICT" });
  expect(await send("door/mode", { mode: "lockdown" })).toMatchObject({ status: "ok" });
});
