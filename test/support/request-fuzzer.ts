import { createHmac } from "node:crypto";
import { CompactSign } from "jose";
import type { Random } from "../../src/core/random.ts";
import type { RequestToSign } from "../../src/daemon/keys/sign.ts";
import type { Signer } from "./signed-kit.ts";

/** One message that must do nothing. */
export interface HostileMessage {
  readonly kind: HostileKind;
  readonly request: string;
  readonly payload: Buffer;
}

export interface FuzzParts {
  readonly random: Random;
  /** A key that may open, one that may only read, and one that nobody knows. */
  readonly opener: Signer;
  readonly reader: Signer;
  readonly stranger: Signer;
  nowMs(): number;
  /** Requests that were signed well and carried out before. */
  readonly used: readonly { readonly request: string; readonly jws: string }[];
}

const requests = [
  ["door/unlock", { seconds: 5 }],
  ["door/command", { action: "unlock" }],
  ["door/mode", { mode: "passage" }],
  ["people/add", { id: "eve", name: "Eve", photos: ["/9j/"] }],
  ["people/remove", { id: "dana" }],
  ["restart", {}],
  ["keys/add", { name: "eve", roles: ["open"], publicKey: "{}" }],
] as const;

const hostile = {
  binary: (f) => bytes(f, Math.floor(f.random() * 400)),
  "json-unsigned": (_f, [, data]) => Buffer.from(JSON.stringify(data)),
  "json-mutated": (f, [, data]) => mutated(f, Buffer.from(JSON.stringify({ ...data, [word(f)]: anything(f, 0) }))),
  "json-nested": (f) => {
    const depth = 1 + Math.floor(f.random() * 3000);
    const [open, close] = pick(f, [["[", "]"] as const, ['{"a":', "}"] as const]);
    return Buffer.from(`${open.repeat(depth)}1${close.repeat(depth)}`);
  },
  "three-parts": (f) =>
    Buffer.from([1, 2, 3].map(() => bytes(f, Math.floor(f.random() * 90)).toString("base64url")).join(".")),
  replayed: (f) => Buffer.from(pick(f, f.used).jws),
  "jws-mutated": (f) => mutated(f, Buffer.from(pick(f, f.used).jws)),
  "jws-bit": async (f, [request, data]) => flippedPart(f, await f.opener.sign(fresh(f, request, data))),
  "jws-spliced": async (f, [request, data]) => {
    const [a, b] = [await f.opener.sign(fresh(f, request, data)), pick(f, f.used).jws].map((jws) => jws.split("."));
    const part = 1 + Math.floor(f.random() * 2);
    return Buffer.from((a ?? []).map((text, index) => (index === part ? (b?.[index] ?? "") : text)).join("."));
  },
  "unknown-key": async (f, [request, data]) => Buffer.from(await f.stranger.sign(fresh(f, request, data))),
  "stolen-kid": async (f, [request, data]) =>
    signedBy(f, f.stranger, { kid: f.opener.key.id }, claimsOf(f, request, data)),
  "no-algorithm": (f, [request, data]) => {
    const alg = pick(f, ["none", "None", "NONE", "", "eddsa", "EdDSA "]);
    const head = encode({ alg, kid: f.opener.key.id });
    return Buffer.from(`${head}.${encode(claimsOf(f, request, data))}.${pick(f, ["", "AAAA"])}`);
  },
  hmac: (f, [request, data]) => {
    const alg = pick(f, ["HS256", "HS512", "EdDSA"] as const);
    const signing = `${encode({ alg, kid: f.opener.key.id })}.${encode(claimsOf(f, request, data))}`;
    const hash = alg === "HS512" ? "sha512" : "sha256";
    return Buffer.from(`${signing}.${createHmac(hash, f.opener.publicText).update(signing).digest("base64url")}`);
  },
  "embedded-key": async (f, [request, data]) => {
    const jwk = JSON.parse(f.stranger.publicText);
    return signedBy(f, f.stranger, { kid: pick(f, [f.opener.key.id, "x"]), jwk }, claimsOf(f, request, data));
  },
  old: async (f, [request, data]) =>
    Buffer.from(
      await f.opener.sign({ ...fresh(f, request, data), issuedAtMs: f.nowMs() - 31_000 - f.random() * 1e12 }),
    ),
  future: async (f, [request, data]) =>
    Buffer.from(await f.opener.sign({ ...fresh(f, request, data), issuedAtMs: f.nowMs() + 6_000 + f.random() * 1e12 })),
  "other-door": async (f, [request, data]) =>
    Buffer.from(await f.opener.sign({ ...fresh(f, request, data), door: pick(f, ["back", "Demo", "demo ", "", "#"]) })),
  "other-request": async (f, [request, data]) =>
    Buffer.from(
      await f.opener.sign({ ...fresh(f, request, data), request: pick(f, ["health", `${request}/`, "", "door/lock"]) }),
    ),
  "beyond-role": async (f, [request, data]) => Buffer.from(await f.reader.sign(fresh(f, request, data))),
  "odd-claims": async (f, [request, data]) => {
    const key = pick(f, ["iat", "jti", "door", "request", "data", word(f)]);
    return signedBy(f, f.opener, { kid: f.opener.key.id }, { ...claimsOf(f, request, data), [key]: odd(f) });
  },
  "odd-data": async (f, [request]) =>
    Buffer.from(
      await f.opener.sign(fresh(f, request, { [word(f)]: anything(f, 0), seconds: pick(f, [0, -1, 256, "5", 1.5]) })),
    ),
} satisfies Record<string, (f: FuzzParts, wanted: (typeof requests)[number]) => Buffer | Promise<Buffer>>;

