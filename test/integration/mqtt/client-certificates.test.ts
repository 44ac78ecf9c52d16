import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { memoryHouse } from "../../support/memory-house.ts";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { hasTls, Mosquitto, makeTlsFiles, Onlooker, until } from "../../support/mqtt-kit.ts";
import { signedHouse } from "../../support/signed-kit.ts";
import { temporaryStateDirectory } from "../../support/state-directory.ts";

/** A broker that lets nobody in without a certificate of its own authority, and names them by it. */

const reason = hasTls ? "" : " (left out: mosquitto or openssl is not installed)";

describe.skipIf(!hasTls)(`on mosquitto that requires client certificates${reason}`, () => {
  const files = mkdtempSync(join(tmpdir(), "lintel-mtls-"));
  const at = (name: string) => join(files, name);
  let broker: Mosquitto;
  let url: string;
  let rig: ReturnType<typeof mqttHouse> | undefined;

  beforeAll(async () => {
    makeTlsFiles(files);
    makeClientCertificate("door", "ca");
    makeClientCertificate("visitor", "ca");
    openssl("req", "-x509", ...ecKey, "-days", "2", "-subj", "/CN=other", "-keyout", "other.key", "-out", "other.pem");
    makeClientCertificate("forger", "other");
    const rights = `user door\ntopic readwrite ${base}/#\nuser visitor\ntopic read lintel/#\n`;
    const wanted = ["ca.pem", "server.pem", "server.key"].map(
      (name) => [name, readFileSync(at(name), "utf8")] as const,
    );
    broker = await Mosquitto.make({
      files: { acl: rights, ...Object.fromEntries(wanted) },
      extra: [
        ...["cafile {dir}/ca.pem", "certfile {dir}/server.pem", "keyfile {dir}/server.key"],
        ...["require_certificate true", "use_identity_as_username true", "acl_file {dir}/acl", "user root"],
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

  const ecKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

  function openssl(...args: string[]): void {
    const result = spawnSync("openssl", args, { cwd: files, encoding: "utf8" });
    if (result.status !== 0) throw new Error(result.stderr);
  }

  function makeClientCertificate(name: string, authority: string): void {
    openssl("req", ...ecKey, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const signing = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`, "-CAcreateserial", "-days", "2"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signing, "-out", `${name}.pem`);
    chmodSync(at(`${name}.key`), 0o600);
  }

  const certificateOf = (name: string) => ({ certFile: at(`${name}.pem`), keyFile: at(`${name}.key`) });
  const configOf = (name: string) => ({ url, caFile: at("ca.pem"), ...certificateOf(name) });
  const tlsOf = (name: string) => ({
    ...{ ca: readFileSync(at("ca.pem")), cert: readFileSync(at(`${name}.pem`)), key: readFileSync(at(`${name}.key`)) },
  });

  test("our certificate connects without a password, and door requests are served over it", async () => {
    rig = mqttHouse({ config: configOf("door") });
    await rig.service.start();
    const client = await Onlooker.connect(url, { protocolVersion: 5, ...tlsOf("door") });
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    expect(await client.ask(base, "door/unlock")).toMatchObject({ status: "ok" });
    await client.end();
  });

  test("signed requests pass over it as over any other connection, unsigned ones do not", async () => {
    const house = memoryHouse();
    const keys = signedHouse(temporaryStateDirectory(), systemClock, house.events);
    const porter = await keys.signer("porter", ["open"]);
    rig = mqttHouse({ config: { ...configOf("door"), requests: "signed" }, house, signed: keys.signed });
    await rig.service.start();
    const client = await Onlooker.connect(url, { protocolVersion: 5, ...tlsOf("door") });
    await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
    await client.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1 });
    await client.waitFor(`${base}/response/door/unlock`, (text) => text.includes('"unsigned: '));
    await client.client.publishAsync(`${base}/request/door/unlock`, await porter.sign(), { qos: 1 });
    await client.waitFor(`${base}/response/door/unlock`, (text) => text.includes('"ok"'));
    expect(house.door.unlocks).toHaveLength(1);
    await client.end();
    keys.db.close();
  });

  test("a visitor's certificate may look and not ask", async () => {
    rig = mqttHouse({ config: configOf("door") });
    await rig.service.start();
    const visitor = await Onlooker.connect(url, { protocolVersion: 5, ...tlsOf("visitor") });
    await visitor.waitFor(`${base}/availability`, (text) => text.includes("online"));
    const publish = visitor.client.publishAsync(`${base}/request/door/unlock`, "{}", { qos: 1 });
    await expect(publish).rejects.toThrow(/not authorized/i);
    expect(rig.house.door.unlocks).toEqual([]);
    await visitor.end();
  });

  test.each([
    ["no certificate", () => ({ url, caFile: at("ca.pem"), username: "door" })],
    ["a certificate of another authority", () => configOf("forger")],
  ])("with %s the door is not connected, says so once, and goes on trying", async (_what, config) => {
    const own = mqttHouse({ config: config() });
    rig = own;
    await own.service.start();
    await until(
      "several attempts",
      () => own.lines.filter(({ message }) => message.includes("not reachable")).length > 2,
    );
    expect(own.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    expect(own.service.isConnected).toBe(false);
  });

  test("nor is anybody else", async () => {
    const attempt = connectAsync(url, { ca: readFileSync(at("ca.pem")), reconnectPeriod: 0, connectTimeout: 3000 });
    await expect(attempt).rejects.toThrow();
  });

  test("a certificate that was renewed on disk is taken up with the next connection", async () => {
    writeFileSync(at("renewed.pem"), readFileSync(at("forger.pem")));
    writeFileSync(at("renewed.key"), readFileSync(at("forger.key")));
    const own = mqttHouse({ config: configOf("renewed") });
    rig = own;
    await own.service.start();
    await until("a refusal", () => own.lines.some(({ message }) => message.includes("not reachable")));
    writeFileSync(at("renewed.key"), readFileSync(at("door.key")));
    writeFileSync(at("renewed.pem"), readFileSync(at("door.pem")));
    await until("a connection", () => own.service.isConnected);
  });

  test("a key file that is not there is a configuration error at the start", async () => {
    rig = mqttHouse({ config: { ...configOf("door"), keyFile: at("nothing") } });
    await expect(rig.service.start()).rejects.toMatchObject({
      code: "LINTEL_E_CONFIG",
      message: expect.stringMatching(/^mqtt\.keyFile: /),
    });
  });
});
