import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { base64url, CompactSign } from "jose";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { maxAgeMs, maxAheadMs } from "../../../src/daemon/keys/signed-requests.ts";
import { SetClock, type Signer, signedHouse } from "../../support/signed-kit.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

const name = "door/unlock";
let clock: SetClock;
let house: ReturnType<typeof signedHouse>;
let porter: Signer;

beforeEach(async () => {
  clock = new SetClock();
  house = signedHouse(temporaryStateDirectory(), clock);
  onTestFinished(() => house.db.close());
  porter = await house.signer("porter", ["open"]);
});

function open(jws: string | Uint8Array, as = name, maxBytes = 16_384) {
  return house.signed.open(as, Buffer.from(jws), maxBytes);
}

/** Signs any header and claims with the porter's key, or another. */
function signAny(head: Record<string, unknown>, claims: unknown, key: KeyObject | Uint8Array = porter.key.privateKey) {
  const text = typeof claims === "string" ? claims : JSON.stringify(claims);
  return new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: "EdDSA", ...head }).sign(key);
}

const claimsNow = () => ({ iat: clock.wallMs / 1000, jti: "0123456789abcdef", door: "demo", request: name, data: {} });
const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

test("a fresh request of a known key is opened, with its data, its mark for the answer and the key's roles", async () => {
  const verdict = await open(await porter.sign({ data: { seconds: 7 }, transaction: "t1" }));
  expect(verdict).toMatchObject({
    ok: true,
    data: { seconds: 7 },
    transaction: "t1",
    key: { name: "porter", roles: ["open"] },
  });
});

test("the line end that a shell adds breaks nothing", async () => {
  expect(await open(`${await porter.sign()}\n`)).toMatchObject({ ok: true });
});

test("whole seconds and a key from openssl are as good as ours", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const { id } = await house.keys.add(pem, { name: "pem", roles: ["open"] }, "test");
  const jws = await signAny(
    { kid: id, typ: "JWT" },
    { ...claimsNow(), iat: Math.floor(clock.wallMs / 1000) },
    privateKey,
  );
  expect(await open(jws)).toMatchObject({ ok: true });
});