export type HostileKind = keyof typeof hostile;
export const hostileKinds = Object.keys(hostile) as HostileKind[];

/** The next message of the sequence that the seed gives. */
export async function nextHostile(f: FuzzParts): Promise<HostileMessage> {
  const kind = pick(f, hostileKinds);
  const wanted = pick(f, requests);
  const payload = await hostile[kind](f, wanted);
  const isReplay = kind === "replayed" || kind === "jws-mutated";
  const request = isReplay && f.random() < 0.8 ? pick(f, f.used).request : wanted[0];
  return { kind, request: kind === "binary" && f.random() < 0.2 ? "people/photo/eve" : request, payload };
}

// --- internal ---

function fresh(f: FuzzParts, request: string, data: Readonly<Record<string, unknown>>): Partial<RequestToSign> {
  return { request, data, issuedAtMs: f.nowMs(), jti: bytes(f, 12).toString("base64url") };
}

function claimsOf(f: FuzzParts, request: string, data: object) {
  return { iat: f.nowMs() / 1000, jti: bytes(f, 12).toString("base64url"), door: "demo", request, data };
}

async function signedBy(_f: FuzzParts, signer: Signer, head: object, claims: object): Promise<Buffer> {
  const text = new TextEncoder().encode(JSON.stringify(claims));
  return Buffer.from(
    await new CompactSign(text).setProtectedHeader({ alg: "EdDSA", ...head }).sign(signer.key.privateKey),
  );
}

/** Changes one byte of what one of the three parts means, never only how it is written. */
function flippedPart(f: FuzzParts, jws: string): Buffer {
  const parts = jws.split(".").map((part) => Buffer.from(part, "base64url"));
  const part = pick(f, parts);
  const at = Math.floor(f.random() * part.length);
  part[at] = (part[at] ?? 0) ^ (1 << Math.floor(f.random() * 8));
  return Buffer.from(parts.map((bytes) => bytes.toString("base64url")).join("."));
}

/** One to four edits: a byte replaced, removed, doubled, or a slice moved. */
function mutated(f: FuzzParts, original: Buffer): Buffer {
  let bytes = Buffer.from(original);
  for (let edits = 1 + Math.floor(f.random() * 4); edits > 0; edits--) {
    const at = Math.floor(f.random() * bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)];
    const one = Buffer.from([Math.floor(f.random() * 256)]);
    bytes = Buffer.concat(
      pick(f, [
        [before, one, after],
        [before, after],
        [before, one, bytes.subarray(at)],
        [after, before],
      ]),
    );
  }
  return bytes;
}

function anything(f: FuzzParts, depth: number): unknown {
  const leaf = [
    null,
    true,
    0,
    -1,
    1e308,
    "",
    "5",
    "\u0000",
    "\ud800",
    word(f),
    "x".repeat(Math.floor(f.random() * 3000)),
  ];
  if (depth > 3 || f.random() < 0.6) return pick(f, leaf);
  const count = Math.floor(f.random() * 5);
  const items = Array.from({ length: count }, () => anything(f, depth + 1));
  return f.random() < 0.5 ? items : Object.fromEntries(items.map((item) => [word(f), item]));
}

/** What no claim may be. */
function odd(f: FuzzParts): unknown {
  return pick(f, [null, true, "", -1, 1e300, [], [[]], "\u0000", "x".repeat(70), Number.MAX_SAFE_INTEGER]);
}

function word(f: FuzzParts): string {
  return pick(f, [
    "__proto__",
    "constructor",
    "toString",
    "id",
    "action",
    "exp",
    "crit",
    "a.b",
    "öffne",
    "\u202e",
    "length",
  ]);
}

function bytes(f: FuzzParts, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(f.random() * 256)));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function pick<T>(f: Pick<FuzzParts, "random">, from: readonly T[]): T {
  const chosen = from[Math.floor(f.random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}
