import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ControlClient, connectControl } from "../../src/cli/control-client.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ControlSocket, controlSocketPath, maxControlLineBytes } from "../../src/daemon/control-socket.ts";
import { Dispatcher } from "../../src/daemon/requests/dispatch.ts";
import { RefusalLog } from "../../src/daemon/requests/refusal-log.ts";
import { type MemoryHouse, memoryHouse, smallJpeg } from "../support/memory-house.ts";
import { until } from "../support/mqtt-kit.ts";

/** Requests from the command line to a running daemon. */

let directory: string;
let house: MemoryHouse;
let server: ControlSocket;
const clients: ControlClient[] = [];

function makeServer(stateDirectory: string): ControlSocket {
  const refusals = new RefusalLog({ events: house.events, clock: systemClock, logger: silentLogger });
  const dispatcher = new Dispatcher({ context: house.context, refusals, clock: systemClock, logger: silentLogger });
  return new ControlSocket({ stateDirectory, dispatcher, logger: silentLogger });
}

async function client(): Promise<ControlClient> {
  const connected = await connectControl(directory);
  if (!connected) throw new Error("no daemon");
  clients.push(connected);
  return connected;
}

/** Writes raw lines and gives the answers, one for each line expected. */
async function raw(lines: readonly (string | Buffer)[], answers: number): Promise<unknown[]> {
  const socket = connect(controlSocketPath(directory));
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  for (const line of lines) socket.write(line);
  const text = () => Buffer.concat(parts).toString("utf8");
  await until(`${answers} answers`, () => text().split("\n").length > answers);
  socket.destroy();
  return text()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "lintel-control-"));
  house = memoryHouse();
  server = makeServer(directory);
  await server.start();
});

