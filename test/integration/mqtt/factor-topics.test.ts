import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { ruleDefinition } from "../../../src/daemon/access/definitions.ts";
import { FactorTopics } from "../../../src/daemon/mqtt/factor-topics.ts";
import { memoryHouse, smallJpeg } from "../../support/memory-house.ts";
import { base, mqttHouse } from "../../support/mqtt-house.ts";
import { Onlooker } from "../../support/mqtt-kit.ts";

/** Second factors of the building's own systems, from a real client over a real broker to the rules. */

let rig: ReturnType<typeof mqttHouse>;
let client: Onlooker;

beforeEach(async () => {
  const house = memoryHouse();
  await house.people.add("dana", { name: "Dana" }, [{ file: "a.jpg", bytes: smallJpeg }], "test");
  const { access } = house.context;
  access.putRule(ruleDefinition.parse({ id: "all", groups: ["*"], secondFactor: "any" }), "test");
  access.putBadge("04A2B3", { person: "dana", isDuress: false }, "test");
  const topics = { presence: "building/presence", badge: "building/badges" };
  const listeners = [new FactorTopics({ topics, factors: access, logger: silentLogger })];
  rig = mqttHouse({ config: { port: 0 }, house, listeners });
  await rig.service.start();
  client = await Onlooker.connect(rig.service.url ?? "");
  await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
});

afterEach(async () => {
  await client.end();
  await rig.service.stop();
});

/** The answer to a request comes after what was published before it was taken. */
const explained = async () => (await client.ask(base, "access/explain", { person: "dana" })).data;
const publish = (topic: string, text: string, retain = false) =>
  client.client.publishAsync(topic, text, { qos: 1, retain });

test("without one the person is asked for it", async () => {
  expect(await explained()).toMatchObject({ ok: false, reason: "second-factor-missing" });
});

test.each([
  ["a presence message", "building/presence", '{"person":"dana"}'],
  ["a badge by its number", "building/badges", "04:a2:b3"],
  ["a badge reader that knows its people", "building/badges", '{"person":"dana"}'],
])("%s is taken for the person", async (_name, topic, text) => {
  await publish(topic, text);
  expect(await explained()).toMatchObject({ ok: true, rule: "all" });
});

test("a badge by request is taken for the person", async () => {
  expect(await client.ask(base, "access/badge", { badge: "04a2b3" })).toMatchObject({ status: "ok" });
  expect(await explained()).toMatchObject({ ok: true });
});

test("what was said before we connected says nothing about now", async () => {
  await publish("building/presence", "dana", true);
  expect(await explained()).toMatchObject({ ok: true });
  const dana = rig.house.people.get("dana");
  if (!dana) throw new Error("dana is enrolled");
  rig.house.access.entered(dana);
  rig.service.dropConnection();
  await client.waitFor(`${base}/availability`, (text) => text.includes("offline"));
  client.seen.length = 0;
  await client.waitFor(`${base}/availability`, (text) => text.includes("online"));
  expect(await explained()).toMatchObject({ ok: false, reason: "second-factor-missing" });
});
