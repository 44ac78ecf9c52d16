import { describe, expect, test } from "vitest";
import { isAllowedResponseTopic, topicsOf } from "../../../../src/daemon/mqtt/topics.ts";

const topics = topicsOf("demo");

test.each(["", "a/b", "a+", "#", "a b", "é", "x".repeat(65), "a\n"])(
  "the door id %j never becomes part of a topic",
  (id) => {
    expect(() => topicsOf(id)).toThrow(/door id/);
  },
);

test("a request's name is what follows the door's own request topic", () => {
  expect(topics.requestName("lintel/demo/request/people/photo/dana")).toBe("people/photo/dana");
  expect(topics.requestName("lintel/demo2/request/door/unlock")).toBeUndefined();
  expect(topics.requestName("lintel/demo/response/door/unlock")).toBeUndefined();
});

test.each(["", "/", "a//b", "a+b", "#", "a\u0000", "x".repeat(65), "a/b/c/d/e"])(
  "the name %j is answered nowhere",
  (name) => {
    expect(topics.responseTopic(name)).toBeUndefined();
  },
);

describe("where an answer may go", () => {
  test.each([
    ["answers/client-1", true],
    ["lintel/demo/response/mine", true],
    ["lintel/demo/response/door/unlock", true],
    ["lintel/demo/request/door/unlock", false],
    ["lintel/demo/state", false],
    ["lintel/other/response/x", false],
    ["lintel-fleet/site/person/dana", false],
    ["homeassistant/device/x/config", false],
    ["$SYS/x", false],
    ["$share/g/x", false],
    ["a/+/b", false],
    ["a/#", false],
    ["a\u0000b", false],
    ["", false],
    ["x".repeat(257), false],
  ])("%j: %s", (topic, expected) => {
    expect(isAllowedResponseTopic(topic, topics)).toBe(expected);
  });

  test("an answer is no way to announce devices under a discovery prefix of one's own", () => {
    expect(isAllowedResponseTopic("ha/device/x/config", topicsOf("demo", "ha"))).toBe(false);
    expect(isAllowedResponseTopic("homeassistant/device/x/config", topicsOf("demo", "ha"))).toBe(false);
  });
});
