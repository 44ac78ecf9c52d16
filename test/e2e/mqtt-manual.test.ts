import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishedTopics } from "../../src/daemon/mqtt/manual/published.ts";
import { answerMessage } from "../../src/daemon/mqtt/messages.ts";
import { topicsOf } from "../../src/daemon/mqtt/topics.ts";
import { actorNamed, enrolmentPhoto } from "../../src/simulation/cast.ts";
import { roles } from "../../src/simulation/roles.ts";
import { DoorRig } from "../support/door-rig.ts";
import { hasMosquitto, Mosquitto, Onlooker, until } from "../support/mqtt-kit.ts";
import { differences, readManual } from "../support/mqtt-manual.ts";
import { readSample } from "../support/sample-photos.ts";
import { castFor, openTestNetworks } from "../support/vision-kit.ts";

/** Every example of docs/mqtt.md, typed as it stands there, in its order, against a running daemon. */

const hasClients = hasMosquitto && existsSync("/usr/bin/mosquitto_pub");
const reason = hasClients ? "" : " (left out: the Debian packages mosquitto and mosquitto-clients are not installed)";
const topics = topicsOf("front");
const tamper = 3;
const examples = readManual();
const answerDeadlineMs = 30_000;

describe.skipIf(!hasClients)(`the MQTT manual${reason}`, () => {
  let rig: DoorRig;
  let broker: Mosquitto;
  let onlooker: Onlooker;

  beforeAll(async () => {
    broker = await Mosquitto.make();
    await broker.start();
    rig = await DoorRig.prepare({ hasWorld: false });
    const at = (name: string) => join(rig.folder, name);
    for (const folder of ["clients", "photographs", "paintings"]) mkdirSync(at(folder));
    for (const client of ["pub", "sub", "rr"]) {
      writeFileSync(at(`clients/mosquitto_${client}`), `-h 127.0.0.1\n-p ${broker.port}\n`);
    }
    // No world has measured the cast before this one: none runs here.
    const cast = await castFor(await openTestNetworks());
    const portraitOf = (actor: string) => enrolmentPhoto(actorNamed(cast, actor));
    writeFileSync(at("dana.jpg"), await portraitOf(roles.enrolled));
    writeFileSync(at("robin.jpg"), await portraitOf(roles.newcomer));
    writeFileSync(at("photographs/lake.jpg"), readSample("sample3.jpg"));
    writeFileSync(at("paintings/waves.jpg"), readSample("sample4.jpg"));
    // A file that was just written may still be half of one: the queue takes it a few seconds later.
    const aMinuteAgo = Date.now() / 1000 - 60;
    for (const picture of ["photographs/lake.jpg", "paintings/waves.jpg"])
      utimesSync(at(picture), aMinuteAgo, aMinuteAgo);
    rig.configure({
      door: { id: "front" },
      mqtt: { url: broker.url, homeAssistant: { enabled: true } },
      access: { presenceTopic: "building/presence", badgeTopic: "building/badge" },
      gpio: {
        ...{ driver: "simulated", socketPath: rig.chipSocket, outputs: { strike: { line: 0 } } },
        inputs: { tamper: { line: tamper } },
      },
      fleet: { site: "example", owner: "A".repeat(43) },
      // Nothing is painted while this runs.
      art: {
        ...{ contentDirectory: at("photographs"), styleDirectory: at("paintings"), picturesPerNight: 0 },
        window: { from: "0 3 29 2 *", until: "5 3 29 2 *" },
      },
    });
    await rig.startDaemon();
    onlooker = await Onlooker.connect(broker.url, { protocolVersion: 5 }, "#");
    await onlooker.waitFor(topics.availability, (text) => text.includes("online"));
    await rig.chip.drive(tamper, 1);
    await onlooker.waitFor(topics.state, (text) => text.includes("tamper"));
    // Stands in for the painter, who needs a night for it.
    await onlooker.client.publishAsync(topics.picture, Buffer.from(readSample("sample1.jpg")), {
      qos: 1,
      retain: true,
    });
  });

  afterAll(async () => {
    await onlooker?.end();
    await rig?.stop();
    await broker?.dispose();
  });

  /** What somebody at a terminal sees. */
  function type(command: string) {
    const environment = { ...process.env, XDG_CONFIG_HOME: join(rig.folder, "clients"), HOME: rig.folder };
    const child = spawn("bash", ["-euo", "pipefail", "-c", command], { cwd: rig.folder, env: environment });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      errors += data;
    });
    const ended = once(child, "close").then(([code]) => {
      if (code !== 0) throw new Error(`${command}\nended with ${code}: ${errors}`);
      return output.trim();
    });
    return { ended, isRunning: () => child.exitCode === null };
  }

  async function sees(command: string, topic: string): Promise<string> {
    const subscriber = type(command);
    const isKept = topic !== topics.event && topic !== topics.live;
    // What is not kept happens again and again until it has been heard.
    while (!isKept && subscriber.isRunning()) {
      await rig.ask("door/unlock", { seconds: 1 });
      await rig.ask("door/lock");
      await rig.untilLocked();
    }
    return subscriber.ended;
  }

  const published = examples.filter(({ command }) => /^mosquitto_sub -t lintel\/\S+ -C 1/.test(command));
  it.each(published)("shows $title", async ({ command, title, result }) => {
    const output = await sees(command, title);
    const { message } = publishedTopics.find(({ topic }) => topics[topic] === title) ?? {};
    if (message === null || message === undefined) {
      expect(readFileSync(join(rig.folder, "picture.jpg"))).toEqual(Buffer.from(readSample("sample1.jpg")));
      return;
    }
    const said: unknown = JSON.parse(output);
    expect(message.safeParse(said).error).toBeUndefined();
    expect(differences(JSON.parse(result ?? "null"), said)).toEqual([]);
  });

  it("shows every topic on which the door speaks", () => {
    expect(published.map(({ title }) => title)).toEqual(publishedTopics.map(({ topic }) => topics[topic]));
  });

  it("shows a request whose answer the client waits for", async () => {
    const [example] = examples.filter(({ command }) => command.startsWith("mosquitto_rr"));
    const answer: unknown = JSON.parse(await type(example?.command ?? "").ended);
    expect(answer).toMatchObject({ status: "ok", data: { openSeconds: 5 } });
  });

  const requests = examples.filter(({ result }) => result?.includes("/response/"));
  it.each(requests)("shows the request $title with its answer", async ({ command, result }) => {
    const [, topic = "", shown = ""] = /^(\S+) (.+)$/.exec(result ?? "") ?? [];
    const before = onlooker.on(topic).length;
    await type(command).ended;
    await until(`an answer on ${topic}`, () => onlooker.on(topic).length > before, answerDeadlineMs);
    const answer: unknown = JSON.parse(onlooker.on(topic)[before]?.text ?? "null");
    expect(answerMessage.safeParse(answer).error).toBeUndefined();
    expect(answer).toMatchObject({ status: "ok" });
    expect(differences(JSON.parse(shown), answer)).toEqual([]);
  });

  it("shows the announcement to Home Assistant, and how it is had again", async () => {
    const [example] = examples.filter(({ title }) => title === "Home Assistant");
    // The last request above was to restart: the next daemon finds its folder and its topics free once that one has ended.
    await rig.daemon.ended;
    await onlooker.waitFor(topics.availability, (text) => text.includes("offline"));
    await rig.startDaemon();
    await until("online", () => onlooker.on(topics.availability).at(-1)?.text.includes("online") === true);
    const before = onlooker.on("homeassistant/device/lintel_front/config").length;
    const announced = JSON.parse(await type(example?.command ?? "").ended) as { components: object };
    expect(Object.keys(announced.components)).toContain("lock");
    await until("announced again", () => onlooker.on("homeassistant/device/lintel_front/config").length > before);
  });

  it("shows what the building says, in words the door understands", async () => {
    const from = rig.daemon.lines.length;
    const [example] = examples.filter(({ title }) => title === "Systems of the building");
    await type(example?.command ?? "").ended;
    // The badge was given back above: that is what the door complains of, and of nothing else.
    await until("the badge was read", () =>
      rig.daemon.lines
        .slice(from)
        .some(({ text }) => text.includes("04A2") || text.includes("second factor not taken")),
    );
    expect(rig.daemon.lines.slice(from).filter(({ msg }) => msg.includes("names neither"))).toEqual([]);
  });
});
