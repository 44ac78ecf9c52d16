import { expect, test } from "vitest";
import { ProtocolVersion } from "../../../../src/daemon/mqtt/protocol-version.ts";

const refused = Object.assign(new Error("Connection refused"), { code: 1 });
const unsupported = Object.assign(new Error("Connection refused"), { code: 132 });

test.each([refused, unsupported])("a broker that knows no MQTT 5 gets 3.1.1 at once, and for good", (problem) => {
  const version = new ProtocolVersion();
  expect(version.current).toBe(5);
  expect(version.failed(problem)).toBe(true);
  expect(version.current).toBe(4);
  version.lost();
  expect(version.current).toBe(4);
});

test("a broker that hangs up without a word is asked in the other version, not at once", () => {
  const version = new ProtocolVersion();
  expect(version.failed(undefined)).toBe(false);
  expect(version.current).toBe(4);
  expect(version.failed(undefined)).toBe(false);
  expect(version.current).toBe(5);
});

test("a broker that only hung up while it started is spoken to in MQTT 5 after the next loss", () => {
  const version = new ProtocolVersion();
  version.failed(undefined);
  expect(version.current).toBe(4);
  version.lost();
  expect(version.current).toBe(5);
});

test.each([
  Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
  Object.assign(new Error("Not authorized"), { code: 135 }),
  "a text",
])("%s says nothing about the version", (problem) => {
  const version = new ProtocolVersion();
  expect(version.failed(problem)).toBe(false);
  expect(version.current).toBe(5);
});
