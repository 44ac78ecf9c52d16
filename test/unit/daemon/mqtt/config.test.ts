import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { backoffMs } from "../../../../src/daemon/mqtt/backoff.ts";
import { mqttConfig, servesRestrictedRequests } from "../../../../src/daemon/mqtt/config.ts";
import { readCredentials } from "../../../../src/daemon/mqtt/credentials.ts";
import { isLoopbackUrl } from "../../../../src/daemon/mqtt/loopback.ts";

describe("a broker counts as this machine only when it is spelled plainly", () => {
  test.each([
    ["mqtt://localhost", true],
    ["mqtt://localhost:1883/", true],
    ["mqtt://127.0.0.1:1883", true],
    ["mqtts://127.8.9.1", true],
    ["mqtt://[::1]:1883", true],
    ["mqtt://localhost.example.org", false],
    ["mqtt://127.0.0.1.example.org", false],
    ["mqtt://127.1", false],
    ["mqtt://2130706433", false],
    ["mqtt://0.0.0.0", false],
    ["mqtt://[::ffff:10.0.0.1]", false],
    ["mqtt://[::2]", false],
    ["mqtt://127.0.0.1@evil.example", false],
    ["mqtt://evil.example?127.0.0.1", false],
    ["mqtt://evil.example#localhost", false],
    ["mqtt://10.0.0.5", false],
    ["not a url", false],
    ["", false],
  ])("%s: %s", (url, expected) => {
    expect(isLoopbackUrl(url)).toBe(expected);
  });
});

describe("who is served door and people requests", () => {
  const user = { username: "door" };
  const certificate = { certFile: "a.pem", keyFile: "a.key" };
  test.each([
    [{}, true],
    [{ url: "mqtt://localhost" }, true],
    [{ url: "mqtts://broker.example", ...user }, true],
    [{ url: "mqtts://broker.example", ...certificate }, true],
    [{ url: "mqtts://broker.example" }, false],
    [{ url: "mqtts://broker.example", certFile: "a.pem" }, false],
    [{ url: "mqtt://broker.example", ...user }, false],
    [{ url: "mqtt://broker.example", acknowledgePlain: true, ...user }, false],
  ])("%j: %s", (config, expected) => {
    expect(servesRestrictedRequests(mqttConfig.parse(config))).toBe(expected);
  });
});

describe("a wrong section is refused", () => {
  test.each([
    [{ url: "http://broker" }],
    [{ url: "MQTT://broker" }],
    [{ url: "tcp://broker" }],
    [{ url: "ws://broker" }],
    [{ url: "mqtt://" }],
    [{ url: "mqtt://user:secret@broker" }],
    [{ url: "mqtt://broker/path" }],
    [{ url: "mqtt://broker?x=1" }],
    [{ url: "mqtt://broker:99999" }],
    [{ url: "mqtt://a b" }],
    [{ port: 65_536 }],
    [{ port: "1883" }],
    [{ requests: "trusted" }],
    [{ clientId: "door/+" }],
    [{ eventWindow: 0 }],
    [{ password: "secret" }],
  ])("%j", (section) => {
    const result = mqttConfig.safeParse(section);
    expect(result.success).toBe(false);
    expect(result.error?.issues).toHaveLength(1);
  });

  test("and nothing at all is a complete section", () => {
    expect(mqttConfig.parse({})).toEqual({
      ...{ port: 1883, requests: "open", acknowledgePlain: false, eventWindow: 32 },
      homeAssistant: { enabled: false, prefix: "homeassistant" },
    });
  });
});

describe("credentials", () => {
  const directory = mkdtempSync(join(tmpdir(), "lintel-credentials-"));
  const credentials = join(directory, "credentials");
  mkdirSync(credentials);
  writeFileSync(join(credentials, "mqtt.password"), "from systemd\n");
  writeFileSync(join(directory, "password"), "from a file \r\n");
  afterAll(() => rmSync(directory, { recursive: true }));

  test("come from the credentials directory unless a file is named; only the line end is taken off", () => {
    const config = mqttConfig.parse({ username: "door" });
    expect(readCredentials(config, credentials)).toEqual({ username: "door", password: "from systemd" });
    expect(readCredentials(config, undefined)).toEqual({ username: "door" });
    const named = mqttConfig.parse({ username: "door", passwordFile: join(directory, "password") });
    expect(readCredentials(named, credentials).password).toBe("from a file ");
    const credential = mqttConfig.parse({ username: "door", passwordFile: "mqtt.password" });
    expect(readCredentials(credential, credentials).password).toBe("from systemd");
  });

  test.each(["passwordFile", "caFile", "certFile", "keyFile"])("an unreadable %s is named", (key) => {
    const config = mqttConfig.parse({ username: "door", [key]: join(directory, "nothing") });
    expect(() => readCredentials(config, undefined)).toThrow(new RegExp(`^mqtt\\.${key}: ENOENT`));
  });
});

test("the wait before reconnecting doubles up to its limit and is never below half of it", () => {
  const random = seededRandom(3);
  for (let failures = 0; failures < 100; failures++) {
    const ceiling = Math.min(30_000, 500 * 2 ** failures);
    const waitMs = backoffMs(failures, { minMs: 500, maxMs: 30_000 }, random);
    expect(waitMs).toBeGreaterThanOrEqual(ceiling / 2);
    expect(waitMs).toBeLessThanOrEqual(ceiling);
  }
});