afterEach(async () => {
  for (const connected of clients.splice(0)) connected.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("requests are carried out, answers find their request, and several run at once", async () => {
  const control = await client();
  const photos = [{ file: "dana.jpg", data: smallJpeg.toString("base64") }];
  const answers = await Promise.all([
    control.request("people/add", { id: "dana", name: "Dana", photos }),
    control.request("health", {}),
    control.request("door/unlock", { seconds: 3 }),
    control.request("people/list", {}),
  ]);
  expect(answers[0]).toEqual({ id: "dana", templates: 1, refused: [] });
  expect(answers.slice(1, 3)).toEqual([{ ok: true, fps: 15 }, { openSeconds: 3 }]);
  expect(await control.request("people/list", {})).toMatchObject({ people: [{ id: "dana" }] });
});

test("a refusal arrives as an error with the daemon's own code", async () => {
  const control = await client();
  await expect(control.request("people/show", { id: "nobody" })).rejects.toMatchObject({
    ...{ name: "LintelError", code: "LINTEL_E_NOT_FOUND", exit: 1, message: "nobody has the id nobody" },
  });
  await expect(control.request("people/show", {})).rejects.toMatchObject({ code: "LINTEL_E_REQUEST", exit: 2 });
});

test("a photograph of eight megabytes passes, a line beyond the limit is refused and the next one is read", async () => {
  const control = await client();
  const large = Buffer.alloc(8 * 1024 * 1024, 7);
  large.set([0xff, 0xd8]);
  const photos = [large.toString("base64")];
  expect(await control.request("people/add", { id: "dana", name: "Dana", photos })).toMatchObject({ templates: 1 });
  const endless = Buffer.alloc(maxControlLineBytes + 1, 0x61);
  const answers = await raw([endless, '\n{"request":"health"}\n'], 2);
  expect(answers).toEqual([
    expect.objectContaining({ status: "error", error: "the request is too long" }),
    expect.objectContaining({ status: "ok" }),
  ]);
});

describe("a malformed line is answered and opens nothing", () => {
  const cases: [string, RegExp][] = [
    ["nonsense", /not JSON/],
    ["[]", /no request named/],
    ["5", /no request named/],
    ["null", /no request named/],
    ["{}", /no request named/],
    ['{"request":5}', /must be a name/],
    ['{"request":"door/unlock","seconds":5}', /only request, data and transaction/],
    ['{"request":"door/unlock","data":{"seconds":0}}', /seconds/],
    ['{"request":"door/unlock","data":[]}', /./],
    ['{"request":"door/unlock","data":"{}"}', /./],
    ['{"request":"door/unlock","data":{},"transaction":{}}', /transaction/],
    ['{"request":"people/photo/dana","data":{}}', /bytes of a picture/],
    ['{"request":"nothing"}', /no request nothing/],
    [`{"request":"door/unlock","data":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`, /./],
  ];
  test.each(cases.map(([line, error]) => ({ title: line.slice(0, 60), line, error })))(
    "$title",
    async ({ line, error }) => {
      const [answer] = await raw([`${line}\n`], 1);
      expect(answer).toMatchObject({ data: {}, status: "error", error: expect.stringMatching(error) });
      expect(house.door.unlocks).toEqual([]);
    },
  );
});

test("no other user can reach the socket, and nothing is left beside it", () => {
  expect(statSync(controlSocketPath(directory)).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["control.sock"]);
});

test("a stop removes the socket, and without a daemon there is no client", async () => {
  await server.stop();
  await server.stop();
  expect(readdirSync(directory)).toEqual([]);
  expect(await connectControl(directory)).toBeNull();
  expect(await connectControl(join(directory, "nowhere"))).toBeNull();
});

test("a second daemon on the same directory is refused, and the first one goes on", async () => {
  const second = makeServer(directory);
  await expect(second.start()).rejects.toMatchObject({ code: "LINTEL_E_STATE_IN_USE" });
  await second.stop();
  expect(await (await client()).request("health", {})).toMatchObject({ ok: true });
});

test("what a killed daemon left behind is replaced", async () => {
  await server.stop();
  const path = controlSocketPath(directory);
  const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", code]), "exit");
  expect(lstatSync(path).isSocket()).toBe(true);
  expect(await connectControl(directory)).toBeNull();
  await server.start();
  expect(await (await client()).request("health", {})).toMatchObject({ ok: true });
});

test("a file in the way that is no socket is left alone", async () => {
  await server.stop();
  writeFileSync(controlSocketPath(directory), "precious");
  await expect(server.start()).rejects.toMatchObject({ code: "LINTEL_E_CONFIG" });
  expect(statSync(controlSocketPath(directory)).size).toBe(8);
});

test("a stopping daemon does not remove the socket of its successor", async () => {
  rmSync(controlSocketPath(directory));
  const successor = makeServer(directory);
  await successor.start();
  await server.stop();
  expect(await (await client()).request("health", {})).toMatchObject({ ok: true });
  await successor.stop();
});

test("a path too long for a socket is one clear error", async () => {
  const deep = makeServer(join(directory, "x".repeat(100)));
  await expect(deep.start()).rejects.toMatchObject({
    code: "LINTEL_E_CONFIG",
    hint: "choose a shorter stateDirectory",
  });
});

test("the seventeenth client is turned away and the others are served", async () => {
  const idle: Socket[] = [];
  for (let i = 0; i < 16; i++) {
    const socket = connect(controlSocketPath(directory));
    await once(socket, "connect");
    idle.push(socket);
  }
  const late = await client();
  await expect(late.request("health", {})).rejects.toMatchObject({ code: "LINTEL_E_UNAVAILABLE" });
  for (const socket of idle) socket.destroy();
  const isServed = async () => {
    const control = await connectControl(directory);
    const answer = await control?.request("health", {}).catch(() => undefined);
    control?.close();
    return answer !== undefined;
  };
  await expect.poll(isServed, { timeout: 5000 }).toBe(true);
});

test("a daemon that dies fails the requests that wait", async () => {
  const control = await client();
  house.people.add = () => new Promise(() => {});
  const waiting = expect(
    control.request("people/add", { id: "a", name: "A", photos: [smallJpeg.toString("base64")] }),
  ).rejects.toMatchObject({ code: "LINTEL_E_UNAVAILABLE" });
  await control.request("health", {});
  await server.stop();
  await waiting;
  await expect(control.request("health", {})).rejects.toMatchObject({ code: "LINTEL_E_UNAVAILABLE" });
});

test("answers that make no sense fail the request instead of hanging it", async () => {
  await server.stop();
  const liar = createServer((socket) => socket.on("data", () => socket.write('{"status":"maybe"}\n')));
  liar.listen(controlSocketPath(directory));
  await once(liar, "listening");
  chmodSync(controlSocketPath(directory), 0o600);
  const control = await client();
  await expect(control.request("health", {})).rejects.toMatchObject({ code: "LINTEL_E_UNAVAILABLE" });
  control.close();
  liar.close();
});
