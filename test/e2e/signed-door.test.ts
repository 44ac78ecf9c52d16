import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../support/daemon.ts";
import { DoorRig, doorId } from "../support/door-rig.ts";
import { Onlooker } from "../support/mqtt-kit.ts";

const hasTool = existsSync("/usr/bin/mosquitto_pub");
const reason = hasTool ? "" : " (left out: the Debian package mosquitto-clients is not installed)";

/** As an operator does it: the shipped command makes, adds and uses a key; a common client sends what it signed. */
describe.skipIf(!hasTool)(`a door that takes signed requests only${reason}`, () => {
  let rig: DoorRig;
  let onlooker: Onlooker;
  const base = `lintel/${doorId}`;

  beforeAll(async () => {
    // requireSync: the machine of the test may have nobody who vouches for its clock.
    rig = await DoorRig.prepare({
      hasWorld: false,
      config: { clock: { requireSync: false } },
    });
    rig.configure({ mqtt: { port: rig.mqttPort, requests: "signed" } });
    await rig.startDaemon();
    onlooker = await Onlooker.connect(`mqtt://127.0.0.1:${rig.mqttPort}`);
  });
  afterAll(async () => {
    await onlooker?.end();
    await rig?.stop();
  });

  const keyFile = () => join(rig.folder, "key.jwk");

  async function keys(...args: string[]): Promise<string> {
    const main = `${root}dist/cli/main.js`;
    return (await promisify(execFile)(process.execPath, [main, "keys", ...args])).stdout;
  }

  const sign = (request: string, data = "{}") => keys("sign", "--key", keyFile(), "--door", doorId, request, data);

  /** mosquitto_pub, as in the manual: what is published comes from standard input. */
  function publish(request: string, payload: string): void {
    const topic = `${base}/request/${request}`;
    const args = ["-h", "127.0.0.1", "-p", `${rig.mqttPort}`, "-t", topic, "-q", "1", "-s"];
    expect(spawnSync("mosquitto_pub", args, { input: payload }).status).toBe(0);
  }

  async function answerTo(request: string, payload: string, transaction: string): Promise<Record<string, unknown>> {
    publish(request, payload);
    const { text } = await onlooker.waitFor(`${base}/response/${request}`, (answer) => answer.includes(transaction));
    return JSON.parse(text) as Record<string, unknown>;
  }

  it("opens for a key that was added on the machine, and writes down whose it was", async () => {
    await keys("generate", "--out", keyFile());
    expect(JSON.parse(readFileSync(keyFile(), "utf8"))).toHaveProperty("d");
    await keys("add", keyFile(), "--name", "porter", "--role", "open", "--config", rig.configFile);
    const mark = await rig.mark();
    const jws = await sign("door/unlock", '{"seconds":1,"transaction":"first"}');
    expect(await answerTo("door/unlock", jws, "first")).toMatchObject({ status: "ok", data: { openSeconds: 1 } });
    await rig.opened(mark);
    await rig.locked(mark, 3000);
  });

  it("opens neither for the same message again, nor for one that nobody signed, nor beyond the role", async () => {
    const jws = await sign("door/unlock", '{"seconds":1,"transaction":"second"}');
    const mark = await rig.mark();
    await answerTo("door/unlock", jws, "second");
    await rig.locked(mark, 3000);
    const later = await rig.mark();
    await answerTo("door/unlock", jws, "replayed");
    await answerTo("door/unlock", '{"seconds":1}', "unsigned");
    await answerTo("door/mode", await sign("door/mode", '{"mode":"passage"}'), "beyond the roles");
    expect(await rig.openings(later)).toEqual([]);
  });

  it("does not open for a message that was captured before a restart", async () => {
    const jws = await sign("door/unlock", '{"seconds":1,"transaction":"third"}');
    const mark = await rig.mark();
    await answerTo("door/unlock", jws, "third");
    await rig.locked(mark, 3000);
    rig.daemon.kill("SIGKILL");
    await rig.daemon.ended;
    await onlooker.end();
    await rig.startDaemon();
    onlooker = await Onlooker.connect(`mqtt://127.0.0.1:${rig.mqttPort}`);
    const later = await rig.mark();
    await answerTo("door/unlock", jws, "replayed");
    expect(await rig.openings(later)).toEqual([]);
  });

  it("forgets a key at once when it is removed", async () => {
    await keys("remove", "porter", "--config", rig.configFile);
    const mark = await rig.mark();
    await answerTo("door/unlock", await sign("door/unlock"), "unknown-key");
    expect(await rig.openings(mark)).toEqual([]);
  });
});
