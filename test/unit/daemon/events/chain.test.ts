import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalJson, wellFormed } from "../../../../src/daemon/events/canonical-json.ts";
import { breakOf, firstLink, genesis, isPlain, linkHash } from "../../../../src/daemon/events/chain.ts";
import { serialiseFields } from "../../../../src/daemon/events/event-fields.ts";

describe("canonical JSON", () => {
  test("the example of RFC 8785, section 3.2.3, comes out as printed there", () => {
    const example = {
      numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("keys stand in the order of their UTF-16 code units, as the RFC's sorting example has them", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(Object.keys(JSON.parse(text)).sort()).toEqual([...keys].sort());
    const order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
    expect(text).toBe(`{${order.map((key) => `${JSON.stringify(key)}:0`).join(",")}}`);
  });

  test.each([
    [
      "nested objects in any order",
      { b: { d: 1, c: [{ f: 1, e: 2 }] }, a: 0 },
      '{"a":0,"b":{"c":[{"e":2,"f":1}],"d":1}}',
    ],
    ["minus zero", { x: -0 }, '{"x":0}'],
    ["nothing", {}, "{}"],
    ["null", null, "null"],
    ["a text with a line separator", "\u2028", '"\u2028"'],
  ])("%s", (_name, value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test.each([
    ["undefined", { a: undefined }],
    ["not a number", { a: Number.NaN }],
    ["infinity", [Number.POSITIVE_INFINITY]],
    ["a bigint", 1n],
    ["a function", () => 1],
    ["half a surrogate pair", "\ud83d"],
  ])("%s has none", (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  test("half a surrogate pair becomes U+FFFD, whole ones stay", () => {
    expect(wellFormed("a\ud83d")).toBe("a\ufffd");
    expect(wellFormed("a\u{1f600}")).toBe("a\u{1f600}");
  });
});

describe("fields of an event", () => {
  test("are written in one way whatever their order", () => {
    expect(serialiseFields({ person: "dana", distance: 0.3 })).toBe(serialiseFields({ distance: 0.3, person: "dana" }));
  });

  test("a text that is cut in the middle of a character still has a canonical form", () => {
    const json = serialiseFields({ text: `${"x".repeat(499)}\u{1f600}${"y".repeat(20)}` });
    expect(canonicalJson(JSON.parse(json))).toBe(json);
  });

  test("what the log says itself is left out, at the top only", () => {
    const fields = { seq: 9, time: "1970", type: "granted", hash: "00", inner: { seq: 1 } };
    expect(serialiseFields(fields)).toBe('{"inner":{"seq":1}}');
  });

  test.each([
    ["a vector", { v: new Float32Array(4) }, TypeError],
    ["bytes", { v: Buffer.alloc(64) }, TypeError],
    ["more than 16 KiB", Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, "x".repeat(400)])), RangeError],
  ])("%s is refused", (_name, fields, error) => {
    expect(() => serialiseFields(fields)).toThrow(error);
  });
});

const row = { seq: 1, time: "2031-05-01T08:00:00.000Z", type: "granted", json: '{"person":"dana"}' };

describe("a link", () => {
  test("is what sha256sum makes of the documented text, so that anybody can check it", () => {
    const fields: unknown = JSON.parse(row.json);
    const text = `${genesis}\n${canonicalJson({ fields, seq: row.seq, time: row.time, type: row.type })}`;
    expect(linkHash(genesis, row)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
  });

  test("never changes for events that are written already", () => {
    expect(linkHash(genesis, row)).toBe("a6f0d30ef66dc48cadbab0be67ae567732c2602a8722d9fa029cd879e3d89ec9");
  });

  test.each([
    ["its number", { seq: 2 }],
    ["its time", { time: "2031-05-01T08:00:00.001Z" }],
    ["its type", { type: "denied" }],
    ["one character of its fields", { json: '{"person":"dane"}' }],
  ])("is another one after a change of %s", (_name, change) => {
    expect(linkHash(genesis, { ...row, ...change })).not.toBe(linkHash(genesis, row));
  });

  test("is another one behind another event", () => {
    expect(linkHash("1".repeat(64), row)).not.toBe(linkHash(genesis, row));
  });

  test.each([
    ["a quote in the time", { time: '2031-05-01T08:00:00.000Z","type":"denied' }],
    ["a quote in the type", { type: 'granted"}' }],
    ["a number that is none", { seq: Number.NaN }],
    ["an empty type", { type: "" }],
  ])("does not hold for %s, which could say two things with one hash", (_name, change) => {
    const other = { ...row, ...change };
    expect(isPlain(other)).toBe(false);
    expect(breakOf(firstLink, { ...other, hash: linkHash(genesis, other) })).not.toBeNull();
  });

  test.each([
    ["follows", {}, null],
    ["is missing", { seq: 3 }, "missing"],
    ["stands twice", { seq: 0 }, "unchained"],
    ["has no hash", { hash: "" }, "unchained"],
    ["was altered", { json: "{}" }, "altered"],
    ["has a hash that was altered", { hash: "0".repeat(64) }, "altered"],
  ])("an event that %s is seen", (_name, change, reason) => {
    expect(breakOf(firstLink, { ...row, hash: linkHash(genesis, row), ...change })).toBe(reason);
  });
});
