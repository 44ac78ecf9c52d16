import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compactVerify, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keysCommand } from "../../../../src/cli/commands/keys.ts";
import { verifyingKey } from "../../../../src/daemon/keys/public-key.ts";

let directory: string;
let sent: { name: string; data: unknown }[];
let output: string;
let closed: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-keys-"));
  sent = [];
  output = "";
  closed = 0;
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string) => join(directory, name);
const listed = { id: "abc", name: "gate", roles: ["open"], createdAt: "2030-01-01T00:00:00.000Z" };

/** Runs `lintel keys …` against a daemon that knows one key. */
async function run(...args: string[]): Promise<void> {
  const command = keysCommand({
    connect: async () => ({
      request: async (name, data) => {
        sent.push({ name, data });
        return name === "keys/list" ? { keys: [listed] } : listed;
      },
      close: () => {
        closed += 1;
      },
    }),
  });
  for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: "user" });
}

async function generated(): Promise<{ publicKey: { x: string; d?: string }; id: string }> {
  await run("generate", "--out", at("key"), "--json");
  const document = JSON.parse(output);
  output = "";
  return document;
}

describe("generate", () => {
  test("puts the private half into a file of its owner alone and prints only the public one", async () => {
    const { publicKey, id } = await generated();
    const kept = JSON.parse(readFileSync(at("key"), "utf8"));
    expect(statSync(at("key")).mode & 0o777).toBe(0o600);
    expect(kept).toMatchObject({ x: publicKey.x, kid: id, d: expect.any(String) });
    expect(publicKey).not.toHaveProperty("d");
  });

  test("never writes over a key that is there", async () => {
    writeFileSync(at("key"), "precious");
    await expect(run("generate", "--out", at("key"))).rejects.toMatchObject({ code: "LINTEL_E_USAGE" });
    expect(readFileSync(at("key"), "utf8")).toBe("precious");
  });
});

describe("add", () => {
  test("sends the public half only, also of a private key", async () => {
    const { publicKey } = await generated();
    await run("add", at("key"), "--name", "gate", "--role", "open", "--role", "read,enrol");
    const [request] = sent;
    expect(request).toMatchObject({ name: "keys/add", data: { name: "gate", roles: ["open", "read", "enrol"] } });
    expect(JSON.stringify(request)).toContain(publicKey.x);
    expect(JSON.stringify(request)).not.toContain(JSON.parse(readFileSync(at("key"), "utf8")).d);
    expect(closed).toBe(1);
  });

  test.each([
    ["a role that is none", ["--role", "admin"], "LINTEL_E_USAGE"],
    ["a file that is no key", ["--role", "open"], "LINTEL_E_REQUEST"],
  ])("%s is refused before anything is sent", async (_what, args, code) => {
    writeFileSync(at("file"), "hello");
    await expect(run("add", at("file"), "--name", "x", ...args)).rejects.toMatchObject({ code });
    expect(sent).toEqual([]);
  });
});

test("list shows who may what", async () => {
  await run("list");
  expect(output).toMatch(/gate +abc +open/);
  output = "";
  await run("list", "--json");
  expect(JSON.parse(output)).toEqual({ keys: [listed] });
});

test("remove takes the name or the id", async () => {
  await run("remove", "gate");
  expect(sent).toEqual([{ name: "keys/remove", data: { key: "gate" } }]);
});

describe("sign", () => {
  test("prints one request for one door and now, that the public key verifies", async () => {
    const { publicKey, id } = await generated();
    const data = '{"seconds":5,"transaction":"t1"}';
    await run("sign", "--key", at("key"), "--door", "front", "door/unlock", data);
    const jws = output.trim();
    expect(decodeProtectedHeader(jws)).toEqual({ alg: "EdDSA", kid: id });
    const { payload } = await compactVerify(jws, verifyingKey(publicKey.x));
    const claims = JSON.parse(Buffer.from(payload).toString());
    expect(claims).toMatchObject({ door: "front", request: "door/unlock", data: { seconds: 5 }, transaction: "t1" });
    expect(Math.abs(claims.iat * 1000 - Date.now())).toBeLessThan(10_000);
    expect(claims.jti).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  });

  test("takes a key that openssl made", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(at("pem"), privateKey.export({ format: "pem", type: "pkcs8" }));
    await run("sign", "--key", at("pem"), "--door", "front", "health");
    expect(output).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  test.each([
    ["data that is no object", "[]", "key", "LINTEL_E_USAGE"],
    ["data that is no JSON", "{", "key", "LINTEL_E_USAGE"],
    ["a public key", "{}", "public", "LINTEL_E_UNREADABLE"],
    ["a key that is not there", "{}", "nothing", "LINTEL_E_UNREADABLE"],
  ])("%s is refused in one line that repeats no key", async (_what, data, file, code) => {
    const { publicKey } = await generated();
    writeFileSync(at("public"), JSON.stringify(publicKey));
    await expect(run("sign", "--key", at(file), "--door", "front", "door/unlock", data)).rejects.toMatchObject({
      code,
    });
    expect(output).toBe("");
    expect(existsSync(at("nothing"))).toBe(false);
  });
});
