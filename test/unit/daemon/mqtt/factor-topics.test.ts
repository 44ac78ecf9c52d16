import { describe, expect, it } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import { FactorTopics, readFactor } from "../../../../src/daemon/mqtt/factor-topics.ts";
import type { MqttMessage } from "../../../../src/daemon/mqtt/session.ts";
import { listeningLogger } from "../../../support/memory-house.ts";

describe("a message of a badge reader or presence service", () => {
  const table: [string, string, "badge" | "presence", object | null][] = [
    ["names a person", '{"person": "dana"}', "presence", { person: "dana" }],
    ["is the id alone", "dana\n", "presence", { person: "dana" }],
    ["names the person of a badge", '{"person": "dana"}', "badge", { person: "dana" }],
    ["names a badge as it is kept", '{"badge": "04:a2-B3"}', "badge", { badge: "04A2B3" }],
    ["is the number alone", "04 ".trim().concat("a2b3"), "badge", { badge: "04A2B3" }],
    ["with a badge where presence is meant counts for nobody", '{"badge": "04A2"}', "presence", null],
    ["with both counts for nobody", '{"badge": "04A2", "person": "dana"}', "badge", null],
    ["with something else besides counts for nobody", '{"person": "dana", "door": "x"}', "badge", null],
    ["with an id that is none counts for nobody", "../dana", "presence", null],
    ["that is a list counts for nobody", '["dana"]', "presence", null],
    ["that is half an object counts for nobody", '{"person": "dana"', "presence", null],
    ["that is empty counts for nobody", "", "presence", null],
    ["that is long counts for nobody", `{"person": "dana"}${" ".repeat(2000)}`, "presence", null],
    ["with a number for a name counts for nobody", '{"person": 5}', "presence", null],
  ];
  it.each(table)("%s", (_name, text, kind, expected) => {
    expect(readFactor(Buffer.from(text), kind)).toEqual(expected);
  });
});

describe("topics of second factors", () => {
  function rig() {
    const taken: object[] = [];
    const { logger, lines } = listeningLogger();
    const topics = new FactorTopics({
      topics: { presence: "house/presence", badge: "house/badges" },
      factors: {
        shown: (event) => taken.push(event),
        badgeShown: (badge) => {
          if (badge === "BAD00") throw new LintelError("LINTEL_E_NOT_FOUND", "nobody has this badge");
          taken.push({ badge });
        },
      },
      logger,
    });
    const send = (topic: string, text: string, changes: Partial<MqttMessage> = {}) =>
      topics.message({
        ...{ topic, payload: Buffer.from(text), isRetained: false, isDuplicate: false },
        ...{ responseTopic: undefined, correlationData: undefined, expiresInMs: undefined },
        ...changes,
      });
    return { topics, taken, lines, send };
  }

  it("are subscribed, each one even when another is refused", async () => {
    const { topics, lines } = rig();
    const subscribed: string[] = [];
    await topics.connected({
      ...{ protocolVersion: 5, receiveMaximum: 10, publish: async () => {} },
      subscribe: async (filter) => {
        if (filter === "house/presence") throw new Error("not authorised");
        subscribed.push(filter);
      },
    });
    expect(subscribed).toEqual(["house/badges"]);
    expect(lines).toMatchObject([{ level: "error", fields: { topic: "house/presence" } }]);
  });

  it("give what they say to the rules, with its kind", () => {
    const { taken, send } = rig();
    send("house/presence", "dana");
    send("house/badges", "04a2b3");
    send("house/badges", '{"person":"dana"}');
    send("house/other", "dana");
    expect(taken).toEqual([
      { kind: "presence", person: "dana" },
      { badge: "04A2B3" },
      { kind: "badge", person: "dana" },
    ]);
  });

  it("never count a retained message or a repeated delivery", () => {
    const { taken, send } = rig();
    send("house/presence", "dana", { isRetained: true });
    send("house/badges", "04a2b3", { isDuplicate: true });
    expect(taken).toEqual([]);
  });

  it("survive a badge that nobody has, and do not log its number", () => {
    const { taken, lines, send } = rig();
    send("house/badges", "bad00");
    send("house/badges", "!");
    expect(taken).toEqual([]);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines).toUpperCase()).not.toContain("BAD00");
  });
});
