import { generateKeyPairSync, randomBytes } from "node:crypto";
import { CompactEncrypt, CompactSign } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  attach,
  detach,
  openSealed,
  type Readers,
  sealJws,
  signText,
  siteKeyOf,
} from "../../../../src/daemon/fleet/envelope.ts";
import { fleetTopics, topicIdOf } from "../../../../src/daemon/fleet/topics.ts";

const door = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const siteKey = siteKeyOf({ id: "0123456789abcdef", key: randomBytes(32).toString("base64url") });
const otherKey = siteKeyOf({ id: "0123456789abcdef", key: randomBytes(32).toString("base64url") });
const readers: Readers = {
  siteKey: (id) => (id === siteKey.id ? siteKey.key : undefined),
  doorKey: (id) => (id === "front" ? door.publicKey : undefined),
};
const text = '{"name":"Dana Example"}';

describe("a record on its way", () => {
  let sealed = "";
  beforeAll(async () => {
    sealed = await sealJws(await signText(text, { door: "front", privateKey: door.privateKey }), siteKey);
  });

  it("is read by a door of the site, which learns who wrote it", async () => {
    const opened = await openSealed(Buffer.from(sealed), readers);
    expect(opened).toMatchObject({ ok: true, door: "front", document: { name: "Dana Example" } });
  });

  it("tells the broker neither what it says nor who wrote it", () => {
    const seen = sealed
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("latin1"))
      .join(" ");
    for (const secret of ["Dana", "front", "EdDSA"]) expect(seen).not.toContain(secret);
  });

  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  it("is no message any more with any one of its bytes changed", async () => {
    for (let at = 0; at < sealed.length; at += Math.ceil(sealed.length / 60)) {
      // The highest of a letter's six bits: the lowest of a part's last letter mean nothing (RFC 4648, 3.5).
      const other = alphabet[alphabet.indexOf(sealed[at] ?? "") ^ 32] ?? "A";
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      expect((await openSealed(Buffer.from(changed), readers)).ok, `byte ${at}`).toBe(false);
    }
  });

  it("fits together again from its signature and its content, and with nothing else", async () => {
    const jws = await signText(text, { door: "front", privateKey: door.privateKey });
    expect(detach(jws)).not.toContain(Buffer.from(text).toString("base64url").slice(0, 8));
    expect(attach(detach(jws), text)).toBe(jws);
    const forged = await sealJws(attach(detach(jws), text.replace("Dana", "Mall")), siteKey);
    expect(await openSealed(Buffer.from(forged), readers)).toEqual({ ok: false, reason: "bad-signature" });
  });

  const signedBy = (privateKey: typeof door.privateKey, kid: string, alg = "EdDSA") =>
    new CompactSign(Buffer.from(text)).setProtectedHeader({ alg, kid }).sign(privateKey);
  it.each<[string, () => Promise<string | Buffer>, string]>([
    ["nothing", async () => "", "malformed"],
    ["rubbish", async () => randomBytes(500), "malformed"],
    ["a record in the clear", () => signedBy(door.privateKey, "front"), "malformed"],
    [
      "sealed with another key under the same name",
      async () => sealJws(await signedBy(door.privateKey, "front"), otherKey),
      "not-sealed-for-us",
    ],
    ["sealed with a key nobody knows", async () => sealJws("x", { ...siteKey, id: "ffffffffffffffff" }), "unknown-key"],
    ["not signed", async () => sealJws(text, siteKey), "malformed"],
    [
      "signed by a door that is none",
      async () => sealJws(await signedBy(stranger.privateKey, "back"), siteKey),
      "unknown-door",
    ],
    [
      "signed by somebody under the name of a door",
      async () => sealJws(await signedBy(stranger.privateKey, "front"), siteKey),
      "bad-signature",
    ],
    [
      "compressed or otherwise sealed in a way of its own",
      async () =>
        new CompactEncrypt(Buffer.from(await signedBy(door.privateKey, "front")))
          .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: siteKey.id, typ: "x" })
          .encrypt(siteKey.key),
      "malformed",
    ],
  ])("%s is refused", async (_, make, reason) => {
    expect(await openSealed(Buffer.from(await make()), readers)).toEqual({ ok: false, reason });
  });
});

describe("a topic", () => {
  const topics = fleetTopics("hq");

  it("stands for a person by a keyed hash: without the key an id that is guessed cannot be tried", () => {
    const id = topicIdOf("dana", Buffer.alloc(32, 1));
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(id).not.toBe(topicIdOf("dana", Buffer.alloc(32, 2)));
    expect(id).not.toBe(topicIdOf("bob", Buffer.alloc(32, 1)));
    expect(topics.read(topics.person(id))).toEqual({ kind: "person", id });
  });

  it("is covered by exactly one of the sixteen parts", () => {
    const topic = topics.person(topicIdOf("dana", Buffer.alloc(32, 1)));
    expect(topics.personFilters.filter((filter) => topic.startsWith(filter.slice(0, -1)))).toHaveLength(1);
  });

  it.each([
    "lintel-fleet/hq/person/dana",
    "lintel-fleet/other/roster",
    "lintel-fleet/hq/door/a/b",
    "lintel-fleet/hq/person/a/+",
  ])("%s is none of ours", (topic) => expect(topics.read(topic)).toBeNull());
});