describe("is refused:", () => {
  const kid = () => porter.key.id;
  const cases: [what: string, reason: string, make: () => Promise<string> | string][] = [
    ["an unsigned request", "unsigned", () => '{"seconds":5}'],
    ["nothing", "unsigned", () => ""],
    ["a text with dots", "unsigned", () => "a.b c.d"],
    ["a header that is no JSON", "malformed", () => "abc.def.ghi"],
    ["a key nobody knows", "unknown-key", async () => (await house.signer("x", [])).sign()],
    ["no kid", "malformed", () => signAny({}, claimsNow())],
    [
      "alg none without a signature",
      "algorithm",
      () => `${encode({ alg: "none", kid: kid() })}.${encode(claimsNow())}.`,
    ],
    [
      "alg none with a signature",
      "algorithm",
      async () => {
        const [, body, signature] = (await porter.sign()).split(".");
        return `${encode({ alg: "none", kid: kid() })}.${body}.${signature}`;
      },
    ],
    [
      "HS256 with the public key as the secret",
      "algorithm",
      () => {
        const signing = `${encode({ alg: "HS256", kid: kid() })}.${encode(claimsNow())}`;
        return `${signing}.${createHmac("sha256", porter.publicText).update(signing).digest("base64url")}`;
      },
    ],
    [
      "RS256",
      "algorithm",
      () => {
        const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        return new CompactSign(Buffer.from(JSON.stringify(claimsNow())))
          .setProtectedHeader({ alg: "RS256", kid: kid() })
          .sign(privateKey);
      },
    ],
    [
      "a signature by another key",
      "bad-signature",
      async () => signAny({ kid: kid() }, claimsNow(), (await house.signer("x", [])).key.privateKey),
    ],
    [
      "another known key's kid",
      "bad-signature",
      async () => signAny({ kid: (await house.signer("other", ["open"])).key.id }, claimsNow()),
    ],
    [
      "changed claims under an old signature",
      "bad-signature",
      async () => {
        const [head, , signature] = (await porter.sign()).split(".");
        return `${head}.${encode({ ...claimsNow(), data: { seconds: 255 } })}.${signature}`;
      },
    ],
    ["no signature", "bad-signature", async () => `${(await porter.sign()).split(".").slice(0, 2).join(".")}.`],
    ["a header with a key inside", "malformed", () => signAny({ kid: kid(), jwk: { kty: "OKP" } }, claimsNow())],
    ["a header that names a place for keys", "malformed", () => signAny({ kid: kid(), jku: "http://x" }, claimsNow())],
    [
      "an extension we do not know",
      "malformed",
      () => `${encode({ alg: "EdDSA", kid: kid(), crit: ["exp"], exp: 1 })}.${encode(claimsNow())}.AAAA`,
    ],
    [
      "an unencoded payload",
      "malformed",
      () => `${encode({ alg: "EdDSA", kid: kid(), b64: false, crit: ["b64"] })}.${encode(claimsNow())}.AAAA`,
    ],
    ["another door", "wrong-door", () => porter.sign({ door: "back" })],
    ["another request", "wrong-request", () => porter.sign({ request: "door/lock" })],
    ["a signature that is too old", "old", () => porter.sign({ issuedAtMs: clock.wallMs - maxAgeMs - 1000 })],
    ["one from the future", "future", () => porter.sign({ issuedAtMs: clock.wallMs + maxAheadMs + 1000 })],
    ["claims that are no JSON", "malformed", () => signAny({ kid: kid() }, "{")],
    ["claims that are a list", "malformed", () => signAny({ kid: kid() }, [])],
    ["no iat", "malformed", () => signAny({ kid: kid() }, { ...claimsNow(), iat: undefined })],
    ["an iat that is text", "malformed", () => signAny({ kid: kid() }, { ...claimsNow(), iat: "1e9" })],
    ["no jti", "malformed", () => signAny({ kid: kid() }, { ...claimsNow(), jti: undefined })],
    ["a jti that is too short to be random", "malformed", () => porter.sign({ jti: "1" })],
    ["an endless jti", "malformed", () => porter.sign({ jti: "a".repeat(65) })],
    ["a claim we would ignore", "malformed", () => signAny({ kid: kid() }, { ...claimsNow(), exp: 1 })],
    ["data that is a list", "malformed", () => signAny({ kid: kid() }, { ...claimsNow(), data: [1] })],
    ["more data than the request takes", "too-large", () => porter.sign({ data: { seconds: "5".repeat(40_000) } })],
  ];
  test.each(cases)("%s (%s)", async (_what, reason, make) => {
    expect(await open(await make())).toMatchObject({ ok: false, reason, text: expect.stringContaining(`${reason}: `) });
    expect(house.keys.replay.size).toBe(0);
  });

  test("the same request a second time, whatever it is wrapped in", async () => {
    const jws = await porter.sign();
    expect(await open(jws)).toMatchObject({ ok: true });
    expect(await open(jws)).toMatchObject({ reason: "replayed" });
    expect(await open(`${jws} \n`)).toMatchObject({ reason: "replayed" });
    // The last character of a signature holds four bits that mean nothing.
    const twin = jws.slice(0, -1) + String.fromCharCode(jws.charCodeAt(jws.length - 1) + 1);
    expect(await open(twin)).not.toMatchObject({ ok: true });
  });

  test("two copies that arrive together: one is taken", async () => {
    const jws = await porter.sign();
    const verdicts = await Promise.all([open(jws), open(jws), open(jws)]);
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test("everything while the clock is not trusted, and nothing is used up by it", async () => {
    const jws = await porter.sign();
    house.setClockTrusted(false);
    expect(await open(jws)).toMatchObject({ reason: "clock-unset" });
    house.setClockTrusted(true);
    expect(await open(jws)).toMatchObject({ ok: true });
  });

  test("a key that was taken away, also when it comes back with a request from before", async () => {
    const [used, unused] = [await porter.sign(), await porter.sign()];
    expect(await open(used)).toMatchObject({ ok: true });
    house.keys.remove("porter", "test");
    expect(await open(unused)).toMatchObject({ reason: "unknown-key" });
    await house.keys.add(porter.publicText, { name: "porter", roles: ["open"] }, "test");
    expect(await open(used)).toMatchObject({ reason: "old" });
  });
});

test("requests are opened in the order they came in, however long each takes to check", async () => {
  const order: string[] = [];
  const large = await porter.sign({ transaction: "large", data: { x: "y".repeat(8_000_000) } });
  const small = await porter.sign({ transaction: "small" });
  const note = (verdict: Awaited<ReturnType<typeof open>>) =>
    order.push(verdict.ok ? String(verdict.transaction) : "no");
  await Promise.all([open(large, name, 9_000_000).then(note), open(small).then(note)]);
  expect(order).toEqual(["large", "small"]);
});

test("what waits is bounded: a flood is told to come back", async () => {
  const jws = await porter.sign();
  const verdicts = await Promise.all(Array.from({ length: 2000 }, () => open(jws)));
  expect(verdicts.filter((verdict) => !verdict.ok && verdict.reason === "busy").length).toBeGreaterThan(1500);
  expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await open(await porter.sign())).toMatchObject({ ok: true });
});

describe("keys", () => {
  test("are kept over a restart", async () => {
    const directory = temporaryStateDirectory();
    const before = signedHouse(directory, clock);
    const signer = await before.signer("gate", ["read", "enrol"]);
    before.db.close();
    const after = signedHouse(directory, clock);
    onTestFinished(() => after.db.close());
    expect(after.keys.list()).toMatchObject([{ name: "gate", id: signer.key.id, roles: ["read", "enrol"] }]);
    const jws = await signer.sign();
    expect(await after.signed.open(name, Buffer.from(jws), 16_384)).toMatchObject({ ok: true });
  });

  test("come and go with an event that names them", () => {
    house.keys.remove(porter.key.id, "control-socket");
    expect(house.events.records).toMatchObject([
      { type: "updated", change: "key-added", key: "porter", roles: ["open"] },
      { type: "updated", change: "key-removed", key: "porter", by: "control-socket" },
    ]);
  });

  test.each([
    [
      "another kind of key",
      generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "pem", type: "spki" }).toString(),
    ],
    ["the curve for agreement", JSON.stringify(generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }))],
    ["a text", "hello"],
    ["a point of the wrong length", JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "AAAA" })],
    ["an endless text", "{".repeat(100_000)],
  ])("%s is refused", async (_what, text) => {
    await expect(house.keys.add(text, { name: "x", roles: ["read"] }, "test")).rejects.toMatchObject({
      code: "LINTEL_E_REQUEST",
    });
  });

  test("one name, one key", async () => {
    const other = await house.signer("other", []);
    for (const text of [porter.publicText, other.publicText]) {
      await expect(house.keys.add(text, { name: "porter", roles: ["read"] }, "test")).rejects.toMatchObject({
        code: "LINTEL_E_CONFLICT",
      });
    }
  });
});
