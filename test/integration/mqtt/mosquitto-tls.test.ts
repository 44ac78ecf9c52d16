import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { hasTls, Mosquitto, makeTlsFiles, Onlooker, until } from "../../support/mqtt-kit.ts";

/** TLS, passwords and access rights as an operator sets them up. */

const reason = hasTls ? "" : " (left out: mosquitto or openssl is not installed)";

describe.skipIf(!hasTls)(`on mosquitto with TLS, passwords and access rights${reason}`, () => {
  const files = mkdtempSync(join(tmpdir(), "lintel-tls-"));
  const at = (name: string) => join(files, name);
  let broker: Mosquitto;
  let url: string;
  let rig: ReturnType<typeof mqttHouse> | undefined;

  beforeAll(async () => {
    makeTlsFiles(files);
    writeFileSync(at("door-password"), "door-secret\n");
    writeFileSync(at("wrong-password"), "guess\n");
    const rights = `user door\ntopic readwrite ${base}/#\nuser stranger\ntopic read lintel/#\n`;
    broker = await Mosquitto.make({
      files: { acl: rights, ...pick(["ca.pem", "server.pem", "server.key", "passwords"]) },
      extra: [
        "allow_anonymous false",
        "password_file {dir}/passwords",
        "acl_file {dir}/acl",
        "cafile {dir}/ca.pem",
        "certfile {dir}/server.pem",
        "keyfile {dir}/server.key",
        "user root",
      ],
    });
    await broker.start();
    url = `mqtts://127.0.0.1:${broker.port}`;
  });

  afterEach(async () => {
    await rig?.service.stop();
    rig = undefined;
  });

  afterAll(async () => {
    await broker.dispose();
    rmSync(files, { recursive: true, force: true });
  });

  function pick(names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, readFileSync(at(name), "utf8")]));
  }
  const credentials = () => ({ url, username: "door", passwordFile: at("door-password"), caFile: at("ca.pem") });
  const asUser = (username: string) =>
    Onlooker.connect(url, {
      ...{ protocolVersion: 5, ca: readFileSync(at("ca.pem")), username, password: `${username}-secret` },
    });

  test("the right credentials connect, and a person with rights opens the door", async () => {
    rig = mqttHouse({ config: credentials() });
    await rig.service.start();
    const client = await asUser("door");
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    expect(await client.ask(base, "door/unlock")).toMatchObject({ status: "ok" });
    expect(JSON.stringify(rig.lines)).not.toContain("secret");
    await client.end();
  });

  test("a user without the right to publish cannot open it", async () => {
    rig = mqttHouse({ config: credentials() });
    await rig.service.start();
    const stranger = await asUser("stranger");
    await stranger.waitFor(`${base}/availability`, (text) => text.includes("online"));
    const publish = stranger.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1 });
    await expect(publish).rejects.toThrow(/not authorized/i);
    expect(rig.house.door.unlocks).toEqual([]);
    await stranger.end();
  });

  const broken: [string, () => Record<string, unknown>, RegExp][] = [
    ["a wrong password", () => ({ ...credentials(), passwordFile: at("wrong-password") }), /not authorized/i],
    ["an unknown authority", () => ({ ...credentials(), caFile: undefined }), /certificate/i],
    [
      "a certificate for another host",
      () => ({ ...credentials(), url: url.replace("127.0.0.1", "localhost") }),
      /altnames/i,
    ],
  ];
  test.each(broken)("%s is one warning, and the door is not served", async (_what, config, text) => {
    const own = mqttHouse({ config: config() });
    rig = own;
    await own.service.start();
    await until("a warning", () => own.lines.some((line) => line.level === "warn"));
    expect(own.lines.find((line) => line.level === "warn")?.fields).toMatchObject({
      error: expect.stringMatching(text),
    });
    expect(own.service.isConnected).toBe(false);
  });

  test("a password file that is not there is a configuration error at the start", async () => {
    rig = mqttHouse({ config: { ...credentials(), passwordFile: at("nothing") } });
    await expect(rig.service.start()).rejects.toMatchObject({
      code: "LINTEL_E_CONFIG",
      message: expect.stringMatching(/^mqtt\.passwordFile: /),
    });
  });
});
